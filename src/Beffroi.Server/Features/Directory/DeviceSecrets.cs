// SPDX-License-Identifier: EUPL-1.2
using System.Security.Cryptography;
using Beffroi.Calls;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Sip.Authentication;

namespace Beffroi.Server.Features.Directory;

/// <summary>SIP usernames and secrets of devices.</summary>
internal static class DeviceSecrets
{
    /// <summary>What the column holds: a device made with its person is named like the person, whose two names can be longer together.</summary>
    internal const int MostName = 120;

    /// <summary>24 characters that are easy to type on a phone: 120 random bits.</summary>
    internal static string Make() => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 24);

    internal static bool IsUsername(string text) => text.Length is >= 2 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>The number itself, or with a few random letters when another device has it.</summary>
    internal static string FreeUsername(DirectorySnapshot now, string number)
    {
        var name = number;
        while (name.Length < 2 || now.TryDevice(name, out _)) name = $"{number}-{RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz", 4)}";
        return name;
    }

    internal static Device Device(Extension extension, string username, string name, DeviceKind kind, string realm, string secret, DateTimeOffset now) => With(new Device
    {
        Id = Guid.CreateVersion7(now),
        OrganisationId = extension.OrganisationId,
        SiteId = extension.SiteId,
        ExtensionId = extension.Id,
        Name = PlainText.Of(name, MostName),
        Kind = kind,
        SipUsername = username,
        Realm = realm,
        SecretAt = now,
    }, realm, secret, now);

    /// <summary>The device with another secret.</summary>
    internal static Device With(Device device, string realm, string secret, DateTimeOffset now)
    {
        byte[] Ha1(DigestAlgorithm algorithm) => DigestHa1.IsAvailable(algorithm) ? Convert.FromHexString(DigestHa1.Compute(device.SipUsername, realm, secret, algorithm)) : [];
        return device with
        {
            Realm = realm,
            SecretAt = now,
            Ha1Md5 = Ha1(DigestAlgorithm.Md5),
            Ha1Sha256 = Ha1(DigestAlgorithm.Sha256),
            Ha1Sha512256 = Ha1(DigestAlgorithm.Sha512_256),
        };
    }
}
