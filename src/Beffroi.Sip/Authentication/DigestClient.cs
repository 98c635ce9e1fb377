// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.Authentication;

/// <summary>The client's side of digest: RFC 3261 §22.2 and §22.3, RFC 8760. One object per user and server keeps the nonce and its count between requests.</summary>
/// <remarks>The strongest algorithm offered is taken; qop=auth, or none; auth-int is never chosen. Threading: any thread; one small lock.</remarks>
public sealed class DigestClient(string username, string password)
{
    private readonly Lock _lock = new();
    private Challenge? _challenge;
    private uint _count;

    /// <summary>For one request: answers the challenge of a 401 or 407 with nonce count 1.</summary>
    public static bool TryAuthorize(SipMessage challenge, string method, string uri, string username, string password, out SipHeader authorization) =>
        new DigestClient(username, password).TryAuthorize(challenge, method, uri, out authorization);

    /// <summary>True if one of the challenges says that only the nonce was too old: RFC 7616 §3.3. Trying again with the same secret makes sense then, and only then.</summary>
    public static bool IsStale(SipMessage challenge)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        foreach (ref readonly var entry in challenge.Index)
            if (entry.Id == Asking(challenge) && DigestFields.TryParse(entry.Value(challenge.Bytes), out var fields) && Ascii.EqualsIgnoreCase(fields.Stale, "true"u8))
                return true;
        return false;
    }

    /// <summary>Answers the challenge of a 401 or 407 and keeps it for <see cref="TryAuthorizeAgain"/>. False if nothing in it can be answered.</summary>
    public bool TryAuthorize(SipMessage challenge, string method, string uri, out SipHeader authorization)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        lock (_lock)
        {
            _challenge = Strongest(challenge);
            _count = 0;
        }
        return TryAuthorizeAgain(method, uri, out authorization);
    }

    /// <summary>Credentials for a further request under the last challenge, with the next nonce count: saves the server a 401. False before any challenge.</summary>
    public bool TryAuthorizeAgain(string method, string uri, out SipHeader authorization) =>
        TryAuthorize(method, uri, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), out authorization);

    internal bool TryAuthorize(string method, string uri, string cnonce, out SipHeader authorization)
    {
        authorization = default;
        Challenge? challenge;
        uint count;
        lock (_lock)
        {
            challenge = _challenge;
            // Without qop a server may take a nonce once only.
            if (challenge is null || (!challenge.HasQop && _count > 0)) return false;
            count = ++_count;
        }
        var fields = new DigestFields
        {
            Nonce = Encoding.UTF8.GetBytes(challenge.Nonce),
            Uri = Encoding.UTF8.GetBytes(uri),
            HasQop = challenge.HasQop,
            Cnonce = Encoding.ASCII.GetBytes(cnonce),
            NonceCount = Encoding.ASCII.GetBytes(count.ToString("x8", CultureInfo.InvariantCulture))
        };
        if (!DigestResponse.Fits(fields)) return false;
        Span<byte> hex = stackalloc byte[64];
        var ha1 = Encoding.ASCII.GetBytes(DigestHa1.Compute(username, challenge.Realm, password, challenge.Algorithm));
        var response = Encoding.ASCII.GetString(DigestResponse.Compute(challenge.Algorithm, ha1, Encoding.UTF8.GetBytes(method), fields, hex));
        authorization = new SipHeader(challenge.Answering, Write(challenge, uri, cnonce, count, response));
        return true;
    }

    private string Write(Challenge challenge, string uri, string cnonce, uint count, string response)
    {
        var text = new StringBuilder("Digest username=", 320).Append(SipText.Quote(username)).Append(", realm=").Append(SipText.Quote(challenge.Realm))
            .Append(", nonce=\"").Append(challenge.Nonce).Append("\", uri=\"").Append(uri).Append("\", response=\"").Append(response).Append('"');
        if (challenge.NamesAlgorithm) text.Append(", algorithm=").Append(challenge.Algorithm.Token());
        if (challenge.HasQop) text.Append(CultureInfo.InvariantCulture, $", qop=auth, nc={count:x8}, cnonce=\"{cnonce}\"");
        if (challenge.Opaque is not null) text.Append(", opaque=\"").Append(challenge.Opaque).Append('"');
        return text.ToString();
    }

    private static Challenge? Strongest(SipMessage message)
    {
        Challenge? best = null;
        foreach (ref readonly var entry in message.Index)
        {
            if (entry.Id != Asking(message) || !DigestFields.TryParse(entry.Value(message.Bytes), out var fields)) continue;
            if (fields.Realm.IsEmpty || fields.Nonce.IsEmpty || !DigestAlgorithms.TryParse(fields.Algorithm, out var algorithm)) continue;
            if ((fields.HasQop && !OffersAuth(fields.Qop)) || (best is not null && best.Algorithm >= algorithm)) continue;
            best = new Challenge(
                message.StatusCode == SipStatus.ProxyAuthenticationRequired ? SipHeaderName.ProxyAuthorization : SipHeaderName.Authorization,
                DigestFields.Text(fields.Realm), Encoding.UTF8.GetString(fields.Nonce), algorithm, !fields.Algorithm.IsEmpty, fields.HasQop,
                fields.Opaque.IsEmpty ? null : Encoding.UTF8.GetString(fields.Opaque));
        }
        return best;
    }

    private static SipHeaderName Asking(SipMessage message) =>
        message.StatusCode == SipStatus.ProxyAuthenticationRequired ? SipHeaderName.ProxyAuthenticate : SipHeaderName.WwwAuthenticate;

    private static bool OffersAuth(ReadOnlySpan<byte> options)
    {
        for (var comma = new CommaScanner(options); comma.MoveNext();)
            if (Ascii.EqualsIgnoreCase(comma.Current, "auth"u8))
                return true;
        return false;
    }

    private sealed record Challenge(SipHeaderName Answering, string Realm, string Nonce, DigestAlgorithm Algorithm, bool NamesAlgorithm, bool HasQop, string? Opaque);
}
