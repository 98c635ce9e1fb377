// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Routing;

namespace Beffroi.Calls.Applications;

/// <summary>Says why not, before the call costs the caller anything (early media), then refuses.</summary>
internal sealed class Announcement(CallPlan.Refused refused, ICallSounds sounds) : ICallApplication
{
    public string Name => "announcement";

    public async Task RunAsync(ICallContext call, CancellationToken hangup)
    {
        if (refused.Prompt is { } prompt && sounds.Prompt(prompt, call.Language) is { } clip) await call.PlayAsync(clip, hangup);
        await call.EndAsync(refused.Refusal);
    }
}
