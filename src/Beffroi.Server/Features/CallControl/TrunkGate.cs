// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using Beffroi.Media.Sdp;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.Authentication;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Knows a trunk by its address, and lets in its calls where, if it is set so, the digest is right.</summary>
internal sealed class TrunkGate(DigestAuthenticator digest, ITrunks trunks, IDirectory directory, OwnDomains domains)
{
    /// <summary>What a trunk may send: calls. It neither registers here nor watches lamps.</summary>
    private static readonly SipHeader[] Served = [new(SipHeaderName.Allow, "ACK, BYE, CANCEL, INFO, INVITE, NOTIFY, OPTIONS, PRACK, REFER, UPDATE")];

    /// <summary>The trunk that speaks. A device behind the same address (a test bench, a gateway) says who it is: its credentials, or its name, are the device's.</summary>
    public bool TryKnow(SipMessage request, SipFlow flow, [NotNullWhen(true)] out Trunk? trunk) =>
        trunks.Current.TryFrom(flow.Remote.Address, out trunk)
        && !request.Has(SipHeaderName.ProxyAuthorization) && !request.Has(SipHeaderName.Authorization)
        && !(request.From.Uri is { } from && directory.Current.TryDevice(from.User, out _));

    /// <summary>RFC 3261 §8.2.1: a method that is not for trunks gets 405 with those that are. A challenge would ask the operator for a password that it does not have.</summary>
    public bool Refuses(ServerTransaction transaction)
    {
        if (!TryKnow(transaction.Request, transaction.Flow, out _)) return false;
        transaction.Respond(SipStatus.MethodNotAllowed, null, Served);
        return true;
    }

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
