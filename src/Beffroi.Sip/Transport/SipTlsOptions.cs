// SPDX-License-Identifier: EUPL-1.2
using System.Security.Cryptography;

namespace Beffroi.Sip.Transport;

/// <summary>Whether a peer that connects by TLS must show a certificate.</summary>
public enum ClientCertificateMode { None, Request, Require }

/// <summary>TLS for SIP, 1.2 and later: RFC 3261 §26.3.1, RFC 5922.</summary>
public sealed class SipTlsOptions
{
    /// <summary>A PEM file (certificate, then its chain) or a PFX file. Empty: a self-signed certificate, made once and kept in <see cref="DataFolder"/>.
    /// A changed file is taken up by the next handshakes, within a minute.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The private key of a PEM certificate, when it is not in the same file.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The password of the PFX file or of the encrypted PEM key.</summary>
    public string? Password { get; init; }

    /// <summary>Where the self-signed certificate is kept; its key is readable by this user only.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Names and addresses in the self-signed certificate, beside this machine's name and localhost.</summary>
    public IList<string> Names { get; init; } = [];

    /// <summary>Default none. A certificate that is shown must be trusted, or the handshake fails.</summary>
    public ClientCertificateMode ClientCertificate { get; init; }

    /// <summary>A PEM file of roots trusted in both directions instead of the system's.</summary>
    public string? TrustedRootsFile { get; init; }

    /// <summary>Whether servers that we connect to must show a trusted certificate with the name of the domain called. Default true.</summary>
    public bool VerifyServers { get; init; } = true;

    /// <summary>A connection whose handshake is not over by then is cut. Default 5 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal IEnumerable<string> Problems(bool listens)
    {
        if (CertificateFile is { Length: > 0 } && !File.Exists(CertificateFile)) yield return $"Tls: CertificateFile '{CertificateFile}' does not exist.";
        if (KeyFile is { Length: > 0 } && !File.Exists(KeyFile)) yield return $"Tls: KeyFile '{KeyFile}' does not exist.";
        if (TrustedRootsFile is { Length: > 0 } && !File.Exists(TrustedRootsFile)) yield return $"Tls: TrustedRootsFile '{TrustedRootsFile}' does not exist.";
        if (listens && string.IsNullOrEmpty(CertificateFile) && string.IsNullOrEmpty(DataFolder))
            yield return "Tls: a TLS listen point needs CertificateFile, or DataFolder for a self-signed certificate.";
        if (listens && Unreadable() is { } why) yield return $"Tls: the certificate '{CertificateFile}' cannot be used: {why}";
        if (HandshakeTimeout <= TimeSpan.Zero) yield return "Tls: HandshakeTimeout must be longer than zero.";
    }

    private string? Unreadable()
    {
        if (string.IsNullOrEmpty(CertificateFile) || !File.Exists(CertificateFile)) return null;
        try
        {
            _ = SipServerCertificate.Load(this);
            return null;
        }
        catch (Exception broken) when (broken is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return broken.Message;
        }
    }
}
