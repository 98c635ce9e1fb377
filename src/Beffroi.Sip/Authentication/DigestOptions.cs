// SPDX-License-Identifier: EUPL-1.2
using System.ComponentModel.DataAnnotations;

namespace Beffroi.Sip.Authentication;

/// <summary>How challenges are made and for how long they are good.</summary>
public sealed class DigestOptions
{
    /// <summary>Algorithms offered, the preferred one first (RFC 8760 §2.3). Default: SHA-256, then MD5 for telephones that know nothing else.</summary>
    public IReadOnlyList<DigestAlgorithm> Algorithms { get; set; } = [DigestAlgorithm.Sha256, DigestAlgorithm.Md5];

    /// <summary>How long a nonce is good. A telephone that comes back within it saves the challenge. Default: 30 minutes.</summary>
    public TimeSpan NonceLifetime { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Nonces whose counts are remembered (about 64 bytes each); beyond, the oldest go stale early. Default: 65,536.</summary>
    [Range(16, 10_000_000)]
    public int MostNonces { get; set; } = 65_536;
}
