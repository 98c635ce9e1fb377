// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;

namespace Beffroi.Server.Features.HuntGroups;

/// <summary>Rings a group's members round by round until somebody answers, then overflows.</summary>
internal sealed class HuntGroupApplication(HuntGroup group, RingSound? sound, IOnward onward, Func<ICallContext, RingAs> shown, HuntDesk desk) : ICallApplication
{
    public string Name => "hunt-group";

    public async Task RunAsync(ICallContext call, CancellationToken hangup)
    {
        var how = shown(call);
        foreach (var round in desk.Rounds(group, call.Caller))
        {
            var targets = desk.TargetsOf(round, how);
            if (targets.Count == 0) continue;                                // logged in, but with no phone connected
            desk.Rung(group, round, call.Now);
            var outcome = await call.RingAsync(new RingRequest { Targets = targets, Timeout = round.Ring, WhileRinging = sound?.Clip, PlayEarly = sound?.Early ?? false }, hangup);
            if (outcome.Result == RingResult.Answered) desk.Answered(group, outcome.By, call.Now);
            if (outcome.Result is RingResult.Answered or RingResult.Stopped) return;
        }

        call.Served(Name, "overflowed", group.Number.Reveal());
        var plan = onward.To(group.Overflow, group.OrganisationId, call);
        if (plan is CallPlan.Refused refused) await call.EndAsync(group.Overflow.Kind == DestinationKind.None ? NobodyAnswered : refused.Refusal);
        else await call.ContinueAsync(plan, new Diversion(call.Called, DiversionReason.NoAnswer));
    }

    private static Refusal NobodyAnswered { get; } = new("hunt-groups.no-answer", RefusalKind.Unavailable, 480, "Nobody of the group answered.") { Cause = 19 };
}
