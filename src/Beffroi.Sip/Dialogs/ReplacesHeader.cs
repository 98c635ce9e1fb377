// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.Dialogs;

/// <summary>Replaces: names a dialog by its Call-ID and tags, as the one who receives it sees them (RFC 3891 §6.1).</summary>
/// <param name="ToTag">The local tag of the receiver.</param>
/// <param name="FromTag">The remote tag of the receiver.</param>
public sealed record ReplacesHeader(string CallId, string ToTag, string FromTag, bool EarlyOnly = false)
{
    /// <summary>Parses <c>callid;to-tag=x;from-tag=y;early-only</c>. Never throws.</summary>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ReplacesHeader? replaces)
    {
        replaces = null;
        if (string.IsNullOrEmpty(text) || text.Contains(',', StringComparison.Ordinal)) return false;
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        string? to = null, from = null;
        var early = false;
        foreach (var part in parts.AsSpan(1))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? part : part[..equals].TrimEnd();
            var value = equals < 0 ? "" : part[(equals + 1)..].TrimStart();
            if (name.Equals("to-tag", StringComparison.OrdinalIgnoreCase))
            {
                if (to is not null || value.Length == 0) return false;
                to = value;
            }
            else if (name.Equals("from-tag", StringComparison.OrdinalIgnoreCase))
            {
                if (from is not null || value.Length == 0) return false;
                from = value;
            }
            else if (name.Equals("early-only", StringComparison.OrdinalIgnoreCase)) early = true;
        }
        if (parts[0].Length == 0 || to is null || from is null) return false;
        replaces = new ReplacesHeader(parts[0], to, from, early);
        return true;
    }

    /// <summary>From the headers escaped in a Refer-To URI. Null when there is none; false when there is one that cannot be read.</summary>
    internal static bool TryFromUri(SipUri uri, out ReplacesHeader? replaces)
    {
        replaces = null;
        foreach (var header in uri.Headers)
            if (header.Key.Equals("Replaces", StringComparison.OrdinalIgnoreCase))
                return TryParse(header.Value is null ? null : Uri.UnescapeDataString(header.Value), out replaces);
        return true;
    }

    /// <summary>The header value for the wire.</summary>
    public string Reveal() => EarlyOnly ? $"{CallId};to-tag={ToTag};from-tag={FromTag};early-only" : $"{CallId};to-tag={ToTag};from-tag={FromTag}";

    public override string ToString() => "replaces(***)";
}
