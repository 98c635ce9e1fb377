// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media;

namespace Beffroi.Calls;

/// <summary>Offers and answers in the middle of a call, hold, and what is played.</summary>
public sealed partial class Call
{
    private CallLeg? Opposite(CallLeg leg) => leg == _served ? _peer : leg == _peer ? _served : null;

    /// <summary>Opens the sound towards a leg: nothing to do when it is answered, else early media (183, RFC 3960 §3).</summary>
    private static bool EnsureHeard(CallLeg leg, CallLeg? other = null)
    {
        if (leg.State == LegState.Connected || leg.Media.IsDescribed) return leg.Media.Leg is not null;
        if (!leg.Inbound || !leg.Media.HasOffer) return false;
        if (!leg.Media.TryDescribe(other?.Media, out var sdp)) return false;
        leg.State = LegState.Ringing;
        leg.Session!.Progress(183, sdp);
        return true;
    }

    private void StopPlaying(CallLeg leg)
    {
        leg.Media.Leg?.StopPlaying();
        EndPlayWait();
    }

    private void PlayMusic(CallLeg leg) => leg.Media.Leg?.Play(_exchange.Sounds.Music, new PlayOptions(true, ++_playToken));

    private void OnAcked(CallMessage.Acked m)
    {
        if (m.Sdp.IsEmpty) return;
        if (!m.Leg.Media.TryTakeAnswer(m.Sdp))
        {
            LegGone(m.Leg, 488, "no-common-codec", tell: true, "SIP;cause=488;text=\"Not Acceptable Here\"");
            return;
        }

        NoteHold(m.Leg);
    }

    /// <summary>The peer of a leg changes its session. A hold is our own affair; a change of media is carried to the other party.</summary>
    private void OnOffered(CallMessage.Offered m)
    {
        var leg = m.Leg;
        if (m.Sdp.IsEmpty)
        {
            var ours = leg.Media.OfferAgain();
            if (ours.Length > 0) leg.Session!.AcceptOffer(ours);
            else leg.Session!.RejectOffer(500);                             // no port is free
            return;
        }

        if (!leg.Media.TryTakeOffer(m.Sdp, out var status))
        {
            leg.Session!.RejectOffer(status);
            return;
        }

        var other = Opposite(leg);
        if (other is { State: LegState.Connected, OfferComesFrom: null } && leg.OfferComesFrom is null && leg.Media.OfferChangesMedia(other.Media))
        {
            if (other.Media.TryOffer(leg.Media, out var forwarded))
            {
                other.OfferComesFrom = leg;
                other.Session!.Offer(forwarded);
                return;
            }
        }

        AnswerOffer(leg, other);
    }

    private void AnswerOffer(CallLeg leg, CallLeg? other)
    {
        if (!leg.Media.TryDescribe(other?.Media, out var answer))
        {
            RefuseOffer(leg);
            return;
        }

        leg.Session!.AcceptOffer(answer);
        NoteHold(leg);
    }

    private static void RefuseOffer(CallLeg leg)
    {
        leg.Media.RefuseOffer();
        leg.Session!.RejectOffer(488);
    }

    private void NoteHold(CallLeg leg)
    {
        var holds = leg.Media.PeerHolds;
        if (holds == leg.HoldsOther)
        {
            if (Opposite(leg) is not null) Rejoin();
            return;
        }

        leg.HoldsOther = holds;
        if (Opposite(leg) is null) return;
        Rejoin();
        if (holds) Journal(new CallHeld { CallId = Id, Sequence = 0, At = default, ByLeg = leg.Id });
        else Journal(new CallRetrieved { CallId = Id, Sequence = 0, At = default, ByLeg = leg.Id });
        Show();
    }

    private void OnAnswered(CallMessage.Answered m)
    {
        var from = m.Leg.OfferComesFrom;
        m.Leg.OfferComesFrom = null;
        var taken = m.Leg.Media.TryTakeAnswer(m.Sdp);
        if (!taken) m.Leg.Media.DropOffer();
        if (from is { IsAlive: true } && from.Owner == this)
        {
            if (taken) AnswerOffer(from, m.Leg);
            else RefuseOffer(from);
            return;
        }

        if (taken) NoteHold(m.Leg);
    }

    private void OnOfferRefused(CallMessage.OfferRefused m)
    {
        var from = m.Leg.OfferComesFrom;
        m.Leg.OfferComesFrom = null;
        m.Leg.Media.DropOffer();
        if (from is { IsAlive: true } && from.Owner == this) AnswerOffer(from, null);
    }

    private static void SendInfoDigits(CallMessage.DigitsForInfo m)
    {
        foreach (var key in m.Digits) m.Leg.Session?.SendInfo(DtmfInfo.RelayType, DtmfInfo.Write(key, 160));
    }

    /// <summary>Hold from the API: the party hears nothing, the other hears music; the device is not asked.</summary>
    private Refusal? OnHold(CallMessage.Hold m)
    {
        if (_over || _legs.Find(l => l.Id == m.Leg) is not { } leg || Opposite(leg) is null)
            return new Refusal("call.not-talking", RefusalKind.Conflict, 481, "This leg is not in a conversation.");
        if (leg.HeldByServer == m.On) return null;
        leg.HeldByServer = m.On;
        Rejoin();
        if (m.On) Journal(new CallHeld { CallId = Id, Sequence = 0, At = default, ByLeg = leg.Id });
        else Journal(new CallRetrieved { CallId = Id, Sequence = 0, At = default, ByLeg = leg.Id });
        Show();
        return null;
    }

    /// <summary>The telephone that is asked answers by itself, as if its key were pressed; what follows is as ever.</summary>
    private Refusal? OnAnswerFor(CallMessage.AnswerFor m)
    {
        var ringing = _legs.FindAll(l => l is { Inbound: false, State: LegState.Ringing } && (m.Leg is null || l.Id == m.Leg));
        if (_over || ringing.Count == 0) return new Refusal("call.not-ringing", RefusalKind.Conflict, 481, "No telephone rings for this call, or not the one named.");
        if (ringing.Find(l => l.Session is { PeerTakesTalk: true }) is not { } able)
            return new Refusal("call.device-cannot-answer", RefusalKind.Conflict, 480, "The telephone that rings cannot be answered from here: it must name the event package talk in Allow-Events.");
        able.Session!.Talk();
        return null;
    }
}
