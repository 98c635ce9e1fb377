// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using System.Text;

namespace Beffroi.Sip.Messages;

/// <summary>The small grammar of RFC 3261 §25.1 that every header shares: blanks, tokens, quoted strings, numbers. Nothing here throws or allocates unless it makes a string.</summary>
internal static class SipText
{
    private const string Alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create(Encoding.ASCII.GetBytes(Alphanumeric + "-.!%*_+`'~"));
    private static readonly SearchValues<char> PlainValueChars = SearchValues.Create(Alphanumeric + "-.!%*_+`'~[]:");
    private static readonly SearchValues<byte> LineBreaks = SearchValues.Create("\r\n"u8);

    public static bool IsBlank(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
    public static bool IsDigit(byte b) => (uint)(b - '0') <= 9;
    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenBytes);
    public static int TokenLength(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(TokenBytes) is var end and >= 0 ? end : text.Length;

    public static int SkipBlanks(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && IsBlank(text[at])) at++;
        return at;
    }

    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        int start = 0, end = text.Length;
        while (start < end && IsBlank(text[start])) start++;
        while (end > start && IsBlank(text[end - 1])) end--;
        return text[start..end];
    }

    /// <summary>The index just after the closing quote of the quoted string that opens at <paramref name="at"/>; -1 if it never closes.</summary>
    public static int EndOfQuoted(ReadOnlySpan<byte> text, int at)
    {
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '\\') at++;
            else if (text[at] == '"') return at + 1;
        }
        return -1;
    }

    /// <summary>1*DIGIT within 32 bits and nothing after it.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> text, out uint value)
    {
        value = 0;
        if (text.IsEmpty) return false;
        ulong sum = 0;
        foreach (var b in text)
        {
            if (!IsDigit(b)) return false;
            sum = sum * 10 + (uint)(b - '0');
            if (sum > uint.MaxValue) return false;
        }
        value = (uint)sum;
        return true;
    }

    /// <summary>The digits a value starts with, capped at 2³¹-1; null if there are none. "3600;refresher=uas" is 3600.</summary>
    public static int? LeadingNumber(ReadOnlySpan<byte> text)
    {
        long sum = 0;
        var at = 0;
        for (; at < text.Length && IsDigit(text[at]); at++) sum = Math.Min(sum * 10 + (text[at] - '0'), int.MaxValue);
        return at == 0 ? null : (int)sum;
    }

    /// <summary>UTF-8 to text; a fold (line break and blanks) becomes one space, RFC 3261 §7.3.1.</summary>
    public static string Decode(ReadOnlySpan<byte> value)
    {
        if (!value.ContainsAny(LineBreaks)) return Encoding.UTF8.GetString(value);
        var unfolded = new byte[value.Length];
        var length = 0;
        for (var at = 0; at < value.Length; at++)
        {
            if (value[at] is not ((byte)'\r' or (byte)'\n')) { unfolded[length++] = value[at]; continue; }
            while (length > 0 && unfolded[length - 1] is (byte)' ' or (byte)'\t') length--;
            at = SkipBlanks(value, at) - 1;
            unfolded[length++] = (byte)' ';
        }
        return Encoding.UTF8.GetString(unfolded, 0, length);
    }

    /// <summary>Takes the quotes and escapes off a quoted string; any other text is returned as it is.</summary>
    public static string Unquote(string text)
    {
        if (text.Length < 2 || text[0] != '"' || text[^1] != '"') return text;
        if (!text.Contains('\\', StringComparison.Ordinal)) return text[1..^1];
        var plain = new StringBuilder(text.Length);
        for (var at = 1; at < text.Length - 1; at++)
        {
            if (text[at] == '\\' && at < text.Length - 2) at++;
            plain.Append(text[at]);
        }
        return plain.ToString();
    }

    /// <summary>A quoted string of any text; line breaks and NUL become spaces.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\');
            quoted.Append(c is '\r' or '\n' or '\0' ? ' ' : c);
        }
        return quoted.Append('"').ToString();
    }

    /// <summary>True if a parameter value may stand without quotes: a token or a host.</summary>
    public static bool IsPlainValue(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(PlainValueChars);

    public static bool HasLineBreak(ReadOnlySpan<byte> text) => text.ContainsAny(LineBreaks);
}
