// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.Authentication;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Lets in requests of devices, and calls of trunks, that know their secret, and counts those that do not against their source address.</summary>
/// <remarks>Threading: any thread; never waits.</remarks>
internal sealed class DeviceGate(DigestAuthenticator digest, IDigestSecrets secrets, IDirectory directory, ITrunks trunks, OwnDomains domains, SipTransportLayer transport)
{
    /// <summary>The device that sent the request, proved by digest.</summary>
    /// <param name="status">What to answer when this is false.</param>
    /// <param name="challenge">The headers of that answer.</param>
    public bool TryEnter(SipMessage request, SipFlow flow, [NotNullWhen(true)] out Device? device, out int status, out SipHeader[] challenge)
    {
        device = null;
        var verdict = digest.Verify(request, proxy: false, secrets, domains.Realm);
        return Judge(verdict, verdict.IsValid && directory.Current.TryDevice(verdict.Username, out device), flow, proxy: false, out status, out challenge) && device is not null;
    }

    /// <summary>Who sent the INVITE, proved by digest: a device, or a trunk whose calls in do so, whatever address it sends from. Exactly one of the two when this is true.</summary>
    public bool TryEnterCall(SipMessage invite, SipFlow flow, out Device? device, out Trunk? trunk, out int status, out SipHeader[] challenge)
    {
        device = null;
        var callers = new Callers(secrets, trunks, domains.Realm);
        var verdict = digest.Verify(invite, proxy: true, callers, domains.Realm);
        trunk = verdict.IsValid ? callers.Trunk : null;
        return Judge(verdict, trunk is not null || (verdict.IsValid && directory.Current.TryDevice(verdict.Username, out device)), flow, proxy: true, out status, out challenge);
    }

    /// <param name="proxy">INVITE and the like ask by 407, REGISTER by 401 (RFC 3261 §22.1, §22.3).</param>
    private bool Judge(in DigestVerdict verdict, bool isKnown, SipFlow flow, bool proxy, out int status, out SipHeader[] challenge)
    {
        challenge = [];
        var source = flow.Remote.Address;
        if (verdict.Outcome == DigestOutcome.Malformed)
        {
            status = SipStatus.BadRequest;
            return false;
        }

        if (isKnown)
        {
            transport.Guard.Succeeded(source);
            status = SipStatus.Ok;
            return true;
        }

        if (verdict.IsRefused) transport.Guard.Failed(source);
        if (verdict.IsRefused && transport.Guard.IsRestrained(source))
        {
            // The same answer for a wrong secret and an unknown name, of a device or a trunk: nothing is to be learnt here.
            status = SipStatus.Forbidden;
            return false;
        }

        if (!transport.Guard.TryChallenge(source))
        {
            status = SipStatus.ServiceUnavailable;
            challenge = [new SipHeader(SipHeaderName.RetryAfter, "5")];
            return false;
        }

        status = proxy ? SipStatus.ProxyAuthenticationRequired : SipStatus.Unauthorized;
        var headers = new List<SipHeader>(2);
        digest.AddChallenges(headers, proxy, domains.Realm, verdict.IsStale);
        challenge = [.. headers];
        return false;
    }

    /// <summary>The secrets of devices and of the trunks whose calls in prove themselves. Remembers which trunk was asked for: one request's.</summary>
    private sealed class Callers(IDigestSecrets devices, ITrunks trunks, string own) : IDigestSecrets
    {
        public Trunk? Trunk { get; private set; }

        public bool TryGetHa1(string username, string realm, DigestAlgorithm algorithm, Span<byte> ha1Hex)
        {
            if (devices.TryGetHa1(username, realm, algorithm, ha1Hex)) return true;
            if (!string.Equals(realm, own, StringComparison.OrdinalIgnoreCase) || !trunks.Current.TryProving(username, out var trunk) || trunks.SecretOf(trunk) is not { } secret) return false;
            Trunk = trunk;
            var ha1 = DigestHa1.Compute(username, realm, secret, algorithm);
            return Encoding.ASCII.TryGetBytes(ha1, ha1Hex, out var written) && written == ha1Hex.Length;
        }
    }
}
