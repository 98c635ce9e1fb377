// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.UserAgent;

/// <summary>The way from a challenge to the header that answers it.</summary>
internal static class DigestAnswer
{
    internal static bool IsStale(SipMessage challenge, bool isProxy)
    {
        foreach (var value in challenge.Values(isProxy ? SipHeaderName.ProxyAuthenticate : SipHeaderName.WwwAuthenticate))
            if (value.Contains("stale=true", StringComparison.OrdinalIgnoreCase) || value.Contains("stale=\"true\"", StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    internal static bool TryWrite(SipMessage challenge, string method, string uri, DigestCredentials credentials, out SipHeader header)
    {
        header = default;
        return false;
    }
}
