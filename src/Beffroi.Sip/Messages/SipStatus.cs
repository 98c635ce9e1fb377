// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;

namespace Beffroi.Sip.Messages;

/// <summary>Status codes and their usual phrases: the IANA registry of SIP response codes.</summary>
public static class SipStatus
{
    public const int Trying = 100, Ringing = 180, CallIsBeingForwarded = 181, Queued = 182, SessionProgress = 183, EarlyDialogTerminated = 199;
    public const int Ok = 200, Accepted = 202, NoNotification = 204;
    public const int MultipleChoices = 300, MovedPermanently = 301, MovedTemporarily = 302, UseProxy = 305, AlternativeService = 380;
    public const int BadRequest = 400, Unauthorized = 401, PaymentRequired = 402, Forbidden = 403, NotFound = 404, MethodNotAllowed = 405, NotAcceptable = 406,
        ProxyAuthenticationRequired = 407, RequestTimeout = 408, Gone = 410, ConditionalRequestFailed = 412, MessageBodyTooLarge = 413, UriTooLong = 414,
        UnsupportedMediaType = 415, UnsupportedUriScheme = 416, BadExtension = 420, ExtensionRequired = 421, SessionIntervalTooSmall = 422, IntervalTooBrief = 423,
        FlowFailed = 430, FirstHopLacksOutboundSupport = 439, TemporarilyUnavailable = 480, CallDoesNotExist = 481, LoopDetected = 482, TooManyHops = 483,
        AddressIncomplete = 484, Ambiguous = 485, BusyHere = 486, RequestTerminated = 487, NotAcceptableHere = 488, BadEvent = 489, RequestPending = 491, Undecipherable = 493;
    public const int ServerInternalError = 500, NotImplemented = 501, BadGateway = 502, ServiceUnavailable = 503, ServerTimeout = 504, VersionNotSupported = 505, MessageTooLarge = 513;
    public const int BusyEverywhere = 600, Decline = 603, DoesNotExistAnywhere = 604, NotAcceptableAnywhere = 606;

    private static readonly FrozenDictionary<int, string> Phrases = new Dictionary<int, string>
    {
        [100] = "Trying",
        [180] = "Ringing",
        [181] = "Call Is Being Forwarded",
        [182] = "Queued",
        [183] = "Session Progress",
        [199] = "Early Dialog Terminated",
        [200] = "OK",
        [202] = "Accepted",
        [204] = "No Notification",
        [300] = "Multiple Choices",
        [301] = "Moved Permanently",
        [302] = "Moved Temporarily",
        [305] = "Use Proxy",
        [380] = "Alternative Service",
        [400] = "Bad Request",
        [401] = "Unauthorized",
        [402] = "Payment Required",
        [403] = "Forbidden",
        [404] = "Not Found",
        [405] = "Method Not Allowed",
        [406] = "Not Acceptable",
        [407] = "Proxy Authentication Required",
        [408] = "Request Timeout",
        [410] = "Gone",
        [412] = "Conditional Request Failed",
        [413] = "Request Entity Too Large",
        [414] = "Request-URI Too Long",
        [415] = "Unsupported Media Type",
        [416] = "Unsupported URI Scheme",
        [420] = "Bad Extension",
        [421] = "Extension Required",
        [422] = "Session Interval Too Small",
        [423] = "Interval Too Brief",
        [430] = "Flow Failed",
        [439] = "First Hop Lacks Outbound Support",
        [480] = "Temporarily Unavailable",
        [481] = "Call/Transaction Does Not Exist",
        [482] = "Loop Detected",
        [483] = "Too Many Hops",
        [484] = "Address Incomplete",
        [485] = "Ambiguous",
        [486] = "Busy Here",
        [487] = "Request Terminated",
        [488] = "Not Acceptable Here",
        [489] = "Bad Event",
        [491] = "Request Pending",
        [493] = "Undecipherable",
        [500] = "Server Internal Error",
        [501] = "Not Implemented",
        [502] = "Bad Gateway",
        [503] = "Service Unavailable",
        [504] = "Server Time-out",
        [505] = "Version Not Supported",
        [513] = "Message Too Large",
        [600] = "Busy Everywhere",
        [603] = "Decline",
        [604] = "Does Not Exist Anywhere",
        [606] = "Not Acceptable"
    }.ToFrozenDictionary();

    /// <summary>"Ringing" for 180. A code without a registered phrase gets the one of its class.</summary>
    public static string Phrase(int code) => Phrases.TryGetValue(code, out var phrase) ? phrase : code switch
    {
        < 200 => "Progress",
        < 300 => "OK",
        < 400 => "Redirection",
        < 500 => "Request Failure",
        < 600 => "Server Failure",
        _ => "Global Failure"
    };
}
