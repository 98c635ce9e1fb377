// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.UserAgent;

/// <summary>What a session's mailbox can hold.</summary>
internal enum SessionAct : byte
{
    Start,
    ClientEvent,
    Request,
    Ack,
    Cancelled,
    Alarm,
    Progress,
    Answer,
    Reject,
    Cancel,
    Offer,
    AcceptOffer,
    RejectOffer,
    AnswerAck,
    End,
    Info,
    Message,
    Talk,
    Refer,
    AnswerRefer,
    NotifyRefer,
    Snapshot,
}

/// <summary>One entry of a session's mailbox: what, and with what. A value, so that an idle session takes it without allocating.</summary>
internal readonly struct SessionWork(SessionAct act, int number = 0, object? subject = null, object? other = null, string? text = null, SipHeader[]? headers = null, object? third = null)
{
    public readonly SessionAct Act = act;
    public readonly int Number = number;
    public readonly object? Subject = subject;
    public readonly object? Other = other;
    public readonly object? Third = third;
    public readonly string? Text = text;
    public readonly SipHeader[]? Headers = headers;
}
