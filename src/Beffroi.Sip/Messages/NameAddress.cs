// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Beffroi.Sip.Messages;

/// <summary>A display name, a URI and header parameters: the value of From, To, Contact, Route and their like (RFC 3261 §20.10).</summary>
/// <remarks>Threading: immutable. <see cref="ToString"/> masks name and user, for logs; <see cref="Reveal"/> is for the wire.</remarks>
public sealed class NameAddress
{
    private readonly (string Name, string? Raw)[] _parameters;   // values as on the wire, with their quotes
    private readonly string? _otherUri;

    private NameAddress(string displayName, SipUri? uri, string? otherUri, (string, string?)[] parameters) =>
        (DisplayName, Uri, _otherUri, _parameters) = (displayName, uri, otherUri, parameters);

    public NameAddress(SipUri uri, string? displayName = null, params ReadOnlySpan<KeyValuePair<string, string?>> parameters)
        : this(displayName ?? "", uri, null, ToRaw(parameters)) => ArgumentNullException.ThrowIfNull(uri);

    /// <summary>The "*" of a REGISTER that removes all bindings: RFC 3261 §10.2.2.</summary>
    public static NameAddress Wildcard { get; } = new("", null, "*", []);

    /// <summary>Without quotes and escapes; empty if there is none.</summary>
    public string DisplayName { get; }

    /// <summary>Null when the URI is none of sip, sips, tel: see <see cref="UriText"/>.</summary>
    public SipUri? Uri { get; }

    /// <summary>The URI as on the wire, whatever its scheme.</summary>
    public string UriText => Uri?.Reveal() ?? _otherUri!;

    public bool IsWildcard => ReferenceEquals(this, Wildcard);

    public string? Tag => Parameter("tag");

    /// <summary>Values without quotes; null for a parameter that has none.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Parameters =>
        Array.ConvertAll(_parameters, p => new KeyValuePair<string, string?>(p.Name, p.Raw is null ? null : SipText.Unquote(p.Raw)));

    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out NameAddress? address)
    {
        address = null;
        var trimmed = SipText.Trim(text);
        if (trimmed.SequenceEqual("*"u8))
        {
            address = Wildcard;
            return true;
        }
        if (!AddressBounds.TryScan(trimmed, out var bounds)) return false;
        var known = SipUri.TryParse(bounds.Uri, out var uri);
        var display = bounds.Display.IsEmpty ? "" : SipText.Unquote(SipText.Decode(bounds.Display));
        address = new NameAddress(display, uri, known ? null : SipText.Decode(bounds.Uri), ReadParameters(bounds.Parameters));
        return true;
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out NameAddress? address)
    {
        address = null;
        return text is not null && text.Length <= ushort.MaxValue && TryParse(Encoding.UTF8.GetBytes(text), out address);
    }

    /// <summary>A parameter's value without quotes; "" if it has none, null if it is absent. Names are case-insensitive.</summary>
    public string? Parameter(string name)
    {
        foreach (var (key, raw) in _parameters)
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return raw is null ? "" : SipText.Unquote(raw);
        return null;
    }

    public NameAddress WithTag(string tag) => WithParameter("tag", tag);

    public NameAddress WithoutTag() => WithoutParameter("tag");

    /// <summary>The same address with a parameter set; null or "" makes a valueless one. A value that is neither token nor host is quoted.</summary>
    public NameAddress WithParameter(string name, string? value)
    {
        var others = Array.FindAll(_parameters, p => !p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return new NameAddress(DisplayName, Uri, _otherUri, [.. others, (name, ToRaw(value))]);
    }

    public NameAddress WithoutParameter(string name) => Parameter(name) is null
        ? this
        : new NameAddress(DisplayName, Uri, _otherUri, Array.FindAll(_parameters, p => !p.Name.Equals(name, StringComparison.OrdinalIgnoreCase)));

    public NameAddress WithoutParameters() => _parameters.Length == 0 ? this : new NameAddress(DisplayName, Uri, _otherUri, []);

    public NameAddress WithDisplayName(string? displayName) => new(displayName ?? "", Uri, _otherUri, _parameters);

    public NameAddress WithUri(SipUri uri) => new(DisplayName, uri, null, _parameters);

    /// <summary>The text for the wire, always with angle brackets.</summary>
    public string Reveal()
    {
        if (IsWildcard) return "*";
        if (DisplayName.Length == 0 && _parameters.Length == 0) return "<" + UriText + ">";
        var text = new StringBuilder(96);
        if (DisplayName.Length > 0) text.Append(SipText.Quote(DisplayName)).Append(' ');
        text.Append('<').Append(UriText).Append('>');
        foreach (var (name, raw) in _parameters)
        {
            text.Append(';').Append(name);
            if (raw is not null) text.Append('=').Append(raw);
        }
        return text.ToString();
    }

    /// <summary>For logs: the name is left out and the user part masked.</summary>
    public override string ToString() => IsWildcard ? "*" : Uri is null ? "<***>" : "<" + Uri + ">";

    private static (string, string?)[] ReadParameters(ReadOnlySpan<byte> text)
    {
        var count = 0;
        for (var scan = new ParameterScanner(text); scan.MoveNext();) count++;
        if (count == 0) return [];
        var parameters = new (string, string?)[count];
        var next = 0;
        for (var scan = new ParameterScanner(text); scan.MoveNext();)
            parameters[next++] = (Encoding.ASCII.GetString(scan.Name), scan.HasValue ? SipText.Decode(scan.RawValue) : null);
        return parameters;
    }

    private static (string, string?)[] ToRaw(ReadOnlySpan<KeyValuePair<string, string?>> parameters)
    {
        var raw = new (string, string?)[parameters.Length];
        for (var i = 0; i < raw.Length; i++) raw[i] = (parameters[i].Key, ToRaw(parameters[i].Value));
        return raw;
    }

    private static string? ToRaw(string? value) => string.IsNullOrEmpty(value) ? null : SipText.IsPlainValue(value) ? value : SipText.Quote(value);
}
