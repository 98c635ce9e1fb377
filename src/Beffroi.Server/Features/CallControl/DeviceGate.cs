// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.Authentication;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Lets in requests of devices that know their secret, and counts those that do not against their source address.</summary>
/// <remarks>Threading: any thread; never waits.</remarks>
internal sealed class DeviceGate(DigestAuthenticator digest, IDigestSecrets secrets, IDirectory directory, OwnDomains domains, SipTransportLayer transport)
{
    /// <summary>The device that sent the request, proved by digest.</summary>
    /// <param name="proxy">INVITE and the like ask by 407, REGISTER by 401 (RFC 3261 §22.1, §22.3).</param>
    /// <param name="status">What to answer when this is false.</param>
    /// <param name="challenge">The headers of that answer.</param>
    public bool TryEnter(SipMessage request, SipFlow flow, bool proxy, [NotNullWhen(true)] out Device? device, out int status, out SipHeader[] challenge)
    {
        device = null;
        challenge = [];
        var verdict = digest.Verify(request, proxy, secrets, domains.Realm);
        if (verdict.Outcome == DigestOutcome.Malformed)
        {
            status = SipStatus.BadRequest;
            return false;
        }

        if (verdict.IsValid && directory.Current.TryDevice(verdict.Username, out device))
        {
            transport.Guard.Succeeded(flow.Remote.Address);
            status = SipStatus.Ok;
            return true;
        }

        var source = flow.Remote.Address;
        if (verdict.IsRefused) transport.Guard.Failed(source);
        if (verdict.IsRefused && transport.Guard.IsRestrained(source))
        {
            // The same answer for a wrong secret and an unknown name: nothing is to be learnt here.
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
}
