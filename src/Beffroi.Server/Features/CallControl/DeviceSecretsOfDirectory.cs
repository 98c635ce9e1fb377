// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.Authentication;

namespace Beffroi.Server.Features.CallControl;

/// <summary>The digest secrets of the directory's devices.</summary>
/// <remarks>Threading: any thread; in memory.</remarks>
internal sealed class DeviceSecretsOfDirectory(IDirectory directory, OwnDomains domains) : IDigestSecrets
{
    public bool TryGetHa1(string username, string realm, DigestAlgorithm algorithm, Span<byte> ha1Hex)
    {
        if (!string.Equals(realm, domains.Realm, StringComparison.OrdinalIgnoreCase)) return false;
        if (!directory.Current.TryDevice(username, out var device) || !device.Enabled || device.Realm != realm) return false;
        var ha1 = algorithm switch
        {
            DigestAlgorithm.Md5 => device.Ha1Md5,
            DigestAlgorithm.Sha256 => device.Ha1Sha256,
            _ => device.Ha1Sha512256,
        };
        return Convert.TryToHexStringLower(ha1, ha1Hex, out var written) && written == ha1Hex.Length;
    }
}
