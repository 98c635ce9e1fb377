// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Beffroi.Sip.Messages;

/// <summary>A sip, sips or tel URI: RFC 3261 §19.1, RFC 3966. It keeps its text and finds the parts in it when asked.</summary>
/// <remarks>Threading: immutable; the cached parts are benign races. <see cref="ToString"/> masks the user, for logs; <see cref="Reveal"/> is for the wire.</remarks>
public sealed partial class SipUri : IEquatable<SipUri>
{
    private readonly string _text;
    private readonly UriBounds _bounds;
    private string? _user;
    private string? _host;

    private SipUri(string text, UriBounds bounds) => (_text, _bounds) = (text, bounds);

    /// <summary>"sip", "sips" or "tel".</summary>
    public string Scheme => _bounds.Scheme switch { UriScheme.Sip => "sip", UriScheme.Sips => "sips", _ => "tel" };

    public bool IsSecure => _bounds.Scheme == UriScheme.Sips;
    public bool IsTel => _bounds.Scheme == UriScheme.Tel;

    /// <summary>Unescaped; for a tel URI the number as written. Empty if there is none.</summary>
    public string User => _user ??= Unescape(Slice(_bounds.UserStart, _bounds.UserEnd));

    /// <summary>What was dialled: <see cref="User"/>, of a tel URI without its visual separators (RFC 3966 §5.1.1).</summary>
    public string Dialled => IsTel ? string.Concat(User.Where(sign => sign is not ('-' or '.' or '(' or ')'))) : User;

    /// <summary>As written, an IPv6 reference with its brackets; empty for a tel URI.</summary>
    public string Host => _host ??= Slice(_bounds.HostStart, _bounds.HostEnd);

    /// <summary>0 if the URI names none.</summary>
    public int Port => _bounds.Port;

    /// <summary>The transport parameter in lower case, or null.</summary>
    public string? Transport => Parameter("transport") switch
    {
        null => null,
        var t when t.Equals("udp", StringComparison.OrdinalIgnoreCase) => "udp",
        var t when t.Equals("tcp", StringComparison.OrdinalIgnoreCase) => "tcp",
        var t when t.Equals("tls", StringComparison.OrdinalIgnoreCase) => "tls",
        var t => t.ToLowerInvariant()
    };

    /// <summary>True with the lr parameter: a loose router, RFC 3261 §19.1.1.</summary>
    public bool IsLoose => Parameter("lr") is not null;

    public bool HasParameters => _bounds.ParametersEnd > _bounds.ParametersStart;
    public bool HasHeaders => _text.Length > _bounds.ParametersEnd;

    public IReadOnlyList<KeyValuePair<string, string?>> Parameters => Pairs(_text.AsSpan(_bounds.ParametersStart, _bounds.ParametersEnd - _bounds.ParametersStart), ';');

