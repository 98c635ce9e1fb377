// SPDX-License-Identifier: EUPL-1.2
using System.Text;

namespace Beffroi.Sip.Messages;

/// <summary>Header names: canonical text, wire bytes, and the way back from any case or compact form (RFC 3261 §7.3.3 and §20).</summary>
public static class SipHeaderNames
{
    private static readonly string[] Names =
    [
        "", "Accept", "Accept-Encoding", "Accept-Language", "Alert-Info", "Allow", "Allow-Events", "Authentication-Info", "Authorization", "Call-ID", "Call-Info", "Contact",
        "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length", "Content-Type", "CSeq", "Date", "Diversion", "Error-Info", "Event", "Expires", "From",
        "History-Info", "In-Reply-To", "Max-Forwards", "MIME-Version", "Min-Expires", "Min-SE", "Organization", "P-Asserted-Identity", "P-Preferred-Identity", "Path", "Priority",
        "Privacy", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Require", "RAck", "Reason", "Record-Route", "Refer-To", "Referred-By", "Refer-Sub", "Replaces", "Reply-To",
        "Require", "Retry-After", "Route", "RSeq", "Server", "Service-Route", "Session-Expires", "SIP-ETag", "SIP-If-Match", "Subject", "Subscription-State", "Supported",
        "Target-Dialog", "Timestamp", "To", "Unsupported", "User-Agent", "Via", "Warning", "WWW-Authenticate"
    ];

    private static readonly byte[][] WireNames = Array.ConvertAll(Names, Encoding.ASCII.GetBytes);
    private static readonly byte[] Slots = FillSlots();

    /// <summary>"Call-ID" for <see cref="SipHeaderName.CallId"/>; empty for <see cref="SipHeaderName.Other"/>.</summary>
    public static string Text(SipHeaderName name) => Names[(int)name];

    internal static ReadOnlySpan<byte> Wire(SipHeaderName name) => WireNames[(int)name];

    /// <summary>The id of a header name in any case, long or compact; <see cref="SipHeaderName.Other"/> if it has none.</summary>
    public static SipHeaderName Of(ReadOnlySpan<byte> name)
    {
        if (name.Length <= 1) return name.IsEmpty ? SipHeaderName.Other : OfCompact(name[0]);
        for (var slot = Hash(name); Slots[slot] != 0; slot = (slot + 1) & (SlotCount - 1))
            if (Ascii.EqualsIgnoreCase(name, WireNames[Slots[slot]]))
                return (SipHeaderName)Slots[slot];
        return SipHeaderName.Other;
    }

    public static SipHeaderName Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Span<byte> bytes = stackalloc byte[64];
        return Encoding.UTF8.TryGetBytes(name, bytes, out var length) ? Of(bytes[..length]) : SipHeaderName.Other;
    }

    // Compact forms: RFC 3261 §7.3.3; o, u: RFC 6665; r: 3515; b: 3892; x: 4028; k: 3261.
    private static SipHeaderName OfCompact(byte letter) => (letter | 0x20) switch
    {
        'b' => SipHeaderName.ReferredBy,
        'c' => SipHeaderName.ContentType,
        'e' => SipHeaderName.ContentEncoding,
        'f' => SipHeaderName.From,
        'i' => SipHeaderName.CallId,
        'k' => SipHeaderName.Supported,
        'l' => SipHeaderName.ContentLength,
        'm' => SipHeaderName.Contact,
        'o' => SipHeaderName.Event,
        'r' => SipHeaderName.ReferTo,
        's' => SipHeaderName.Subject,
        't' => SipHeaderName.To,
        'u' => SipHeaderName.AllowEvents,
        'v' => SipHeaderName.Via,
        'x' => SipHeaderName.SessionExpires,
        _ => SipHeaderName.Other
    };

    private const int SlotCount = 512;

    private static int Hash(ReadOnlySpan<byte> name) =>
        (name.Length * 37 + (name[0] | 0x20) * 7 + (name[^1] | 0x20) * 3 + (name[name.Length / 2] | 0x20) * 61) & (SlotCount - 1);

    private static byte[] FillSlots()
    {
        var slots = new byte[SlotCount];
        for (var id = 1; id < WireNames.Length; id++)
        {
            var slot = Hash(WireNames[id]);
            while (slots[slot] != 0) slot = (slot + 1) & (SlotCount - 1);
            slots[slot] = (byte)id;
        }
        return slots;
    }
}
