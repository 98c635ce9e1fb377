// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.TestKit;
using Xunit;
using static Beffroi.Sip.Tests.Transport.TransportBench;

namespace Beffroi.Sip.Tests.Transport;

public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("beffroi-tls-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_self_signed_certificate_is_made_once_kept_and_readable_by_nobody_else()
    {
        string first;
        await using (var bench = await StartAsync(Tls())) first = await ThumbprintAsync(bench);
        await using (var bench = await StartAsync(Tls())) Assert.Equal(first, await ThumbprintAsync(bench));
        var file = Assert.Single(_folder.GetFiles());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode);
    }

    [Fact]
    public async Task A_request_over_TLS_is_answered_on_its_connection()
    {
        await using var bench = await StartAsync(Tls());
        await using var phone = await StreamPeer.ConnectTlsAsync(bench.EndPoint(SipTransportKind.Tls));
        await phone.SendAsync(Options("TLS phone.invalid", body: new string('x', 30_000)));
        Assert.Equal(200, (await phone.HearAsync()).StatusCode);
        var (_, flow) = await bench.NextAsync();
        Assert.Equal(("TLS", true), (flow.ViaTransport, flow.IsReliable));
        Assert.Null(flow.PeerCertificate);
    }

    [Fact]
    public async Task OpenSSL_speaks_with_us_by_TLS_1_2_and_not_below()
    {
        await using var bench = await StartAsync(Tls());
        var server = bench.EndPoint(SipTransportKind.Tls).ToString();
        await using (var client = ChildProcess.Start("openssl", ["s_client", "-connect", server, "-tls1_2", "-quiet", "-ign_eof"]))
        {
            foreach (var line in System.Text.Encoding.UTF8.GetString(Options("TLS phone.invalid")).Split("\r\n")[..^1]) await client.WriteLineAsync(line + "\r");
            await client.LineAsync("SIP/2.0 200", TestTimeouts.Network);
        }
        var (code, output) = await ChildProcess.RunAsync("openssl", ["s_client", "-connect", server, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], TestTimeouts.Network);
        Assert.NotEqual(0, code);
        Assert.Contains("alert protocol version", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handshake_that_does_not_begin_is_cut_off()
    {
        await using var bench = await StartAsync(Tls(handshake: TimeSpan.FromMilliseconds(200)));
        await using var silent = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tls));
        await silent.ClosedAsync();
        await using var half = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tls));
        await half.SendAsync(new byte[] { 0x16, 0x03, 0x01 });
        await half.ClosedAsync();
        Assert.Equal(0, bench.Counters.OpenConnections);
        await UdpTests.Until(() => bench.Layer.Gate.Count == 0);
    }

    [Fact]
    public async Task Where_a_client_certificate_is_required_only_a_trusted_one_comes_in()
    {
        using var authority = Certificate("Saint-Aubin CA", isAuthority: true);
        using var own = Signed("operator.example", authority);
        using var stranger = Certificate("stranger.example", isAuthority: false);
        var roots = Path.Combine(_folder.FullName, "roots.pem");
        await File.WriteAllTextAsync(roots, authority.ExportCertificatePem());
        await using var bench = await StartAsync(Tls(ClientCertificateMode.Require, roots));
        var server = bench.EndPoint(SipTransportKind.Tls);

        await using (var peer = await StreamPeer.ConnectTlsAsync(server, own))
        {
            await peer.SendAsync(Options("TLS operator.example"));
            Assert.Equal(200, (await peer.HearAsync()).StatusCode);
            Assert.Equal(own.Thumbprint, (await bench.NextAsync()).Flow.PeerCertificate?.Thumbprint);
        }
        await RefusedAsync(server, null);
        await RefusedAsync(server, stranger);
        Assert.True(bench.SawNothing);
    }

    [Fact]
    public async Task Where_a_client_certificate_is_only_asked_for_none_is_needed()
    {
        await using var bench = await StartAsync(Tls(ClientCertificateMode.Request));
        await using var phone = await StreamPeer.ConnectTlsAsync(bench.EndPoint(SipTransportKind.Tls));
        await phone.SendAsync(Options("TLS phone.invalid"));
        Assert.Equal(200, (await phone.HearAsync()).StatusCode);
    }

    [Fact]
    public async Task A_server_must_prove_to_be_the_domain_that_was_called()
    {
        using var authority = Certificate("Root", isAuthority: true);
        using var certificate = Signed("sip.operator.example", authority);
        var roots = Path.Combine(_folder.FullName, "roots.pem");
        await File.WriteAllTextAsync(roots, authority.ExportCertificatePem());
        await using var bench = await StartAsync(new SipTransportOptions { Tls = new SipTlsOptions { TrustedRootsFile = roots } });
        using var listener = StreamPeer.Listen(IPAddress.Loopback);
        var trunk = (IPEndPoint)listener.LocalEndPoint!;

        var accepting = StreamPeer.AcceptAsync(listener, certificate);
        var flow = await bench.Layer.ConnectAsync(SipTransportKind.Tls, trunk, "sip.operator.example", CancellationToken.None);
        await using var peer = await accepting;
        Assert.True(flow!.Send(Options($"TLS {flow.SentBy}")));
        Assert.Equal(SipMethod.Options, (await peer.HearAsync()).Method);
        Assert.Equal(certificate.Thumbprint, flow.PeerCertificate?.Thumbprint);
        Assert.Same(flow, await bench.Layer.ConnectAsync(SipTransportKind.Tls, trunk, "SIP.operator.example", CancellationToken.None));

        // The same address under another name is another peer: its certificate does not fit.
        var refusing = StreamPeer.AcceptAsync(listener, certificate);
        Assert.Null(await bench.Layer.ConnectAsync(SipTransportKind.Tls, trunk, "bank.example", CancellationToken.None));
        await Assert.ThrowsAnyAsync<Exception>(async () => await (await refusing).BytesAsync(1));
        Assert.True(flow.IsOpen);
    }

    [Fact]
    public async Task A_handshake_that_the_server_does_not_answer_fails_in_time()
    {
        var time = new ManualTime();
        await using var bench = await StartAsync(new SipTransportOptions(), time);
        using var listener = StreamPeer.Listen(IPAddress.Loopback);
        var connecting = bench.Layer.ConnectAsync(SipTransportKind.Tls, (IPEndPoint)listener.LocalEndPoint!, "a.example", CancellationToken.None);
        await using var mute = await StreamPeer.AcceptAsync(listener);
        Assert.False(connecting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Null(await connecting.AsTask().WaitAsync(TestTimeouts.Network));
    }

    [Fact]
    public async Task A_renewed_certificate_file_is_shown_within_a_minute_and_a_broken_one_is_not()
    {
        var file = Path.Combine(_folder.FullName, "own.pem");
        using var old = Write(file, "old.example");
        var time = new ManualTime();
        await using var bench = await StartAsync(
            new SipTransportOptions { Listen = [On(SipTransportKind.Tls)], Tls = new SipTlsOptions { CertificateFile = file } }, time);
        Assert.Equal(old.Thumbprint, await ThumbprintAsync(bench));

        await File.WriteAllTextAsync(file, "half a fil");
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddYears(60));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(old.Thumbprint, await ThumbprintAsync(bench));

        using var renewed = Write(file, "new.example");
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddYears(61));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(renewed.Thumbprint, await ThumbprintAsync(bench));
    }

    private SipTransportOptions Tls(ClientCertificateMode mode = ClientCertificateMode.None, string? roots = null, TimeSpan? handshake = null) => new()
    {
        Listen = [On(SipTransportKind.Tls)],
        Tls = new SipTlsOptions { DataFolder = _folder.FullName, ClientCertificate = mode, TrustedRootsFile = roots, HandshakeTimeout = handshake ?? TimeSpan.FromSeconds(5) }
    };

    /// <summary>With TLS 1.3 a client learns of the refusal by its first read only.</summary>
    private static async Task RefusedAsync(IPEndPoint server, X509Certificate2? certificate)
    {
        try
        {
            await using var peer = await StreamPeer.ConnectTlsAsync(server, certificate);
            await peer.SendAsync(Options("TLS stranger.example"));
            await peer.ClosedAsync();
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            // Refused in the handshake.
        }
    }

    private static async Task<string> ThumbprintAsync(TransportBench bench)
    {
        await using var phone = await StreamPeer.ConnectTlsAsync(bench.EndPoint(SipTransportKind.Tls));
        return ((X509Certificate2)((System.Net.Security.SslStream)phone.Stream).RemoteCertificate!).Thumbprint;
    }

    private static X509Certificate2 Write(string file, string name)
    {
        var certificate = Certificate(name, isAuthority: false);
        File.WriteAllText(file, certificate.ExportCertificatePem() + "\n" + certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n");
        return certificate;
    }

    private static X509Certificate2 Certificate(string name, bool isAuthority)
    {
        using var key = RSA.Create(2048);
        var request = Request(name, key, isAuthority);
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
    }

    private static X509Certificate2 Signed(string name, X509Certificate2 authority)
    {
        using var key = RSA.Create(2048);
        var request = Request(name, key, false);
        using var signed = request.Create(authority, TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(20), [1, 2, 3, 4]);
        return signed.CopyWithPrivateKey(key);
    }

    private static CertificateRequest Request(string name, RSA key, bool isAuthority)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        if (!isAuthority) names.AddDnsName(name);
        if (!isAuthority) request.CertificateExtensions.Add(names.Build());
        return request;
    }
}
