// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Sip.Messages;

namespace Beffroi.Calls;

/// <summary>Keys in SIP INFO (RFC 6086 and the two body forms that phones use): <c>application/dtmf-relay</c> and <c>application/dtmf</c>.</summary>
internal static class DtmfInfo
{
    private const string Keys = "0123456789*#ABCD";

    public const string RelayType = "application/dtmf-relay";

    /// <summary>False for any other INFO, and for keys that do not exist.</summary>
    public static bool TryRead(SipMessage info, out char key)
    {
        key = '\0';
        var type = info.Text(SipHeaderName.ContentType);
        if (type is null) return false;
        var body = info.Body;
        if (body.Length > 256) return false;
        var text = Encoding.ASCII.GetString(body);
        if (type.StartsWith(RelayType, StringComparison.OrdinalIgnoreCase)) return TryKey(ValueOf(text), out key);
        return type.StartsWith("application/dtmf", StringComparison.OrdinalIgnoreCase) && TryKey(text.AsSpan().Trim(), out key);
    }

    public static byte[] Write(char key, int milliseconds) => Encoding.ASCII.GetBytes($"Signal={key}\r\nDuration={milliseconds}\r\n");

    private static ReadOnlySpan<char> ValueOf(string text)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var equals = line.IndexOf('=');
            if (equals > 0 && line[..equals].Trim().Equals("Signal", StringComparison.OrdinalIgnoreCase)) return line[(equals + 1)..].Trim();
        }

        return default;
    }

    private static bool TryKey(ReadOnlySpan<char> value, out char key)
    {
        key = value switch
        {
            "10" => '*',
            "11" => '#',
            _ => value.Length == 1 ? char.ToUpperInvariant(value[0]) : '\0',
        };
        return key != '\0' && Keys.Contains(key, StringComparison.Ordinal);
    }
}
