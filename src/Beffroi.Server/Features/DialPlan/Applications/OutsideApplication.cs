// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.DialPlan.Contract;

namespace Beffroi.Server.Features.DialPlan.Applications;

/// <summary>Goes out through the trunks, one after the other until one takes the call.</summary>
/// <param name="began">Told once when the call begins: emergency calls are alerted so.</param>
/// <param name="say">For a caller who was answered before: says why the call did not come about, where others hear it from their own telephone.</param>
internal sealed class OutsideApplication(string name, OutsideCall outside, ITrunkLines trunks, Action<ICallContext>? began, PromptLibrary? say = null) : ICallApplication
{
    /// <summary>The public network has its own, shorter limits; this one ends a call that it forgot.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    public string Name => name;

    public async Task RunAsync(ICallContext call, CancellationToken hangup)
    {
        began?.Invoke(call);
        var how = outside.As with { Caller = call.Caller, Diversions = call.Diversions };
        var last = new RingOutcome(RingResult.Unreachable, 503);
        foreach (var target in trunks.For(outside with { As = how }))
        {
            last = await call.RingAsync(new RingRequest { Targets = [target], Timeout = Longest }, hangup);
            if (!(outside.Emergency ? GoesOnForHelp(last) : GoesOn(last))) break;
        }

        if (last.Result is RingResult.Answered or RingResult.Stopped) return;
        if (say is not null) await call.PlayAsync(say.Find(PromptOf(last), call.Language), hangup);
        await call.EndAsync(RefusalOf(last));
    }

    /// <summary>Another trunk is tried when this one did not take the call; never when the called party itself said no.</summary>
    private static bool GoesOn(RingOutcome outcome) => outcome.Result is RingResult.Unreachable or RingResult.Declined && outcome.Status is 408 or 403 or >= 500 and < 600;

    /// <summary>An operator that does not know "112" (404, 484) or will not carry it is not the last word: only an answer, a centre that is busy and a caller who has gone are.</summary>
    private static bool GoesOnForHelp(RingOutcome outcome) => outcome.Result is not (RingResult.Answered or RingResult.Stopped or RingResult.Busy);

    private static string PromptOf(RingOutcome outcome) => outcome.Result switch
    {
        RingResult.Busy => "busy",
        RingResult.NoAnswer => "no-answer",
        _ when outcome.Status is 404 or 604 => "number-unknown",
        _ => "unavailable",
    };

    private static Refusal RefusalOf(RingOutcome outcome) => outcome.Result switch
    {
        RingResult.Busy => Routing.Refusals.Busy,
        RingResult.NoAnswer => Routing.Refusals.NoAnswer,
        _ when outcome.Status is >= 400 and < 700 =>
            new Refusal("calls.outside-refused", RefusalKind.Unavailable, outcome.Status, "The public network refused the call."),
        _ => new Refusal("trunks.none-available", RefusalKind.Unavailable, 503, "No trunk took the call.") { Cause = 34 },
    };
}
