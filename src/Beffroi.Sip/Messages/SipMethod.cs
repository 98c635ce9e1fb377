// SPDX-License-Identifier: EUPL-1.2
using System.Text;

namespace Beffroi.Sip.Messages;

/// <summary>The methods Beffroi acts on. <see cref="Other"/> is any further token: it is kept, and answered 405 or 501.</summary>
public enum SipMethod : byte
{
    Other, Ack, Bye, Cancel, Info, Invite, Message, Notify, Options, Prack, Publish, Refer, Register, Subscribe, Update
}

/// <summary>Method names as they stand on the wire: case-sensitive, RFC 3261 §7.1.</summary>
public static class SipMethods
{
    private static readonly string[] Names =
        ["", "ACK", "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK", "PUBLISH", "REFER", "REGISTER", "SUBSCRIBE", "UPDATE"];

    /// <summary>"INVITE" for <see cref="SipMethod.Invite"/>; empty for <see cref="SipMethod.Other"/>.</summary>
    public static string Text(SipMethod method) => Names[(int)method];

    /// <summary>What a token names; <see cref="SipMethod.Other"/> for every unknown one, "invite" among them.</summary>
    public static SipMethod Of(ReadOnlySpan<byte> token) => token.Length switch
    {
        3 => token.SequenceEqual("ACK"u8) ? SipMethod.Ack : token.SequenceEqual("BYE"u8) ? SipMethod.Bye : SipMethod.Other,
        4 => token.SequenceEqual("INFO"u8) ? SipMethod.Info : SipMethod.Other,
        5 => token.SequenceEqual("PRACK"u8) ? SipMethod.Prack : token.SequenceEqual("REFER"u8) ? SipMethod.Refer : SipMethod.Other,
        6 => token.SequenceEqual("INVITE"u8) ? SipMethod.Invite
            : token.SequenceEqual("CANCEL"u8) ? SipMethod.Cancel
            : token.SequenceEqual("NOTIFY"u8) ? SipMethod.Notify
            : token.SequenceEqual("UPDATE"u8) ? SipMethod.Update : SipMethod.Other,
        7 => token.SequenceEqual("OPTIONS"u8) ? SipMethod.Options
            : token.SequenceEqual("MESSAGE"u8) ? SipMethod.Message
            : token.SequenceEqual("PUBLISH"u8) ? SipMethod.Publish : SipMethod.Other,
        8 => token.SequenceEqual("REGISTER"u8) ? SipMethod.Register : SipMethod.Other,
        9 => token.SequenceEqual("SUBSCRIBE"u8) ? SipMethod.Subscribe : SipMethod.Other,
        _ => SipMethod.Other
    };

    public static SipMethod Of(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        Span<byte> bytes = stackalloc byte[16];
        return token.Length is 0 or > 9 || !Encoding.UTF8.TryGetBytes(token, bytes, out var length) ? SipMethod.Other : Of(bytes[..length]);
    }
}
