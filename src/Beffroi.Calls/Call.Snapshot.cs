// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Calls;

/// <summary>Writing a call down and taking one up (docs/adr/0005-take-over.md).</summary>
public sealed partial class Call
{
    /// <summary>Null when nothing of the call is established: its caller dials again.</summary>
    private CallSnapshot? WriteDown()
    {
        if (_over) return null;
        var legs = new List<LegSnapshot>(2);
        foreach (var leg in new[] { _served, _peer })
        {
            if (leg is null) continue;
            if (WriteDown(leg) is not { } written) return null;
            legs.Add(written);
        }

        if (legs.Count == 0) return null;
        return new CallSnapshot
        {
            Id = Id,
            Began = Began,
            Caller = _caller,
            Called = _called,
            Dialled = _dialled,
            FromTrunk = FromTrunk,
            Emergency = Emergency,
            Sequence = _sequence,
            PersonAnswered = _personAnswered,
            ServiceAnswered = _serviceAnswered,
            TalkSeconds = _talkSeconds + (_talkingSince == 0 ? 0 : _exchange.Time.GetElapsedTime(_talkingSince).TotalSeconds),
            MaxDuration = _limit,
            Legs = legs,
            Application = _script?.Name,
            Checkpoint = _script?.Checkpoint,
        };
    }

    private static LegSnapshot? WriteDown(CallLeg leg)
    {
        if (leg.State != LegState.Connected || leg.Session?.Snapshot() is not { } session || leg.Media.WriteDown() is not { } media) return null;
        return new LegSnapshot
        {
            Id = leg.Id,
            Party = leg.Party,
            Inbound = leg.Inbound,
            HoldsOther = leg.HoldsOther,
            HeldByServer = leg.HeldByServer,
            Session = session,
            Media = media,
            Codecs = leg.Media.Policy,
            HasChannel = leg.Channel is not null,
        };
    }

    /// <summary>Goes on where another process stopped. Runs in the mailbox, as its first message.</summary>
    /// <param name="application">The script to resume; null when the parties speak.</param>
    /// <param name="channels">Takes a channel of a trunk again.</param>
    internal bool TakeUp(CallSnapshot written, ICallApplication? application, Func<Guid, IDisposable?> channels)
    {
        (_sequence, _personAnswered, _serviceAnswered, _talkSeconds) = (written.Sequence, written.PersonAnswered, written.ServiceAnswered, written.TalkSeconds);
        Emergency = written.Emergency;
        foreach (var leg in written.Legs)
        {
            if (TakeUp(leg, channels)) continue;
            Finish(CallOutcome.Failed, 503, "take-over-failed");
            return false;
        }

        _served = _legs[0];
        _peer = _legs.Count > 1 ? _legs[1] : null;
        ArmLongest(written.MaxDuration ?? _exchange.Options.MaxDuration);
        if (_peer is not null)
        {
            OpenTalk();
            Rejoin();
        }
        else if (application is not null)
        {
            Run(new CallScript(this, _served, application, _called, _dialled, []));
        }
        else
        {
            Finish(Outcome(CallOutcome.Failed), 503, "take-over-failed");
            return false;
        }

        Show();
        return true;
    }

    private bool TakeUp(LegSnapshot written, Func<Guid, IDisposable?> channels)
    {
        var leg = new CallLeg(this, written.Party, written.Inbound)
        {
            Id = written.Id,
            State = LegState.Connected,
            HoldsOther = written.HoldsOther,
            HeldByServer = written.HeldByServer,
            Channel = written is { HasChannel: true, Party.Trunk: { } trunk } ? channels(trunk) : null,
        };
        leg.Media = new LegMedia(_exchange, leg, written.Codecs ?? _exchange.Options.Codecs);
        if (!leg.Media.TryTakeUp(written.Media))
        {
            leg.Channel?.Dispose();
            return false;
        }

        leg.Session = SipSession.Restore(_exchange.Stack, written.Session, leg);
        leg.Session.Owner = leg;
        Include(leg);
        return true;
    }
}
