// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Sip.Authentication;

namespace Beffroi.Server.Features.Directory;

/// <summary>The devices' hashed secrets for the digest authenticator, from the snapshot in memory. Threading: any thread.</summary>
internal sealed class DirectoryDigestSecrets(IDirectory directory) : IDigestSecrets
{
    public bool TryGetHa1(string username, string realm, DigestAlgorithm algorithm, Span<byte> ha1Hex)
    {
        if (!directory.Current.TryDevice(username, out var device) || !device.Enabled || device.Realm != realm) return false;
        var ha1 = algorithm switch
        {
            DigestAlgorithm.Md5 => device.Ha1Md5,
            DigestAlgorithm.Sha256 => device.Ha1Sha256,
            DigestAlgorithm.Sha512_256 => device.Ha1Sha512256,
            _ => [],
        };
        return ha1.Length > 0 && ha1Hex.Length >= ha1.Length * 2 && Encoding.UTF8.TryGetBytes(Convert.ToHexStringLower(ha1), ha1Hex, out _);
    }
}
