// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.Transactions;

/// <summary>A request received and the way to answer it. It may be kept as long as wanted: the machine behind it (RFC 3261 §17.2) drops the request by itself.</summary>
/// <remarks>Threading: any thread. A response after the final one is dropped (except a 2xx repeated by the stack).</remarks>
public sealed class ServerTransaction
{
    private readonly ServerMachine _machine;
    private string? _toTag;

    internal ServerTransaction(SipMessage request, SipFlow flow, ServerMachine machine)
    {
        Request = request;
        Flow = flow;
        _machine = machine;
    }

    public SipMessage Request { get; }

    /// <summary>The flow the request came over. Responses go back over it, or for UDP without rport to the port of the Via (RFC 3261 §18.2.2).</summary>
    public SipFlow Flow { get; }

    /// <summary>The tag our responses carry: the request's own To tag, or one made when first needed.</summary>
    public string ToTag
    {
        get
        {
            if (_toTag is { } tag) return tag;
            var own = Request.ToTag;
            return Interlocked.CompareExchange(ref _toTag, own.Length > 0 ? own : Identifiers.NewTag(), null) ?? _toTag;
        }
    }

    /// <summary>A CANCEL is answered with the tag of its INVITE: RFC 3261 §9.2.</summary>
    internal void UseTag(string? tag) => _toTag ??= tag;

    /// <summary>A final response was sent.</summary>
    public bool IsAnswered => _machine.IsAnswered;

    internal ServerMachine Machine => _machine;

    /// <summary>Answers. 100 goes without a To tag, every other one with <see cref="ToTag"/>.</summary>
    /// <param name="reason">Null: the usual phrase.</param>
    public void Respond(int status, string? reason = null, ReadOnlySpan<SipHeader> headers = default, string? contentType = null, ReadOnlySpan<byte> body = default) =>
        Send(status, SipResponses.Write(Request, status, reason, status == SipStatus.Trying ? null : ToTag, headers, contentType, body));

    /// <summary>Answers and keeps nothing: who has not proved itself gets no memory of ours, and a repeated request gets a new challenge (RFC 3261 §26.3.2.4).
    /// Not for INVITE, whose ACK is absorbed by its transaction.</summary>
    public void RespondOnce(int status, ReadOnlySpan<SipHeader> headers) => _machine.SendOnce(SipResponses.Write(Request, status, null, ToTag, headers));

    /// <summary>Sends a response written before; a 2xx to an INVITE may be sent several times.</summary>
    internal void Send(int status, byte[] response) => _machine.Send(status, response);
}
