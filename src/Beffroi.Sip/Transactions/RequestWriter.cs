// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.Transactions;

/// <summary>The parts every request of ours begins with, and the two requests made from another one.</summary>
internal static class RequestWriter
{
    internal const int MaxForwards = 70;

    /// <summary>Request-Line, Via with rport (RFC 3581) and Max-Forwards.</summary>
    internal static void Begin(ref SipWriter writer, string method, string uri, SipFlow flow, string branch, int maxForwards = MaxForwards)
    {
        writer.RequestLine(method, uri);
        writer.Header(SipHeaderName.Via, $"SIP/2.0/{flow.ViaTransport} {flow.SentBy};branch={branch};rport");
        writer.Header(SipHeaderName.MaxForwards, maxForwards);
    }

    /// <summary>The ACK for a refusal: RFC 3261 §17.1.1.3. <paramref name="invite"/> is what we sent.</summary>
    internal static byte[]? AckFor(byte[] invite, SipMessage response) => From(invite, SipMethod.Ack, response, []);

    /// <summary>The CANCEL for an INVITE: RFC 3261 §9.1.</summary>
    internal static byte[]? CancelFor(byte[] invite, ReadOnlySpan<SipHeader> headers) => From(invite, SipMethod.Cancel, null, headers);

    private static byte[]? From(byte[] invite, SipMethod method, SipMessage? response, ReadOnlySpan<SipHeader> headers)
    {
        if (!SipMessage.TryParse(invite, out var sent, out _)) return null;     // a header the caller of the stack gave is broken: nobody can answer it either
        using var writer = new SipWriter(512);
        writer.RequestLine(method, System.Text.Encoding.UTF8.GetString(sent.RequestUriText));
        writer.Header(SipHeaderName.Via, sent.First(SipHeaderName.Via));
        writer.Header(SipHeaderName.MaxForwards, MaxForwards);
        writer.CopyHeaders(sent, SipHeaderName.Route);
        writer.CopyHeaders(sent, SipHeaderName.From);
        writer.CopyHeaders(response ?? sent, SipHeaderName.To);
        writer.CopyHeaders(sent, SipHeaderName.CallId);
        writer.Header(SipHeaderName.CSeq, $"{sent.CSeqNumber} {SipMethods.Text(method)}");
        foreach (ref readonly var header in headers) writer.Header(header);
        writer.Body(null, []);
        return writer.ToArray();
    }
}
