// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.UserAgent;

/// <summary>Stands in for the listener of a session that has ended. Transactions keep an ended session for up to 64·T1, to acknowledge what comes late:
/// without this they would keep the whole call with it.</summary>
internal sealed class SilentListener : ISipSessionListener
{
    internal static readonly SilentListener Instance = new();

    private SilentListener()
    {
    }

    public void OnProgress(SipSession session, SipMessage response, ReadOnlyMemory<byte> sdp)
    {
    }

    public void OnAccepted(SipSession session, SipMessage response, ReadOnlyMemory<byte> sdp)
    {
    }

    public void OnRejected(SipSession session, int status, SipMessage? response)
    {
    }

    public void OnAck(SipSession session, ReadOnlyMemory<byte> sdp)
    {
    }

    public void OnCancelled(SipSession session, SipMessage cancel)
    {
    }

    public void OnOffer(SipSession session, ReadOnlyMemory<byte> sdp, SipMessage request)
    {
    }

    public void OnAnswer(SipSession session, ReadOnlyMemory<byte> sdp)
    {
    }

    public void OnOfferRefused(SipSession session, int status)
    {
    }

    public void OnRefer(SipSession session, SipRefer refer)
    {
    }

    public void OnReferProgress(SipSession session, int status, bool final)
    {
    }

    public void OnInfo(SipSession session, SipMessage info)
    {
    }

    public void OnEnded(SipSession session, SessionEnd why, SipMessage? request)
    {
    }
}
