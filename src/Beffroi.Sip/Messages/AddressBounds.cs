// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Messages;

/// <summary>Where the parts of a name-addr or addr-spec stand (RFC 3261 §25.1), found without allocation. The value is one element, without its comma.</summary>
internal ref struct AddressBounds
{
    /// <summary>With its quotes, if it has any.</summary>
    public ReadOnlySpan<byte> Display;
    public ReadOnlySpan<byte> Uri;
    /// <summary>From the first semicolon after the URI; empty if there is none.</summary>
    public ReadOnlySpan<byte> Parameters;
    public bool HasBrackets;

    public static bool TryScan(ReadOnlySpan<byte> value, out AddressBounds bounds)
    {
        bounds = default;
        var at = SipText.SkipBlanks(value, 0);
        if (at >= value.Length) return false;
        int open;
        if (value[at] == '"')
        {
            var end = SipText.EndOfQuoted(value, at);
            if (end < 0) return false;
            bounds.Display = value[at..end];
            open = SipText.SkipBlanks(value, end);
            if (open >= value.Length || value[open] != '<') return false;
        }
        else
        {
            var mark = value[at..].IndexOfAny((byte)'<', (byte)';', (byte)'"');
            if (mark < 0 || value[at + mark] == ';') return TryScanBare(value, at, ref bounds);
            if (value[at + mark] == '"') return false;
            open = at + mark;
            // Deviation: an unquoted display name may hold more than tokens (letters beyond ASCII, a colon), but no comma: it would be two addresses.
            bounds.Display = SipText.Trim(value[at..open]);
            if (bounds.Display.Contains((byte)',')) return false;
        }
        var close = value[open..].IndexOf((byte)'>');
        if (close < 0) return false;
        bounds.HasBrackets = true;
        bounds.Uri = value.Slice(open + 1, close - 1);
        bounds.Parameters = SipText.Trim(value[(open + close + 1)..]);
        return UriIsValid(bounds.Uri) && ParametersAreValid(bounds.Parameters);
    }

    // Without brackets the semicolon starts header parameters, and "," or "?" may not stand in the URI: RFC 3261 §20.10.
    private static bool TryScanBare(ReadOnlySpan<byte> value, int at, ref AddressBounds bounds)
    {
        var semicolon = value[at..].IndexOf((byte)';');
        var end = semicolon < 0 ? value.Length : at + semicolon;
        bounds.Uri = SipText.Trim(value[at..end]);
        bounds.Parameters = value[end..];
        return !bounds.Uri.ContainsAny((byte)',', (byte)'?') && UriIsValid(bounds.Uri) && ParametersAreValid(bounds.Parameters);
    }

    private static bool ParametersAreValid(ReadOnlySpan<byte> parameters) => parameters.IsEmpty || ParameterScanner.AllValid(parameters);

    private static bool UriIsValid(ReadOnlySpan<byte> uri) =>
        UriBounds.IsKnownScheme(uri) ? UriBounds.TryScan(uri, out _) : UriBounds.HasScheme(uri) && !uri.ContainsAny(" \t\r\n"u8) && !uri.ContainsAny("<>\""u8);
}
