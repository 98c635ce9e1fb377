// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Server.Features.CallControl.Contract;
using Beffroi.Server.Features.DialPlan.Contract;

namespace Beffroi.Server.Features.CallControl.Applications;

/// <summary>A call to the public network: the trunks are tried in order until one carries it.</summary>
internal sealed class OutsideCall(CanonicalNumber number, CallerIdentity caller, bool emergency, Guid? site, IRingTargets targets) : ICallApplication
{
    /// <summary>Q.850 "no answer" comes from the operator long before.</summary>
    private static readonly TimeSpan LongestRing = TimeSpan.FromMinutes(3);

    public string Name => emergency ? "emergency" : "outside";

    public async Task RunAsync(ICallContext call, CancellationToken hangup)
    {
        ArgumentNullException.ThrowIfNull(call);
        var ways = targets.ToOutside(number, caller, call.Diversions, emergency, site);
        RingOutcome? last = null;
        var full = false;
        foreach (var way in ways)
        {
            if (!way.TryTake(out var target))
            {
                full = true;
                continue;
            }

            last = await call.RingAsync(new RingRequest { Targets = [target], Timeout = LongestRing }, hangup);
            if (!IsTheTrunksFault(last)) break;
            call.Served("trunk", "failed", way.TrunkName);
        }

        if (last is { Result: RingResult.Answered or RingResult.Stopped }) return;
        await call.EndAsync(Why(last, full));
    }

    /// <summary>Only a failure of the way is worth another one: a busy or missing number is so everywhere (RFC 3261 §21.5; 408: nobody spoke).</summary>
    private static bool IsTheTrunksFault(RingOutcome outcome) =>
        outcome.Result is RingResult.Unreachable && outcome.Status is >= 500 and < 600 or 408 or 430 or 401 or 403 or 407;

    private static Refusal Why(RingOutcome? last, bool full)
    {
        if (last is null)
        {
            return full
                ? new Refusal("trunk.full", RefusalKind.Unavailable, 503, "All channels to the public network are in use.") { Cause = 34 }
                : new Refusal("trunk.none", RefusalKind.Unavailable, 503, "No trunk to the public network is available.") { Cause = 38 };
        }

        var status = last.Status is >= 400 and < 700 ? last.Status : 480;
        return last.Result switch
        {
            RingResult.Busy => new Refusal("call.busy", RefusalKind.Conflict, 486, "The called party is busy.") { Cause = 17 },
            RingResult.NoAnswer => new Refusal("call.no-answer", RefusalKind.Unavailable, 480, "Nobody answered.") { Cause = 19 },
            RingResult.Declined => new Refusal("call.declined", RefusalKind.Conflict, status, "The called party declined.") { Cause = 21 },
            _ => new Refusal("trunk.refused", RefusalKind.Unavailable, status, "The public network did not carry the call."),
        };
    }
}
