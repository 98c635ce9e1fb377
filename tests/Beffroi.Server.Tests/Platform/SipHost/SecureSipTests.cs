// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Platform.SipHost;

/// <summary>TLS as the settings arrange it: client certificates of SIP connections, SIP over a secure WebSocket.</summary>
public sealed class SecureSipTests
{
    private const string Options = "OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TLS peer.example;branch=z9hG4bKsecure\r\nMax-Forwards: 70\r\nFrom: <sip:peer.example>;tag=1\r\n"
        + "To: <sip:127.0.0.1>\r\nCall-ID: secure\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

    [Fact]
    public async Task Where_the_settings_require_a_client_certificate_only_a_trusted_one_comes_in()
    {
        using var authority = Make("Operator CA", null);
        using var trusted = Make("peer.example", authority);
        using var stranger = Make("peer.example", null);
        var roots = Path.Combine(Directory.CreateTempSubdirectory("beffroi-roots-").FullName, "roots.pem");
        await File.WriteAllTextAsync(roots, authority.ExportCertificatePem());
        var port = FreePorts.Next();
        await using var server = await TestServer.StartAsync(settings: [$"--Sip:Listen=tls://127.0.0.1:{port}", "--Sip:Tls:ClientCertificate=Require", $"--Sip:Tls:TrustedRoots={roots}"]);
        Assert.StartsWith("SIP/2.0 200", await AskAsync(port, trusted), StringComparison.Ordinal);
        Assert.Equal("", await AskAsync(port, stranger));
        Assert.Equal("", await AskAsync(port, null));
        Directory.Delete(Path.GetDirectoryName(roots)!, recursive: true);
    }

    [Fact]
    public async Task SIP_over_a_secure_WebSocket_is_answered()
    {
        await using var server = await TestServer.StartAsync(settings: ["--Urls=http://127.0.0.1:0;https://127.0.0.1:0"]);
        var secure = new Uri(server.App.Urls.First(url => url.StartsWith("https", StringComparison.Ordinal)));
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("sip");
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        await socket.ConnectAsync(new UriBuilder(secure) { Scheme = "wss", Path = "/sip" }.Uri, limit.Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes(Options.Replace("/TLS", "/WSS", StringComparison.Ordinal)), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
        var into = new byte[4096];
        var heard = await socket.ReceiveAsync(into, limit.Token);
        Assert.StartsWith("SIP/2.0 200", Encoding.UTF8.GetString(into, 0, heard.Count), StringComparison.Ordinal);
    }

    /// <summary>The first line that comes back; empty when the server closes instead. With TLS 1.3 a client learns of a refusal by its first read only.</summary>
    private static async Task<string> AskAsync(int port, X509Certificate2? own)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, limit.Token);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = own is null ? null : [own] }, limit.Token);
            await tls.WriteAsync(Encoding.ASCII.GetBytes(Options), limit.Token);
            using var reader = new StreamReader(tls);
            return await reader.ReadLineAsync(limit.Token) ?? "";
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            return "";
        }
    }

    /// <summary>A certificate with its key: signed by itself, an authority, when nobody signs it.</summary>
    private static X509Certificate2 Make(string name, X509Certificate2? signer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(signer is null, false, 0, true));
        var (from, to) = (TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
        if (signer is null) return request.CreateSelfSigned(from, to);
        using var bare = request.Create(signer, from, to, RandomNumberGenerator.GetBytes(8));
        using var whole = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
