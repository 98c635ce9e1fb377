// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Sdp;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.Authentication;
using Beffroi.Sip.Messages;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Lets in calls of a trunk whose address is known and, where it is set so, whose digest is right.</summary>
internal sealed class TrunkGate(DigestAuthenticator digest, ITrunks trunks, OwnDomains domains)
{
    public bool TryEnter(SipMessage request, Trunk trunk, out int status, out SipHeader[] challenge)
    {
        (status, challenge) = (SipStatus.Ok, []);
        if (!trunk.InboundDigest) return true;
        var verdict = digest.Verify(request, proxy: true, new Secret(trunk, trunks.SecretOf(trunk)), domains.Realm);
        if (verdict.IsValid) return true;
        status = verdict.Outcome == DigestOutcome.Malformed ? SipStatus.BadRequest : SipStatus.ProxyAuthenticationRequired;
        var headers = new List<SipHeader>(2);
        if (status != SipStatus.BadRequest) digest.AddChallenges(headers, proxy: true, domains.Realm, verdict.IsStale);
        challenge = [.. headers];
        return false;
    }

    private sealed class Secret(Trunk trunk, string? secret) : IDigestSecrets
    {
        public bool TryGetHa1(string username, string realm, DigestAlgorithm algorithm, Span<byte> ha1Hex)
        {
            if (secret is null || username != trunk.Username) return false;
            var ha1 = DigestHa1.Compute(username, realm, secret, algorithm);
            return System.Text.Encoding.ASCII.TryGetBytes(ha1, ha1Hex, out var written) && written == ha1Hex.Length;
        }
    }
}

/// <summary>A taken channel; given back once.</summary>
internal sealed class TrunkChannel(ITrunks trunks, Guid trunk) : IDisposable
{
    private int _given;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _given, 1) == 0) trunks.Release(trunk);
    }
}

/// <summary>A trunk's codec list as a policy.</summary>
internal static class TrunkCodecs
{
    public static CodecPolicy Of(Trunk trunk) => trunk.Codecs.Count == 0
        ? CodecPolicy.Default
        : CodecPolicy.Default with { Allowed = [.. trunk.Codecs], Own = [.. trunk.Codecs], OurOrder = true, Video = false, Text = false };
}
