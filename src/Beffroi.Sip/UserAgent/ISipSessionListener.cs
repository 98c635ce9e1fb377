// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.UserAgent;

/// <summary>What happens to a session.</summary>
/// <remarks>Threading: on SIP threads, outside locks, in order, one at a time per session; must not block. Methods of the session may be called from
/// inside: they take effect when the callback has returned. After <see cref="OnEnded"/>, which comes exactly once for every session, nothing follows.</remarks>
public interface ISipSessionListener
{
    /// <summary>101-199 to our INVITE. The early dialog is told by <c>response.ToTag</c>: a forked INVITE has several. <paramref name="sdp"/> is empty if there is none.</summary>
    void OnProgress(SipSession session, SipMessage response, ReadOnlyMemory<byte> sdp);

    /// <summary>First 2xx to our INVITE. The ACK is already out when we made the offer, otherwise <paramref name="sdp"/> is an offer to be answered by <see cref="SipSession.AnswerAck"/>.</summary>
    void OnAccepted(SipSession session, SipMessage response, ReadOnlyMemory<byte> sdp);

    /// <summary>Our INVITE failed: 300-699; 408 nobody answered, 430 the flow is dead, 487 cancelled by us, 503 no target reachable. <paramref name="response"/> is null when we made it up. OnEnded follows.</summary>
    void OnRejected(SipSession session, int status, SipMessage? response);

    /// <summary>Inbound: the ACK arrived, or a PRACK with SDP. <paramref name="sdp"/> is the answer to a late offer, or empty.</summary>
    void OnAck(SipSession session, ReadOnlyMemory<byte> sdp);

    /// <summary>Inbound: the caller gave up; 487 was already answered. OnEnded follows.</summary>
    void OnCancelled(SipSession session, SipMessage cancel);

    /// <summary>The peer changes the session by re-INVITE, UPDATE or PRACK. Empty <paramref name="sdp"/>: it asks us to offer; then <see cref="SipSession.AcceptOffer"/> takes our offer and <see cref="OnAnswer"/> brings its answer.
    /// The same is asked, with the refusal as <paramref name="request"/>, when a peer refuses the UPDATE that refreshes the session: a re-INVITE repeats what was said last.</summary>
    void OnOffer(SipSession session, ReadOnlyMemory<byte> sdp, SipMessage request);

    /// <summary>The answer to our <see cref="SipSession.Offer"/>.</summary>
    void OnAnswer(SipSession session, ReadOnlyMemory<byte> sdp);

    /// <summary>Our <see cref="SipSession.Offer"/> was refused; the session goes on as it was.</summary>
    void OnOfferRefused(SipSession session, int status);

    /// <summary>The peer asks us to call somebody (RFC 3515). <see cref="SipRefer.Accept"/> or <see cref="SipRefer.Refuse"/> must follow, now or later.</summary>
    void OnRefer(SipSession session, SipRefer refer);

    /// <summary>Progress of our <see cref="SipSession.Refer"/>: the status of the sipfrag. <paramref name="final"/>: nothing more will come. A refused REFER gives its status, final.</summary>
    void OnReferProgress(SipSession session, int status, bool final);

    /// <summary>INFO, already answered 200.</summary>
    void OnInfo(SipSession session, SipMessage info);

    /// <summary>The last callback. <paramref name="request"/> is the BYE or CANCEL that ended it, if one did.</summary>
    void OnEnded(SipSession session, SessionEnd why, SipMessage? request);
}
