// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Media.Prompts;

namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>Words that several applications say.</summary>
public static class CallSounds
{
    /// <summary>Answers, says some prompts, and ends the call.</summary>
    public static async Task SayAndEndAsync(this ICallContext call, PromptLibrary prompts, params IReadOnlyList<string> names)
    {
        await call.AnswerAsync();
        await call.PlayAsync(prompts.Phrase(names, call.Language));
        await call.EndAsync();
    }
}
