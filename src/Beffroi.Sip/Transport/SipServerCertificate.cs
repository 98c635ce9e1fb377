// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Beffroi.Sip.Transport;

/// <summary>The certificate we show: from the configured file, taken up anew when it changes, or self-signed and kept.</summary>
/// <remarks>Threading: any thread; the file is looked at once a minute, under a lock.</remarks>
internal sealed partial class SipServerCertificate(SipTlsOptions options, TimeProvider time, ILogger log)
{
    private const string SelfSignedFile = "sip-self-signed.pem";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SelfSignedFor = TimeSpan.FromDays(3650);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    private readonly Lock _lock = new();
    private SslStreamCertificateContext? _context;
    private DateTime _fileTime;
    private long _lookedAt;

    /// <summary>The certificate with its chain. Throws <see cref="CryptographicException"/> or <see cref="IOException"/> only when none could ever be read.</summary>
    internal SslStreamCertificateContext Current()
    {
        lock (_lock)
        {
            if (_context is not null && time.GetElapsedTime(_lookedAt) < LookEvery) return _context;
            _lookedAt = time.GetTimestamp();
            if (string.IsNullOrEmpty(options.CertificateFile)) return _context ??= SelfSigned();
            try
            {
                var written = File.GetLastWriteTimeUtc(options.CertificateFile);
                if (_context is not null && written == _fileTime) return _context;
                _context = Load(options);
                _fileTime = written;
            }
            catch (Exception broken) when (_context is not null && broken is IOException or UnauthorizedAccessException or CryptographicException)
            {
                LogKeepsOld(log, broken, options.CertificateFile);       // a renewal under way: the next minute finds the whole file
            }
            return _context!;
        }
    }

    internal static SslStreamCertificateContext Load(SipTlsOptions options)
    {
        var file = options.CertificateFile!;
        if (Path.GetExtension(file).ToUpperInvariant() is ".PFX" or ".P12")
        {
            var bundle = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, options.Password);
            var own = bundle.FirstOrDefault(c => c.HasPrivateKey) ?? throw new CryptographicException($"{file} holds no private key.");
            bundle.Remove(own);
            return SslStreamCertificateContext.Create(own, bundle, offline: true);
        }
        var key = string.IsNullOrEmpty(options.KeyFile) ? file : options.KeyFile;
        var certificate = string.IsNullOrEmpty(options.Password)
            ? X509Certificate2.CreateFromPemFile(file, key)
            : X509Certificate2.CreateFromEncryptedPemFile(file, options.Password, key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(file);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    private SslStreamCertificateContext SelfSigned()
    {
        var folder = options.DataFolder ?? throw new InvalidOperationException("Tls: no certificate file and no data folder.");
        var file = Path.Combine(folder, SelfSignedFile);
        if (File.Exists(file))
        {
            var kept = X509Certificate2.CreateFromPemFile(file);
            if (kept.NotAfter.ToUniversalTime() - RenewBefore > time.GetUtcNow()) return SslStreamCertificateContext.Create(kept, null, offline: true);
            kept.Dispose();
        }
        Directory.CreateDirectory(folder);
        using var key = RSA.Create(2048);                                // desk telephones that know no elliptic curves are still about
        using var made = Make(key);
        Write(file, made.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        LogMade(log, file, made.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(file), null, offline: true);
    }

    private X509Certificate2 Make(RSA key)
    {
        var host = Dns.GetHostName();
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in options.Names.Append(host).Append("localhost").Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(name, out var address)) names.AddIpAddress(address);
            else names.AddDnsName(name);
        }
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = time.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now + SelfSignedFor);
    }

    /// <summary>Whole or not at all, and never readable by others.</summary>
    private static void Write(string file, string text)
    {
        var draft = file + ".new";
        File.Delete(draft);
        var terms = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) terms.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(draft, terms))
        using (var writer = new StreamWriter(stream)) writer.Write(text);
        File.Move(draft, file, overwrite: true);
    }

    [LoggerMessage(1140, LogLevel.Warning, "The changed certificate {File} could not be read; the former one stays in use.")]
    private static partial void LogKeepsOld(ILogger log, Exception broken, string file);

    [LoggerMessage(1141, LogLevel.Information, "Made a self-signed certificate for TLS in {File}, valid until {Until}.")]
    private static partial void LogMade(ILogger log, string file, string until);
}
