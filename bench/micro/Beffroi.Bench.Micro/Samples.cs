// SPDX-License-Identifier: EUPL-1.2
using System.Text;

namespace Beffroi.Bench.Micro;

/// <summary>Messages as telephones send them.</summary>
internal static class Samples
{
    private const string Sdp =
        "v=0\r\no=- 20518 0 IN IP4 203.0.113.1\r\ns=-\r\nc=IN IP4 203.0.113.1\r\nt=0 0\r\nm=audio 54400 RTP/AVP 9 8 0 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\n" +
        "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n";

    /// <summary>An INVITE with offer: 15 headers, some 1,000 bytes.</summary>
    public static byte[] Invite { get; } = Encoding.ASCII.GetBytes(
        "INVITE sip:2001@saint-aubin.example;user=phone SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.17.42:5060;rport;branch=z9hG4bK-524287-1---b1c2a7a1d8e9f001\r\nMax-Forwards: 70\r\n" +
        "Contact: <sip:1017@192.168.17.42:5060;transport=udp>\r\nTo: <sip:2001@saint-aubin.example>\r\nFrom: \"Accueil\" <sip:1017@saint-aubin.example>;tag=8c1f5e3a\r\n" +
        "Call-ID: 84011ZTU2Y2E5ZjM0NmI4ZTdhY2I5ZDU@192.168.17.42\r\nCSeq: 2 INVITE\r\nAllow: INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, MESSAGE, OPTIONS, INFO, SUBSCRIBE, UPDATE, PRACK\r\n" +
        "Content-Type: application/sdp\r\nSupported: replaces, 100rel, timer, norefersub\r\nSession-Expires: 1800\r\nMin-SE: 90\r\nUser-Agent: Bench 1.0\r\n" +
        $"Content-Length: {Sdp.Length}\r\n\r\n{Sdp}");

    /// <summary>A REGISTER, with room for credentials.</summary>
    public static byte[] Register(string? authorization = null) => Encoding.ASCII.GetBytes(
        "REGISTER sip:saint-aubin.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.17.42:5060;rport;branch=z9hG4bK-524287-1---0a7a1d8e9f001\r\nMax-Forwards: 70\r\n" +
        "Contact: <sip:1017@192.168.17.42:5060;transport=udp>;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-0004F2ABCDEF>\"\r\n" +
        "To: <sip:1017@saint-aubin.example>\r\nFrom: <sip:1017@saint-aubin.example>;tag=8c1f5e3a\r\nCall-ID: 84011ZTU2Y2E5ZjM0NmI4ZTdhY2I5ZDU\r\nCSeq: 2 REGISTER\r\n" +
        $"Expires: 600\r\n{(authorization is null ? "" : $"Authorization: {authorization}\r\n")}User-Agent: Bench 1.0\r\nContent-Length: 0\r\n\r\n");
}
