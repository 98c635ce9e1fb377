// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Authentication;

/// <summary>The request-digest: RFC 7616 §3.4.1, RFC 2617 §3.2.2.1 without qop. Both sides compute it here.</summary>
internal static class DigestResponse
{
    /// <summary>Longest nonce, cnonce, URI and method taken, in bytes: together they fit the stack.</summary>
    public const int LongestField = 512;

    public static bool Fits(in DigestFields fields) => fields.Nonce.Length <= LongestField && fields.Cnonce.Length <= LongestField && fields.Uri.Length <= LongestField;

    /// <summary>H(HA1:nonce:nc:cnonce:auth:HA2), or H(HA1:nonce:HA2) without qop; HA2 = H(method:uri). Lower-case hexadecimal.</summary>
    public static ReadOnlySpan<byte> Compute(DigestAlgorithm algorithm, scoped ReadOnlySpan<byte> ha1, scoped ReadOnlySpan<byte> method, scoped in DigestFields fields, Span<byte> hex)
    {
        Span<byte> text = stackalloc byte[2 * LongestField + 192];
        Span<byte> ha2 = stackalloc byte[64];
        var length = 0;
        Add(text, ref length, method[..Math.Min(method.Length, LongestField)]);
        Add(text, ref length, ":"u8);
        Add(text, ref length, fields.Uri);
        var hashed = DigestHash.Hex(algorithm, text[..length], ha2);

        length = 0;
        Add(text, ref length, ha1);
        Add(text, ref length, ":"u8);
        Add(text, ref length, fields.Nonce);
        if (fields.HasQop)
        {
            Add(text, ref length, ":"u8);
            Add(text, ref length, fields.NonceCount);
            Add(text, ref length, ":"u8);
            Add(text, ref length, fields.Cnonce);
            Add(text, ref length, ":auth"u8);
        }
        Add(text, ref length, ":"u8);
        Add(text, ref length, hashed);
        return DigestHash.Hex(algorithm, text[..length], hex);
    }

    private static void Add(Span<byte> text, ref int length, ReadOnlySpan<byte> part)
    {
        part.CopyTo(text[length..]);
        length += part.Length;
    }
}
