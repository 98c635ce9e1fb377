// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media.Codecs;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;

namespace Beffroi.Server.Features.HuntGroups;

/// <summary>Rings a group's members for the time it has, all together or one after the other, until somebody answers; then overflows.</summary>
/// <remarks>A member's forwardings do not count here, be they the server's or a 302 of the telephone itself: the call is the group's, and the next member is nearer than
/// a member's mobile or voicemail.</remarks>
internal sealed class HuntGroupApplication(HuntGroup group, RingSound? sound, IOnward onward, Func<ICallContext, RingAs> shown, HuntDesk desk) : ICallApplication
{
    /// <summary>What is left of the time is not worth a ringing below this; a ringing that ended sooner than this before its time was ended by the member.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    public string Name => "hunt-group";

    public async Task RunAsync(ICallContext call, CancellationToken hangup)
    {
        var hunt = new Hunt(call, group, desk, shown(call));
        var began = call.Time.GetTimestamp();
        AudioClip? message = null;
        while (group.Timeout - call.Time.GetElapsedTime(began) is var left && left >= Least && hunt.Next() is { Count: > 0 } targets)
        {
            if (message is null && sound is not null) call.PlayLoop(message = sound.Clip(call.Language));
            var ring = hunt.Each < left ? hunt.Each : left;
            var started = call.Time.GetTimestamp();
            var outcome = await call.RingAsync(
                new RingRequest { Targets = targets, Timeout = ring, WhileRinging = message, PlayEarly = sound?.Early ?? false, SoundGoesOn = message is not null, FollowsDeflection = false }, hangup);
            if (outcome.Result == RingResult.Answered) desk.Answered(group, outcome.By, call.Now);
            if (outcome.Result is RingResult.Answered or RingResult.Stopped) return;
            if (call.Time.GetElapsedTime(started) <= ring - Least) hunt.Refused();
        }

        if (message is not null) call.StopPlaying();
        await OverflowAsync(call);
    }

    private async Task OverflowAsync(ICallContext call)
    {
        call.Served(Name, "overflowed", group.Number.Reveal());
        var plan = onward.To(group.Overflow, group.OrganisationId, call);
        if (plan is CallPlan.Refused refused) await call.EndAsync(group.Overflow.Kind == DestinationKind.None ? NobodyAnswered : refused.Refusal);
        else await call.ContinueAsync(plan, new Diversion(call.Called, DiversionReason.NoAnswer));
    }

    private static Refusal NobodyAnswered { get; } = new("hunt-groups.no-answer", RefusalKind.Unavailable, 480, "Nobody of the group answered.") { Cause = 19 };

    /// <summary>Whose turn it is in one call. Chosen at each turn: somebody may have logged in or plugged in a telephone meanwhile.</summary>
    private sealed class Hunt(ICallContext call, HuntGroup group, HuntDesk desk, RingAs how)
    {
        private readonly HashSet<Guid> _rung = [], _refused = [];
        private Guid? _last;

        /// <summary>How long one turn rings.</summary>
        public TimeSpan Each => group.Strategy == HuntStrategy.RingAll ? group.Timeout : group.MemberRing;

        /// <summary>Whoever was rung last wants no call of the group now, and is not asked again for this one; all, when all were rung together.</summary>
        public void Refused()
        {
            if (_last is { } member) _refused.Add(member);
            else _refused.UnionWith(group.Members.Select(m => m.Extension));
        }

        /// <summary>The telephones to ring next; empty when nobody is there to ring.</summary>
        public IReadOnlyList<RingTarget> Next()
        {
            var turns = desk.Turns(group, call.Caller, call.CallId).Where(member => !_refused.Contains(member)).ToList();
            if (group.Strategy == HuntStrategy.RingAll) return [.. turns.SelectMany(member => desk.TargetsOf(member, how))];
            var targets = NextOf(turns.Where(member => !_rung.Contains(member)));
            if (targets.Count > 0) return targets;
            _rung.Clear();                                                  // everybody had a turn: round again
            return NextOf(turns);
        }

        private IReadOnlyList<RingTarget> NextOf(IEnumerable<Guid> turns)
        {
            foreach (var member in turns)
            {
                if (desk.TargetsOf(member, how) is not { Count: > 0 } targets) continue;         // logged in, but with no telephone connected
                _rung.Add(member);
                _last = member;
                desk.Rung(group, member, call.Now);
                return targets;
            }

            return [];
        }
    }
}
