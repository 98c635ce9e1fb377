// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Messages;

/// <summary>Why bytes from the network are not a SIP message that can be acted on. One counter each.</summary>
public enum SipParseFault : byte
{
    None,
    /// <summary>Nothing but CRLFs: RFC 5626 §3.5.1.</summary>
    KeepAlive,
    NotSip,
    BadStartLine,
    BadVersion,
    BadRequestUri,
    BadStatusCode,
    BadHeader,
    /// <summary>No empty line after the headers: the datagram was cut.</summary>
    Truncated,
    MissingHeader,
    /// <summary>A header that may stand once stands twice: RFC 3261 §7.3.1.</summary>
    RepeatedHeader,
    BadVia,
    BadFrom,
    BadTo,
    BadCallId,
    BadCSeq,
    MethodMismatch,
    BadContentLength,
    BadMaxForwards,
    TooManyHeaders,
    TooLong
}

public static class SipParseFaults
{
    /// <summary>The status to answer a request with; 0 means drop it in silence.</summary>
    public static int Status(this SipParseFault fault) => fault switch
    {
        SipParseFault.None or SipParseFault.KeepAlive or SipParseFault.NotSip or SipParseFault.BadStatusCode => 0,
        SipParseFault.BadVersion => SipStatus.VersionNotSupported,
        SipParseFault.TooLong => SipStatus.MessageTooLarge,
        _ => SipStatus.BadRequest
    };

    /// <summary>The reason phrase that tells the sender what is wrong: RFC 3261 §21.4.1 recommends it.</summary>
    public static string Reason(this SipParseFault fault) => fault switch
    {
        SipParseFault.BadStartLine => "Malformed Request-Line",
        SipParseFault.BadRequestUri => "Malformed Request-URI",
        SipParseFault.BadHeader => "Malformed Header Field",
        SipParseFault.Truncated => "Message Cut Short",
        SipParseFault.MissingHeader => "Missing Header Field",
        SipParseFault.RepeatedHeader => "Header Field Repeated",
        SipParseFault.BadVia => "Malformed Via",
        SipParseFault.BadFrom => "Malformed From",
        SipParseFault.BadTo => "Malformed To",
        SipParseFault.BadCallId => "Malformed Call-ID",
        SipParseFault.BadCSeq => "Malformed CSeq",
        SipParseFault.MethodMismatch => "CSeq Method Differs From Request",
        SipParseFault.BadContentLength => "Bad Content-Length",
        SipParseFault.BadMaxForwards => "Bad Max-Forwards",
        SipParseFault.TooManyHeaders => "Too Many Header Fields",
        _ => SipStatus.Phrase(fault.Status())
    };
}
