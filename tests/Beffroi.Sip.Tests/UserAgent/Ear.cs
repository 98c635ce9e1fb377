// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>A listener that writes down what it hears, in order, one word per callback; and checks that nothing is called at once with another or after the end.</summary>
internal sealed class Ear : ISipSessionListener
{
    private int _inside;

    internal SipSession Session { get; set; } = null!;
    internal List<string> Heard { get; } = [];

    /// <summary>What the contract of the listener forbids and happened all the same.</summary>
    internal List<string> Faults { get; } = [];
    internal string Story => string.Join(' ', Heard);
    internal SessionEnd? End { get; private set; }
    internal SipMessage? EndRequest { get; private set; }
    internal SipMessage? Response { get; private set; }
    internal SipMessage? Request { get; private set; }
    internal SipRefer? Refer { get; private set; }
    internal string Sdp { get; private set; } = "";

    /// <summary>What a test does inside a callback, told by its word.</summary>
    internal Action<string, SipSession>? Acts { get; set; }

    private void Hear(SipSession session, string word, ReadOnlyMemory<byte> sdp = default)
    {
        if (Interlocked.Increment(ref _inside) != 1) Faults.Add($"{word} while another callback ran");
        if (End is not null) Faults.Add($"{word} after the end");
        Session = session;
        Heard.Add(word);
        if (!sdp.IsEmpty) Sdp = Encoding.ASCII.GetString(sdp.Span);
        Acts?.Invoke(word, session);
        Interlocked.Decrement(ref _inside);
    }

    public void OnProgress(SipSession session, SipMessage response, ReadOnlyMemory<byte> sdp)
    {
        Response = response;
        Hear(session, response.StatusCode.ToString(System.Globalization.CultureInfo.InvariantCulture), sdp);
    }

    public void OnAccepted(SipSession session, SipMessage response, ReadOnlyMemory<byte> sdp)
    {
        Response = response;
        Hear(session, "accepted", sdp);
    }

    public void OnRejected(SipSession session, int status, SipMessage? response)
    {
        Response = response;
        Hear(session, $"rejected-{status}");
    }

    public void OnAck(SipSession session, ReadOnlyMemory<byte> sdp) => Hear(session, "ack", sdp);

    public void OnCancelled(SipSession session, SipMessage cancel)
    {
        Request = cancel;
        Hear(session, "cancelled");
    }

    public void OnOffer(SipSession session, ReadOnlyMemory<byte> sdp, SipMessage request)
    {
        Request = request;
        Hear(session, sdp.IsEmpty ? "offer-wanted" : "offer", sdp);
    }

    public void OnAnswer(SipSession session, ReadOnlyMemory<byte> sdp) => Hear(session, "answer", sdp);

    public void OnOfferRefused(SipSession session, int status) => Hear(session, $"refused-{status}");

    public void OnRefer(SipSession session, SipRefer refer)
    {
        Refer = refer;
        Hear(session, "refer");
    }

    public void OnReferProgress(SipSession session, int status, bool final) => Hear(session, $"refer-{status}{(final ? "!" : "")}");

    public void OnInfo(SipSession session, SipMessage info)
    {
        Request = info;
        Hear(session, "info");
    }

    public void OnEnded(SipSession session, SessionEnd why, SipMessage? request)
    {
        Hear(session, $"ended-{why}");
        End = why;
        EndRequest = request;
    }
}
