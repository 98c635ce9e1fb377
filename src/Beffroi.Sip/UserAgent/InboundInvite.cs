// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>An INVITE that asks for a new session, before anybody has taken it.</summary>
/// <remarks>Threading: any thread; the first of <see cref="Respond"/> and <see cref="Take"/> counts.</remarks>
public sealed class InboundInvite : IInviteServerUser
{
    private readonly SipStack _stack;
    private readonly Lock _gate = new();
    private SipSession? _session;               // under _gate
    private SipMessage? _cancel;                // under _gate

    internal InboundInvite(SipStack stack, ServerTransaction transaction, SipSession? replaces)
    {
        _stack = stack;
        Transaction = transaction;
        Replaces = replaces;
    }

    internal ServerTransaction Transaction { get; }

    public SipMessage Request => Transaction.Request;
    public SipFlow Flow => Transaction.Flow;

    /// <summary>The session that the caller wants to take over (RFC 3891): whoever takes this INVITE ends that one after answering.</summary>
    public SipSession? Replaces { get; }

    /// <summary>The offer; empty if the caller wants us to offer.</summary>
    public ReadOnlyMemory<byte> Sdp => SipBodies.SdpOf(Request);

    /// <summary>Refuses with a final response: a challenge (401, 407), a redirection, an error. The INVITE leaves nothing behind.</summary>
    public void Respond(int status, string? reason = null, params ReadOnlySpan<SipHeader> headers)
    {
        if (status >= 300) Transaction.Respond(status, reason, headers);
    }

    /// <summary>Makes the session; it waits for <see cref="SipSession.Progress"/>, <see cref="SipSession.Answer"/>, <see cref="SipSession.Reject"/>.</summary>
    public SipSession Take(ISipSessionListener listener)
    {
        SipMessage? cancel;
        SipSession session;
        lock (_gate)
        {
            if (_session is not null) return _session;
            session = _session = new SipSession(_stack, this, listener);
            cancel = _cancel;
        }
        _stack.Add(session);
        if (cancel is not null) session.Post(new SessionWork(SessionAct.Cancelled, subject: Transaction, other: cancel));
        return session;
    }

    void IInviteServerUser.OnCancel(ServerTransaction invite, SipMessage cancel)
    {
        SipSession? session;
        lock (_gate)
        {
            session = _session;
            if (session is null) _cancel = cancel;
        }
        if (session is null) invite.Respond(SipStatus.RequestTerminated);
        else session.Post(new SessionWork(SessionAct.Cancelled, subject: invite, other: cancel));
    }
}

/// <summary>Finds the session description in a body.</summary>
internal static class SipBodies
{
    /// <summary>The SDP of a message: its body, or the first SDP part of a multipart body (RFC 5621 §3.1). Empty if there is none.</summary>
    internal static ReadOnlyMemory<byte> SdpOf(SipMessage message)
    {
        if (message.Body.IsEmpty) return default;
        if (message.HasToken(SipHeaderName.ContentType, SipStack.SdpType)) return message.BodyMemory;
        var type = message.Text(SipHeaderName.ContentType);
        if (type is null || !type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)) return default;
        return PartOf(message.BodyMemory, Boundary(type));
    }

    private static string? Boundary(string type)
    {
        var at = type.IndexOf("boundary=", StringComparison.OrdinalIgnoreCase);
        if (at < 0) return null;
        var value = type[(at + 9)..];
        if (value.StartsWith('"')) return value.IndexOf('"', 1) is var end and > 1 ? value[1..end] : null;
        var semicolon = value.IndexOf(';', StringComparison.Ordinal);
        return (semicolon < 0 ? value : value[..semicolon]).Trim();
    }

    private static ReadOnlyMemory<byte> PartOf(ReadOnlyMemory<byte> body, string? boundary)
    {
        if (string.IsNullOrEmpty(boundary) || boundary.Length > 70) return default;
        var mark = System.Text.Encoding.ASCII.GetBytes("--" + boundary);
        var rest = body;
        while (rest.Span.IndexOf(mark) is var start and >= 0)
        {
            rest = rest[(start + mark.Length)..];
            var next = rest.Span.IndexOf(mark);
            if (next < 0) return default;
            var part = rest[..next];
            var blank = part.Span.IndexOf("\r\n\r\n"u8);
            if (blank < 0) continue;
            if (System.Text.Encoding.ASCII.GetString(part.Span[..blank]).Contains(SipStack.SdpType, StringComparison.OrdinalIgnoreCase))
                return part.Span.EndsWith("\r\n"u8) ? part[(blank + 4)..^2] : part[(blank + 4)..];
        }
        return default;
    }
}
