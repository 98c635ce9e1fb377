// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Server.Features.CallControl.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Forwarding.Contract;

namespace Beffroi.Server.Features.CallControl.Applications;

/// <summary>A call to an extension: its devices ring together, and the person's rules say what happens when nobody takes it.</summary>
internal sealed class ExtensionCall(Extension callee, IRingTargets targets, IForwarding forwarding, IDestinations destinations) : ICallApplication
{
    /// <summary>How long a set rings where no forward is set; the caller usually gives up before.</summary>
    private static readonly TimeSpan LongestRing = TimeSpan.FromSeconds(90);

    public string Name => "extension";

    public async Task RunAsync(ICallContext call, CancellationToken hangup)
    {
        ArgumentNullException.ThrowIfNull(call);
        var rules = callee.PersonId is { } person ? forwarding.Of(person) : null;
        if (rules is { DoNotDisturb: true })
        {
            await GoOnAsync(call, rules.Busy, DiversionReason.DoNotDisturb, Busy);
            return;
        }

        if (rules?.Immediate is { } always)
        {
            await GoOnAsync(call, always, DiversionReason.Unconditional, Unreachable);
            return;
        }

        var devices = targets.ToExtension(callee, call.Caller, call.Diversions);
        var outcome = devices.Count == 0
            ? new RingOutcome(RingResult.Unreachable, 480)
            : await call.RingAsync(new RingRequest { Targets = devices, Timeout = rules?.NoAnswer is null ? LongestRing : rules.NoAnswerAfter }, hangup);
        switch (outcome.Result)
        {
            case RingResult.Answered or RingResult.Stopped:
                return;
            case RingResult.Deflected:
                await call.RouteAsync(outcome.DeflectedTo!, new Diversion(call.Called, DiversionReason.Deflection));
                return;
            case RingResult.Busy:
                await GoOnAsync(call, rules?.Busy, DiversionReason.UserBusy, Busy);
                return;
            case RingResult.NoAnswer:
                await GoOnAsync(call, rules?.NoAnswer, DiversionReason.NoAnswer, NoAnswer);
                return;
            case RingResult.Declined:
                await GoOnAsync(call, rules?.Busy, DiversionReason.UserBusy, Declined);
                return;
            default:
                await GoOnAsync(call, rules?.Unreachable, DiversionReason.Unavailable, Unreachable);
                return;
        }
    }

    private static Refusal Busy { get; } = new("call.busy", RefusalKind.Conflict, 486, "The called party is busy.") { Cause = 17 };

    private static Refusal NoAnswer { get; } = new("call.no-answer", RefusalKind.Unavailable, 480, "Nobody answered.") { Cause = 19 };

    private static Refusal Declined { get; } = new("call.declined", RefusalKind.Conflict, 603, "The called party declined.") { Cause = 21 };

    private static Refusal Unreachable { get; } = new("call.unreachable", RefusalKind.Unavailable, 480, "No device of the called party can be reached.") { Cause = 20 };

    private Task GoOnAsync(ICallContext call, Destination? to, DiversionReason reason, Refusal otherwise)
    {
        if (to is not { Kind: not DestinationKind.None } destination) return call.EndAsync(otherwise);
        var diversion = new Diversion(call.Called, reason);
        var plan = destinations.Plan(destination, new CallRequest
        {
            Caller = call.Caller,
            Dialled = destination.Target,
            At = call.Now,
            FromTrunk = call.FromTrunk,
            Diversions = [.. call.Diversions, diversion],
            OnBehalfOf = call.Called,
        });
        return call.ContinueAsync(plan, diversion);
    }
}
