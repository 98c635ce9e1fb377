// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.DialPlan.Contract;

namespace Beffroi.Server.Features.DialPlan.Applications;

/// <summary>Plays a prompt and ends the call.</summary>
internal sealed class AnnouncementApplication(string prompt, PromptLibrary prompts) : ICallApplication
{
    public string Name => "announcement";

    public Task RunAsync(ICallContext call, CancellationToken hangup) => call.SayAndEndAsync(prompts, prompt);
}

/// <summary>Notes that the call was sent on, and sends it.</summary>
internal sealed class DivertedApplication(Diversion diversion, CallPlan then) : ICallApplication
{
    public string Name => "forwarding";

    public Task RunAsync(ICallContext call, CancellationToken hangup) => call.ContinueAsync(then, diversion);
}
