// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.Dialogs;

/// <summary>Our Contact towards a peer: RFC 3261 §8.1.1.8, with the address the peer's side of the flow knows us by.</summary>
internal static class Contacts
{
    private const string UserSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()&=+$,;?/";
    private static readonly System.Buffers.SearchValues<char> Safe = System.Buffers.SearchValues.Create(UserSafe);

    internal static string Of(string user, SipFlow flow)
    {
        var transport = flow.Kind switch
        {
            SipTransportKind.Udp => "",
            SipTransportKind.Tcp => ";transport=tcp",
            SipTransportKind.Tls => ";transport=tls",
            _ => ";transport=ws",
        };
        return user.Length == 0 ? $"<sip:{flow.SentBy}{transport}>" : $"<sip:{Escaped(user)}@{flow.SentBy}{transport}>";
    }

    private static string Escaped(string user) => user.AsSpan().ContainsAnyExcept(Safe) ? Uri.EscapeDataString(user) : user;
}