    /// <summary>What follows "?": header fields the URI asks for. They are never obeyed unless a caller says so.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Headers => HasHeaders ? Pairs(_text.AsSpan(_bounds.ParametersEnd), '&') : [];

    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out SipUri? uri)
    {
        uri = UriBounds.TryScan(text, out var bounds) ? new SipUri(Encoding.ASCII.GetString(text), bounds) : null;
        return uri is not null;
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out SipUri? uri)
    {
        uri = null;
        if (text is null || text.Length > UriBounds.LongestUri) return false;
        Span<byte> bytes = text.Length <= 512 ? stackalloc byte[512] : new byte[text.Length];
        if (Encoding.ASCII.GetBytes(text, bytes) is var length && !Ascii.IsValid(text)) return false;
        if (UriBounds.TryScan(bytes[..length], out var bounds)) uri = new SipUri(text, bounds);
        return uri is not null;
    }

    /// <summary>For text the program itself wrote.</summary>
    /// <exception cref="FormatException">The text is no sip, sips or tel URI.</exception>
    public static SipUri Parse(string text) => TryParse(text, out var uri) ? uri : throw new FormatException("Not a sip, sips or tel URI.");

    /// <summary>A sip URI of parts; the user is escaped, an IPv6 host gets its brackets.</summary>
    public static SipUri Of(string user, string host, int port = 0, string? transport = null) =>
        Parse(Compose("sip", user, password: "", host, port, transport is null ? "" : ";transport=" + transport, ""));

    /// <summary>The value of a parameter, unescaped; "" if it has none, null if it is absent. Names are case-insensitive.</summary>
    public string? Parameter(string name)
    {
        var rest = _text.AsSpan(_bounds.ParametersStart, _bounds.ParametersEnd - _bounds.ParametersStart);
        while (!rest.IsEmpty)
        {
            rest = rest[1..];
            var end = rest.IndexOf(';');
            var one = end < 0 ? rest : rest[..end];
            var equals = one.IndexOf('=');
            var key = equals < 0 ? one : one[..equals];
            if (Names(key, name)) return equals < 0 ? "" : Unescape(one[(equals + 1)..].ToString());
            rest = end < 0 ? default : rest[end..];
        }
        return null;
    }

    /// <summary>The same URI with some parts replaced; null keeps a part, an empty user or a port of 0 takes it away.</summary>
    public SipUri With(string? user = null, string? host = null, int? port = null, string? scheme = null)
    {
        var password = user is null && _bounds.UserInfoEnd > _bounds.UserEnd ? Slice(_bounds.UserEnd, _bounds.UserInfoEnd) : "";
        return Parse(Compose(scheme ?? Scheme, user ?? User, password, host ?? Host, port ?? Port, Slice(_bounds.ParametersStart, _bounds.ParametersEnd), _text[_bounds.ParametersEnd..]));
    }

    /// <summary>The same URI with a parameter set ("" for a valueless one).</summary>
    public SipUri WithParameter(string name, string value)
    {
        var without = WithoutParameter(name);
        var added = value.Length == 0 ? ";" + name : ";" + name + "=" + Escape(value, ParameterSafe);
        return Parse(string.Concat(without._text.AsSpan(0, without._bounds.ParametersEnd), added, without._text.AsSpan(without._bounds.ParametersEnd)));
    }

    public SipUri WithoutParameter(string name)
    {
        if (Parameter(name) is null) return this;
        var kept = new StringBuilder(_text, 0, _bounds.ParametersStart, _text.Length);
        foreach (var (key, value) in Parameters)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            kept.Append(';').Append(key);
            if (!string.IsNullOrEmpty(value)) kept.Append('=').Append(Escape(value, ParameterSafe));
        }
        return Parse(kept.Append(_text, _bounds.ParametersEnd, _text.Length - _bounds.ParametersEnd).ToString());
    }

    public SipUri WithoutParameters() => HasParameters ? Parse(string.Concat(_text.AsSpan(0, _bounds.ParametersStart), _text.AsSpan(_bounds.ParametersEnd))) : this;

    public SipUri WithoutHeaders() => HasHeaders ? Parse(_text[.._bounds.ParametersEnd]) : this;

    /// <summary>The text for the wire.</summary>
    public string Reveal() => _text;

    /// <summary>For logs: the user part is masked.</summary>
    public override string ToString() => IsTel ? "tel:***" : _bounds.UserInfoEnd == _bounds.UserStart
        ? string.Concat(Scheme, ":", _text.AsSpan(_bounds.HostStart, _bounds.ParametersStart - _bounds.HostStart))
        : string.Concat(Scheme, ":***@", _text.AsSpan(_bounds.HostStart, _bounds.ParametersStart - _bounds.HostStart));

    // A name may be escaped: "%6C%72" is lr (RFC 4475 §3.1.1.3).
    private static bool Names(ReadOnlySpan<char> key, string name) =>
        key.Equals(name, StringComparison.OrdinalIgnoreCase)
        || (key.Contains('%') && Unescape(key.ToString()).Equals(name, StringComparison.OrdinalIgnoreCase));

    private string Slice(int start, int end) => _text[start..end];

    private static string Compose(string scheme, string user, string password, string host, int port, string parameters, string headers)
    {
        if (scheme == "tel") return "tel:" + user + parameters;
        var text = new StringBuilder(scheme, 64).Append(':');
        if (user.Length > 0) text.Append(Escape(user, UserSafe)).Append(password).Append('@');
        if (host.Contains(':', StringComparison.Ordinal) && host[0] != '[') text.Append('[').Append(host).Append(']');
        else text.Append(host);
        if (port > 0) text.Append(':').Append(port.ToString(CultureInfo.InvariantCulture));
        return text.Append(parameters).Append(headers).ToString();
    }
}
