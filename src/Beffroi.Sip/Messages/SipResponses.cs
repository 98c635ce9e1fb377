// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Messages;

/// <summary>Responses written from the request's own bytes: RFC 3261 §8.2.6.2.</summary>
public static class SipResponses
{
    /// <summary>
    /// The wire bytes of a response. Copied from the request: Via (the top one as stamped), From, To (with <paramref name="toTag"/> if it has none), Call-ID, CSeq,
    /// Record-Route for 101 to 299 (§12.1.1), Timestamp for 100 (§8.2.6.1). A null reason takes the standard phrase.
    /// </summary>
    public static byte[] Write(SipMessage request, int status, string? reason, string? toTag, ReadOnlySpan<SipHeader> extra, string? contentType = null, ReadOnlySpan<byte> body = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var writer = new SipWriter(1024 + body.Length);
        writer.StatusLine(status, reason);
        writer.CopyHeaders(request, SipHeaderName.Via);
        if (status is > 100 and < 300) writer.CopyHeaders(request, SipHeaderName.RecordRoute);
        writer.CopyHeaders(request, SipHeaderName.From);
        writer.CopyTo(request, status == SipStatus.Trying ? null : toTag);
        writer.CopyHeaders(request, SipHeaderName.CallId);
        writer.CopyHeaders(request, SipHeaderName.CSeq);
        if (status == SipStatus.Trying) writer.CopyHeaders(request, SipHeaderName.Timestamp);
        foreach (ref readonly var header in extra) writer.Header(header);
        writer.Body(contentType, body);
        return writer.ToArray();
    }

    /// <summary>The refusal of a request that <see cref="SipMessage.TryParse"/> returned with a fault; empty if the fault is not to be answered.</summary>
    public static byte[] Refuse(SipMessage request, SipParseFault fault, string? toTag) =>
        fault.Status() is var status and > 0 ? Write(request, status, fault.Reason(), toTag, []) : [];
}
