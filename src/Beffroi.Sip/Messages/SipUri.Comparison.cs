// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using System.Globalization;
using System.Text;

namespace Beffroi.Sip.Messages;

public sealed partial class SipUri
{
    private static readonly SearchValues<byte> UserSafe = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()&=+$,;?/"u8);
    private static readonly SearchValues<byte> ParameterSafe = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()[]/:&+$"u8);

    // Present on one side only, these make two URIs differ: RFC 3261 §19.1.4.
    private static readonly string[] Decisive = ["user", "ttl", "method", "maddr", "transport"];

    /// <summary>Equivalence of RFC 3261 §19.1.4: "sip:bob@biloxi.com" and "sip:bob@biloxi.com:5060" differ. For tel: RFC 3966 §4, visual separators left out.</summary>
    public bool Equals(SipUri? other)
    {
        if (other is null) return false;
        if (ReferenceEquals(this, other) || string.Equals(_text, other._text, StringComparison.Ordinal)) return true;
        if (_bounds.Scheme != other._bounds.Scheme || Port != other.Port) return false;
        return IsTel
            ? string.Equals(Digits(User), Digits(other.User), StringComparison.OrdinalIgnoreCase) && ParametersMatch(this, other, strict: true)
            : UserInfoMatches(other)
              && string.Equals(Host, other.Host, StringComparison.OrdinalIgnoreCase)
              && ParametersMatch(this, other, strict: false)
              && HeadersMatch(Headers, other.Headers);
    }

    public override bool Equals(object? obj) => Equals(obj as SipUri);

    public override int GetHashCode() => IsTel
        ? HashCode.Combine(UriScheme.Tel, Digits(User).ToUpperInvariant())
        : HashCode.Combine(_bounds.Scheme, User, Host.GetHashCode(StringComparison.OrdinalIgnoreCase), Port);

    private bool UserInfoMatches(SipUri other) =>
        string.Equals(User, other.User, StringComparison.Ordinal)
        && string.Equals(Unescape(Slice(_bounds.UserEnd, _bounds.UserInfoEnd)), Unescape(other.Slice(other._bounds.UserEnd, other._bounds.UserInfoEnd)), StringComparison.Ordinal);

    private static string Digits(string number) => string.Concat(number.Where(c => c is not ('-' or '.' or '(' or ')')));

    private static bool ParametersMatch(SipUri a, SipUri b, bool strict)
    {
        if (!a.HasParameters && !b.HasParameters) return true;
        foreach (var (name, value) in a.Parameters)
        {
            var theirs = b.Parameter(name);
            if (theirs is null ? strict : !string.Equals(value ?? "", theirs, StringComparison.OrdinalIgnoreCase)) return false;
        }
        foreach (var (name, _) in b.Parameters)
            if (strict && a.Parameter(name) is null) return false;
        return strict || Array.TrueForAll(Decisive, name => a.Parameter(name) is null == b.Parameter(name) is null);
    }

    private static bool HeadersMatch(IReadOnlyList<KeyValuePair<string, string?>> a, IReadOnlyList<KeyValuePair<string, string?>> b) =>
        a.Count == b.Count && a.All(x => b.Any(y => string.Equals(x.Key, y.Key, StringComparison.OrdinalIgnoreCase) && string.Equals(x.Value, y.Value, StringComparison.Ordinal)));

    // text starts with a separator (";" or "?"), the next ones are <paramref name="separator"/>.
    private static List<KeyValuePair<string, string?>> Pairs(ReadOnlySpan<char> text, char separator)
    {
        var pairs = new List<KeyValuePair<string, string?>>();
        while (!text.IsEmpty)
        {
            text = text[1..];
            var end = text.IndexOf(separator);
            var one = end < 0 ? text : text[..end];
            var equals = one.IndexOf('=');
            pairs.Add(equals < 0 ? new(Unescape(one.ToString()), null) : new(Unescape(one[..equals].ToString()), Unescape(one[(equals + 1)..].ToString())));
            text = end < 0 ? default : text[end..];
        }
        return pairs;
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal)) return text;
        var bytes = new byte[text.Length];
        var length = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '%' && at + 2 < text.Length && byte.TryParse(text.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var escaped))
            {
                bytes[length++] = escaped;
                at += 2;
            }
            else
            {
                bytes[length++] = (byte)text[at];
            }
        }
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    private static string Escape(string text, SearchValues<byte> safe)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (!bytes.AsSpan().ContainsAnyExcept(safe)) return text;
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var b in bytes)
        {
            if (safe.Contains(b)) escaped.Append((char)b);
            else escaped.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
        }
        return escaped.ToString();
    }
}
