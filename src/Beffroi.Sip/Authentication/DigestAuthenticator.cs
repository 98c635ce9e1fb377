// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.Authentication;

/// <summary>The server's side of digest: RFC 3261 §22, RFC 7616, RFC 8760; qop=auth, and none for old clients (then one request per nonce).</summary>
/// <remarks>
/// Nonces need no memory until used well. A wrong secret and an unknown user take the same steps. Threading: any thread.
/// After a restart every nonce is unknown: a client with the right secret is told stale=true and never asks its user.
/// </remarks>
public sealed class DigestAuthenticator
{
    private readonly NonceMint _mint;
    private readonly NonceUses _uses;
    private readonly long _lifetime;
    private readonly DigestAlgorithm[] _offered;
    private readonly byte[] _nobody = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

    public DigestAuthenticator(TimeProvider time, DigestOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _mint = new NonceMint(time);
        _lifetime = (long)options.NonceLifetime.TotalMilliseconds;
        _uses = new NonceUses(options.MostNonces, _lifetime);
        _offered = [.. options.Algorithms.Where(DigestHash.IsAvailable)];
    }

    /// <summary>Nonces whose counts are remembered now.</summary>
    public int NoncesInUse => _uses.Count;

    /// <summary>Adds a challenge per algorithm, the preferred one first; none given: those of the options. All share one nonce.</summary>
    public void AddChallenges(List<SipHeader> into, bool proxy, string realm, bool stale, params ReadOnlySpan<DigestAlgorithm> algorithms)
    {
        ArgumentNullException.ThrowIfNull(into);
        var name = proxy ? SipHeaderName.ProxyAuthenticate : SipHeaderName.WwwAuthenticate;
        var nonce = _mint.Make();
        var quotedRealm = SipText.Quote(realm);
        var end = stale ? ", qop=\"auth\", stale=true" : ", qop=\"auth\"";
        foreach (var algorithm in algorithms.IsEmpty ? _offered : algorithms)
            into.Add(new SipHeader(name, $"Digest realm={quotedRealm}, nonce=\"{nonce}\", algorithm={algorithm.Token()}{end}"));
    }

    /// <summary>Judges the first Digest credentials of a request, or the first ones for <paramref name="realm"/> if it is given.</summary>
    /// <param name="request">A request; its method and Request-URI are what the digest covers.</param>
    /// <param name="proxy">True for Proxy-Authorization (407), false for Authorization (401).</param>
    /// <param name="secrets">Asked once per call that has credentials.</param>
    /// <param name="realm">Null takes any realm: the secrets then know which are ours.</param>
    public DigestVerdict Verify(SipMessage request, bool proxy, IDigestSecrets secrets, string? realm = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(secrets);
        var name = proxy ? SipHeaderName.ProxyAuthorization : SipHeaderName.Authorization;
        if (!request.Has(name)) return default;
        foreach (ref readonly var entry in request.Index)
        {
            if (entry.Id != name) continue;
            var value = entry.Value(request.Bytes);
            if (!DigestFields.IsDigest(value)) continue;            // RFC 4475 §3.3.7: a scheme nobody knows is no credentials
            if (!DigestFields.TryParse(value, out var fields)) return new DigestVerdict(DigestOutcome.Malformed, "", default);
            if (realm is not null && !fields.Realm.IsEmpty && !string.Equals(DigestFields.Text(fields.Realm), realm, StringComparison.Ordinal)) continue;
            if (!DigestAlgorithms.TryParse(fields.Algorithm, out var algorithm) || !_offered.Contains(algorithm)) continue;      // an answer to what nobody asked would weaken the choice
            return Judge(request, fields, algorithm, secrets);
        }
        return default;
    }

    private DigestVerdict Judge(SipMessage request, in DigestFields fields, DigestAlgorithm algorithm, IDigestSecrets secrets)
    {
        var username = DigestFields.Text(fields.Username);
        if (!IsWellFormed(fields, algorithm, out var count) || !IsForRequest(request, fields.Uri)) return new DigestVerdict(DigestOutcome.Malformed, username, algorithm);

        Span<byte> ha1 = stackalloc byte[64];
        ha1 = ha1[..algorithm.HexLength()];
        var known = secrets.TryGetHa1(username, DigestFields.Text(fields.Realm), algorithm, ha1);
        if (!known) _nobody.AsSpan(0, ha1.Length).CopyTo(ha1);

        Span<byte> expected = stackalloc byte[64];
        Span<byte> given = stackalloc byte[64];
        var right = CryptographicOperations.FixedTimeEquals(DigestResponse.Compute(algorithm, ha1, request.MethodToken, fields, expected), Lower(fields.Response, given));
        CryptographicOperations.ZeroMemory(ha1);
        if (!known) return new DigestVerdict(DigestOutcome.UnknownUser, username, algorithm);
        if (!right) return new DigestVerdict(DigestOutcome.Wrong, username, algorithm);
        var now = _mint.Now;
        var fresh = _mint.TryRead(fields.Nonce, out var number, out var issued) && now - issued <= _lifetime && _uses.TryUse(number, issued, count, now);
        return new DigestVerdict(fresh ? DigestOutcome.Valid : DigestOutcome.Stale, username, algorithm);
    }

    private static bool IsWellFormed(in DigestFields fields, DigestAlgorithm algorithm, out uint count)
    {
        count = 0;
        if (fields.Username.IsEmpty || fields.Realm.IsEmpty || fields.Nonce.IsEmpty || fields.Uri.IsEmpty || fields.HasUserhash) return false;
        if (fields.Response.Length != algorithm.HexLength() || !DigestResponse.Fits(fields)) return false;
        if (!fields.HasQop) return true;
        return Ascii.EqualsIgnoreCase(fields.Qop, "auth"u8) && !fields.Cnonce.IsEmpty && fields.NonceCount.Length == 8
            && uint.TryParse(fields.NonceCount, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out count) && count != 0;
    }

    // RFC 7616 §3.4.6: the digest must be about this request. RFC 3261 §22.4 lets the text differ, so user and host are compared, not port and parameters.
    // Deviation: a digest about the server alone ("sip:host") is taken for any user there. SIPp and some gateways write it so; method and nonce count still bind it.
    private static bool IsForRequest(SipMessage request, ReadOnlySpan<byte> uri) =>
        uri.SequenceEqual(request.RequestUriText)
        || (SipUri.TryParse(uri, out var told) && request.RequestUri is { } own && (told.User == own.User || told.User.Length == 0) && told.Host.Equals(own.Host, StringComparison.OrdinalIgnoreCase));

    private static ReadOnlySpan<byte> Lower(ReadOnlySpan<byte> hex, Span<byte> lower)
    {
        Ascii.ToLower(hex, lower, out var length);
        return lower[..length];
    }
}
