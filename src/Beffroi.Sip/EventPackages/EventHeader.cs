// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.EventPackages;

/// <summary>The Event header: type and id, RFC 6665 §8.2.1.</summary>
internal static class EventHeader
{
    /// <summary>False if it is absent or malformed.</summary>
    public static bool TryRead(SipMessage message, out string name, out string? id)
    {
        (name, id) = ("", null);
        var value = message.First(SipHeaderName.Event);
        var length = SipText.TokenLength(value);
        if (length == 0 || !ParameterScanner.AllValid(value[length..])) return false;
        name = Encoding.ASCII.GetString(value[..length]);
        if (ParameterScanner.TryFind(value[length..], "id"u8, out var raw)) id = SipText.Decode(raw);
        return true;
    }
}
