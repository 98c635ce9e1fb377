// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.UserAgent;

namespace Beffroi.Calls;

/// <summary>How legs come together and how they end.</summary>
public sealed partial class Call
{
    private const string AnsweredElsewhere = "SIP;cause=200;text=\"Call completed elsewhere\"";
    private const string NoMedia = "Q.850;cause=41;text=\"No media received\"";
    private const string TooLong = "Q.850;cause=31;text=\"Maximum call duration reached\"";

    private void Connect(CallLeg served, CallLeg peer)
    {
        _served = served;
        _peer = peer;
        StopPlaying(served);
        StopPlaying(peer);
        if (!EnsureAnswered(served, peer) || !EnsureAnswered(peer, served)) return;
        peer.State = served.State = LegState.Connected;
        Rejoin();
        _personAnswered = true;
        OpenTalk();
        Journal(new CallEstablished { CallId = Id, Sequence = 0, At = default, Leg = peer.Id, With = peer.Party });
        TransferSucceeded(200);
        Show();
    }

    /// <summary>Answers an inbound leg that still waits, choosing the codec that the other leg speaks, so that nothing is transcoded.</summary>
    private bool EnsureAnswered(CallLeg leg, CallLeg? other)
    {
        if (!leg.Inbound || leg.State == LegState.Connected) return true;
        if (!leg.Media.TryDescribe(other?.Media, out var sdp))
        {
            LegGone(leg, 488, "no-common-codec", tell: true);
            return false;
        }

        leg.State = LegState.Connected;
        leg.Session!.Answer(sdp);
        return true;
    }

    /// <summary>Sets the sound by who holds whom: both hear each other, or the held one hears music.</summary>
    private void Rejoin()
    {
        if (_served is not { } a || _peer is not { } b) return;
        var aHolds = a.HoldsOther || a.HeldByServer;
        var bHolds = b.HoldsOther || b.HeldByServer;
        if (!aHolds && !bHolds)
        {
            StopPlaying(a);
            StopPlaying(b);
            a.Media.Leg?.Bridge(b.Media.Leg!);
            return;
        }

        a.Media.Leg?.Unbridge();
        if (aHolds && !bHolds) PlayMusic(b);
        if (bHolds && !aHolds) PlayMusic(a);
    }

    /// <summary>A leg ended by its peer, or must end; the call goes on or ends by who is left.</summary>
    private void LegGone(CallLeg leg, int status, string cause, bool tell, string? reason = null)
    {
        if (!leg.IsAlive) return;
        EndLeg(leg, status, cause, tell, reason);
        if (_over) return;
        if (leg == _transfer?.By)
        {
            _transfer.ByIsGone();
            Show();
        }
        else if (leg == _served || leg == _peer)
        {
            if (_peer is null && leg == _served && !_personAnswered)
                Finish(Outcome(CallOutcome.Abandoned), 487, cause == "hung-up" ? "caller-hung-up" : cause, reason);
            else
                Finish(Outcome(CallOutcome.Failed), 200, cause == "hung-up" ? (leg == _served ? "caller-hung-up" : "callee-hung-up") : cause, reason);
        }
        else
        {
            Show();
        }
    }

    /// <summary>Gives back all that a leg holds and writes its line; the session is told unless it told us.</summary>
    private void EndLeg(CallLeg leg, int status, string cause, bool tell, string? reason = null)
    {
        if (leg.Owner != this || leg.InTransit || !leg.IsAlive)
        {
            _legs.Remove(leg);
            return;
        }

        var wasConnected = leg.State == LegState.Connected;
        leg.State = LegState.Ended;
        _legs.Remove(leg);
        _exchange.CountLeg(leg, -1);
        if (tell && leg.Session is { } session)
        {
            if (leg.Inbound && !wasConnected) session.Reject(status is >= 300 and < 700 ? status : 480, null, _refusal is { } why ? Exchange.HeadersOf(why) : []);
            else session.End(reason);
        }

        var quality = leg.Media.Close();
        leg.Channel?.Dispose();
        Journal(new LegCleared
        {
            CallId = Id,
            Sequence = 0,
            At = default,
            Leg = leg.Id,
            Party = leg.Party,
            Status = status,
            Cause = cause,
            Quality = wasConnected ? quality : null,
        });
    }

    private void OnCancelled(CallMessage.Cancelled m) => LegGone(m.Leg, 487, "hung-up", tell: false);

    private void OnSessionEnded(CallMessage.SessionEnded m)
    {
        var cause = m.Why switch
        {
            SessionEnd.Bye => "hung-up",
            SessionEnd.SessionTimerExpired => "session-timer",
            SessionEnd.AckMissing => "no-ack",
            SessionEnd.TransportFailed => "connection-lost",
            _ => "ended",
        };
        LegGone(m.Leg, 200, cause, tell: false);
    }

    private void OnMediaLost(CallLeg leg)
    {
        // RFC 3326 with Q.850 cause 41, temporary failure: both parties see why.
        _exchange.CountMediaTimeout();
        LegGone(leg, 200, "media-timeout", tell: true, reason: NoMedia);
    }
}
