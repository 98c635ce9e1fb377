// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Media;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Calls;

internal enum LegState
{
    /// <summary>Inbound: asked and not answered. Outbound: asked, nothing heard.</summary>
    Trying,

    /// <summary>A ringing was heard or sent.</summary>
    Ringing,

    Connected,
    Ended,
}

/// <summary>One party's half of a call: a SIP session and its sound.</summary>
/// <remarks>
/// Threading: the fields belong to the mailbox of <see cref="Owner"/>. The listener's methods run on SIP and media threads and only tell.
/// A leg may move to another call (transfer, pickup): a message that still reaches the former call is sent on to the new one.
/// </remarks>
internal sealed class CallLeg(Call owner, CallParty party, bool inbound) : ISipSessionListener, IMediaLegListener
{
    private volatile Call _owner = owner;

    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Call Owner { get => _owner; set => _owner = value; }

    public CallParty Party { get; set; } = party;

    public bool Inbound { get; } = inbound;

    /// <summary>Null only between the leg's making and the session's.</summary>
    public SipSession? Session { get; set; }

    public LegMedia Media { get; set; } = null!;

    public LegState State { get; set; } = LegState.Trying;

    public RingTarget? Target { get; init; }

    /// <summary>Given back when the leg ends: a trunk's channel.</summary>
    public IDisposable? Channel { get; init; }

    /// <summary>The peer said that it does not want to hear us (RFC 3264 §8.4).</summary>
    public bool HoldsOther { get; set; }

    /// <summary>Held by the API.</summary>
    public bool HeldByServer { get; set; }

    /// <summary>What waits to be answered to a forwarded offer.</summary>
    public CallLeg? OfferComesFrom { get; set; }

    public long ConnectedAt { get; set; }

    /// <summary>On the way to another call, which may refuse it: messages wait until that is known.</summary>
    public bool InTransit { get; set; }

    /// <summary>What a colleague's telephone may name to take this leg's place; nothing unless it rings and its telephone has said so with a tag.</summary>
    public LegDialog RingingDialog => State == LegState.Ringing && !Inbound && Session is { RemoteTag.Length: > 0 } s ? new LegDialog(s.CallId, s.RemoteTag, s.LocalTag) : default;

    public bool IsAlive => State != LegState.Ended;

    public void OnProgress(SipSession s, SipMessage response, ReadOnlyMemory<byte> sdp) => _owner.Tell(new CallMessage.Progress(this, response, sdp));

    public void OnAccepted(SipSession s, SipMessage response, ReadOnlyMemory<byte> sdp) => _owner.Tell(new CallMessage.Accepted(this, response, sdp));

    public void OnRejected(SipSession s, int status, SipMessage? response) => _owner.Tell(new CallMessage.Rejected(this, status, response));

    public void OnAck(SipSession s, ReadOnlyMemory<byte> sdp) => _owner.Tell(new CallMessage.Acked(this, sdp));

    public void OnCancelled(SipSession s, SipMessage cancel) => _owner.Tell(new CallMessage.Cancelled(this, cancel));

    public void OnOffer(SipSession s, ReadOnlyMemory<byte> sdp, SipMessage request) => _owner.Tell(new CallMessage.Offered(this, sdp));

    public void OnAnswer(SipSession s, ReadOnlyMemory<byte> sdp) => _owner.Tell(new CallMessage.Answered(this, sdp));

    public void OnOfferRefused(SipSession s, int status) => _owner.Tell(new CallMessage.OfferRefused(this, status));

    public void OnRefer(SipSession s, SipRefer refer) => _owner.Tell(new CallMessage.Referred(this, refer));

    public void OnReferProgress(SipSession s, int sipfragStatus, bool final)
    {
        // The server never sends REFER: it acts itself.
    }

    public void OnInfo(SipSession s, SipMessage info)
    {
        if (DtmfInfo.TryRead(info, out var key)) _owner.Tell(new CallMessage.Digit(this, key, FromInfo: true));
    }

    public void OnEnded(SipSession s, SessionEnd why, SipMessage? request) => _owner.Tell(new CallMessage.SessionEnded(this, why, request));

    public void OnDigit(MediaLeg leg, char digit, DigitSource source) => _owner.Tell(new CallMessage.Digit(this, digit, FromInfo: false));

    public void OnPlayFinished(MediaLeg leg, long token) => _owner.Tell(new CallMessage.PlayFinished(this, token));

    public void OnRecordingFinished(MediaLeg leg, RecordingResult result) => _owner.Tell(new CallMessage.RecordingFinished(this, result));

    public void OnMediaTimeout(MediaLeg leg) => _owner.Tell(new CallMessage.MediaLost(this));

    public void OnFirstPacket(MediaLeg leg)
    {
        // Nothing waits for it.
    }

    public void OnDigitsNotSendable(MediaLeg leg, string digits) => _owner.Tell(new CallMessage.DigitsForInfo(this, digits));
}
