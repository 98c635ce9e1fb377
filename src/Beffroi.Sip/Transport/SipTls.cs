// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Beffroi.Sip.Transport;

/// <summary>The terms of TLS in both directions: RFC 3261 §26.3.1, RFC 5922, RFC 8996 (nothing below 1.2).</summary>
/// <remarks>Threading: any thread.</remarks>
internal sealed class SipTls(SipTlsOptions options, TimeProvider time, ILogger log)
{
    private readonly SipServerCertificate _certificate = new(options, time, log);
    private readonly X509Certificate2Collection? _roots = LoadRoots(options.TrustedRootsFile);

    internal TimeSpan HandshakeTimeout => options.HandshakeTimeout;

    /// <summary>Reads or makes the certificate, so that a fault stops the start and not the first call.</summary>
    internal void Check() => _ = _certificate.Current();

    internal SslServerAuthenticationOptions Server() => new()
    {
        ServerCertificateContext = _certificate.Current(),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = options.ClientCertificate != ClientCertificateMode.None,
        RemoteCertificateValidationCallback = AcceptClient,
        CertificateChainPolicy = Policy()
    };

    /// <summary>For the pages and the API of the same server: the same certificate, and no certificate asked of a browser.</summary>
    internal SslServerAuthenticationOptions Web() => new() { ServerCertificateContext = _certificate.Current(), EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 };

    /// <param name="name">The domain that was called, or the address when the URI held one: RFC 5922 §4.</param>
    internal SslClientAuthenticationOptions Client(string? name, IPAddress address) => new()
    {
        TargetHost = name ?? address.ToString(),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        // Shown when the peer asks: two servers of one town may know each other by it.
        ClientCertificateContext = string.IsNullOrEmpty(options.CertificateFile) ? null : _certificate.Current(),
        RemoteCertificateValidationCallback = AcceptServer,
        CertificateChainPolicy = Policy()
    };

    private bool AcceptClient(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (options.ClientCertificate == ClientCertificateMode.None) return true;
        if (certificate is null) return options.ClientCertificate == ClientCertificateMode.Request;
        return errors == SslPolicyErrors.None;
    }

    private bool AcceptServer(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None || !options.VerifyServers;

    /// <summary>Null: the system's roots.</summary>
    private X509ChainPolicy? Policy()
    {
        if (_roots is null) return null;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.AddRange(_roots);
        return policy;
    }

    private static X509Certificate2Collection? LoadRoots(string? file)
    {
        if (string.IsNullOrEmpty(file)) return null;
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(file);
        return roots;
    }
}
