// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.Authentication;

/// <summary>The fields of one challenge or one set of credentials, as slices of the header value without their quotes: RFC 7616 §3.3 and §3.4.</summary>
internal ref struct DigestFields
{
    public ReadOnlySpan<byte> Username, Realm, Nonce, Uri, Response, Algorithm, Cnonce, Qop, NonceCount, Opaque, Stale;
    public bool HasQop, HasUserhash;

    /// <summary>True if the value speaks of the Digest scheme at all.</summary>
    public static bool IsDigest(ReadOnlySpan<byte> value) => value.Length > 7 && Ascii.EqualsIgnoreCase(value[..6], "Digest"u8) && SipText.IsBlank(value[6]);

    /// <summary>False if the list is malformed or a field stands twice.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out DigestFields fields)
    {
        fields = default;
        if (!IsDigest(value)) return false;
        uint seen = 0;
        for (var comma = new CommaScanner(value[7..]); comma.MoveNext();)
        {
            var one = comma.Current;
            if (one.IsEmpty) continue;
            var length = SipText.TokenLength(one);
            var equals = SipText.SkipBlanks(one, length);
            if (length == 0 || equals >= one.Length || one[equals] != '=') return false;
            var text = one[SipText.SkipBlanks(one, equals + 1)..];
            if (!TryContent(ref text)) return false;
            var bit = fields.Set(one[..length], text);
            if ((seen & bit) != 0) return false;
            seen |= bit;
        }
        return true;
    }

    /// <summary>A field as text, escapes undone.</summary>
    public static string Text(ReadOnlySpan<byte> content) =>
        content.Contains((byte)'\\') ? SipText.Unquote("\"" + Encoding.UTF8.GetString(content) + "\"") : Encoding.UTF8.GetString(content);

    private static bool TryContent(ref ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return false;
        if (text[0] != '"') return !text.ContainsAny(" \t\r\n\""u8);
        if (SipText.EndOfQuoted(text, 0) != text.Length) return false;
        text = text[1..^1];
        return true;
    }

    private uint Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (Is(name, "username"u8)) { Username = text; return 1; }
        if (Is(name, "realm"u8)) { Realm = text; return 2; }
        if (Is(name, "nonce"u8)) { Nonce = text; return 4; }
        if (Is(name, "uri"u8)) { Uri = text; return 8; }
        if (Is(name, "response"u8)) { Response = text; return 16; }
        if (Is(name, "algorithm"u8)) { Algorithm = text; return 32; }
        if (Is(name, "cnonce"u8)) { Cnonce = text; return 64; }
        if (Is(name, "qop"u8)) { Qop = text; HasQop = true; return 128; }
        if (Is(name, "nc"u8)) { NonceCount = text; return 256; }
        if (Is(name, "opaque"u8)) { Opaque = text; return 512; }
        if (Is(name, "stale"u8)) { Stale = text; return 1024; }
        if (Is(name, "userhash"u8)) { HasUserhash = Is(text, "true"u8); return 2048; }
        return 0;
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known) => Ascii.EqualsIgnoreCase(name, known);
}
