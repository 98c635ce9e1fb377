// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.Dialogs;

/// <summary>Our Contact towards a peer: RFC 3261 §8.1.1.8, §12.1.1, with the address the peer's side of the flow knows us by.</summary>
internal static class Contacts
{
    private const string UserSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()&=+$,;?/";
    private static readonly System.Buffers.SearchValues<char> Safe = System.Buffers.SearchValues.Create(UserSafe);

    /// <param name="isSips">The dialog asks for a sips Contact, which only a secure flow can be given: a sips URI of ours that names a plain port would lead nowhere.</param>
    internal static string Of(string user, SipFlow flow, bool isSips, string parameters = "")
    {
        isSips &= flow.Kind.IsSecure();
        var transport = flow.Kind switch
        {
            SipTransportKind.Udp => "",
            SipTransportKind.Tcp => ";transport=tcp",
            SipTransportKind.Tls => isSips ? "" : ";transport=tls",         // RFC 5630 §3.1.4: a sips URI names TLS by its scheme
            _ => ";transport=ws",
        };
        var scheme = isSips ? "sips" : "sip";
        return user.Length == 0 ? $"<{scheme}:{flow.SentBy}{transport}{parameters}>" : $"<{scheme}:{Escaped(user)}@{flow.SentBy}{transport}{parameters}>";
    }

    private static string Escaped(string user) => user.AsSpan().ContainsAnyExcept(Safe) ? Uri.EscapeDataString(user) : user;
}
