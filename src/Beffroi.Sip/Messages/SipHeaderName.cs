// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Messages;

/// <summary>The header fields that have an index id. Any other one is <see cref="Other"/> and is found by its text.</summary>
public enum SipHeaderName : byte
{
    Other, Accept, AcceptEncoding, AcceptLanguage, AlertInfo, Allow, AllowEvents, AuthenticationInfo, Authorization, CallId, CallInfo, Contact, ContentDisposition,
    ContentEncoding, ContentLanguage, ContentLength, ContentType, CSeq, Date, Diversion, ErrorInfo, Event, Expires, From, HistoryInfo, InReplyTo, MaxForwards, MimeVersion, MinExpires, MinSE,
    Organization, PAssertedIdentity, PPreferredIdentity, Path, Priority, Privacy, ProxyAuthenticate, ProxyAuthorization, ProxyRequire, RAck, Reason, RecordRoute, ReferTo, ReferredBy, ReferSub,
    Replaces, ReplyTo, Require, RetryAfter, Route, RSeq, Server, ServiceRoute, SessionExpires, SipETag, SipIfMatch, Subject, SubscriptionState, Supported, TargetDialog, Timestamp, To,
    Unsupported, UserAgent, Via, Warning, WwwAuthenticate
}
