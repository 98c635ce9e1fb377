// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using Beffroi.Sip.Authentication;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Beffroi.TestKit;

/// <summary>An operator on the wire, with a SIP stack of its own at a loopback address of its own: registrar that challenges, OPTIONS, calls in and out. It hears what it must and remembers it.</summary>
/// <remarks>Threading: the test sets its properties; requests come on SIP threads.</remarks>
public sealed class Operator : IAsyncDisposable
{
    /// <summary>The realm of its challenges.</summary>
    public const string Realm = "operator.example";

    private readonly DigestAuthenticator _digest = new(TimeProvider.System, new DigestOptions());
    private readonly ConcurrentDictionary<SipMethod, Channel<SipMessage>> _heard = new();
    private WebApplication? _web;
    private volatile bool _isSilent;
    private volatile int _refusal;
    private volatile SipUri? _contact;

    private Operator(Phone line) => Line = line;

    /// <summary>Its telephone: who calls in, and who is called.</summary>
    public Phone Line { get; }

    public IPEndPoint Address => Line.Address;

    /// <summary>Asked of who registers and, with <see cref="ChallengesCalls"/>, of who calls; null: nobody is asked.</summary>
    public DigestCredentials? Account { get; init; }

    public bool ChallengesCalls { get; init; }

    /// <summary>Seconds it grants at most.</summary>
    public int Grants { get; init; } = 3600;

    /// <summary>Seconds it grants at least; less is refused with 423.</summary>
    public int Least { get; init; }

    /// <summary>It hears everything and says nothing to REGISTER and OPTIONS.</summary>
    public bool IsSilent
    {
        get => _isSilent;
        set => _isSilent = value;
    }

    /// <summary>Its answer to REGISTER and OPTIONS instead of 200; 0: none.</summary>
    public int Refusal
    {
        get => _refusal;
        set => _refusal = value;
    }

    /// <summary>What was registered, as it was written; null: nothing now.</summary>
    public SipUri? Contact => _contact;

    /// <param name="address">One of 127/8.</param>
    public static async Task<Operator> StartAsync(string address, string number = "0612345678", DigestCredentials? account = null, bool challengesCalls = false, int least = 0)
    {
        var made = new Operator(await Phone.StartAsync(number, address)) { Account = account, ChallengesCalls = challengesCalls, Least = least };
        made.Listen();
        return made;
    }

    /// <summary>An operator that speaks TLS alone.</summary>
    /// <param name="certificate">A PEM file to write: its self-signed certificate for <paramref name="address"/>, and the key.</param>
    public static async Task<Operator> StartTlsAsync(string address, string certificate)
    {
        await WriteCertificateAsync(address, certificate);
        var options = new SipTransportOptions
        {
            Listen = [new SipListenOptions { Transport = SipTransportKind.Tls, Address = address, Port = 0 }],
            Tls = new SipTlsOptions { CertificateFile = certificate },
        };
        // The web server beneath knows the listen points only once the layer has them.
        var line = await Phone.StartAsync("0612345678", options);
        var made = new Operator(line) { _web = Web(line.Transport) };
        await made._web.StartAsync();
        made.Listen();
        return made;
    }

    /// <summary>The next request of this method that was not taken yet.</summary>
    public async Task<SipMessage> HearsAsync(SipMethod method)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        return await Queue(method).Reader.ReadAsync(limit.Token);
    }

    /// <summary>Whether such a request waits to be taken.</summary>
    public bool HasHeard(SipMethod method) => Queue(method).Reader.TryPeek(out _);

    public async ValueTask DisposeAsync()
    {
        await Line.DisposeAsync();
        if (_web is not null) await _web.DisposeAsync();
    }

    private Channel<SipMessage> Queue(SipMethod method) => _heard.GetOrAdd(method, static _ => Channel.CreateUnbounded<SipMessage>());

    private void Listen()
    {
        Line.Serves = Serve;
        Line.Screens = Screen;
    }

    private bool Serve(ServerTransaction transaction)
    {
        var request = transaction.Request;
        try
        {
            if (_isSilent || request.Method is not (SipMethod.Register or SipMethod.Options)) return _isSilent;
            if (_refusal > 0) transaction.Respond(_refusal);
            else if (request.Method == SipMethod.Register) Register(transaction);
            else transaction.Respond(SipStatus.Ok);
            return true;
        }
        finally
        {
            Queue(request.Method).Writer.TryWrite(request);
        }
    }

    private void Register(ServerTransaction transaction)
    {
        var request = transaction.Request;
        if (!IsProved(request, proxy: false, out var challenge))
        {
            transaction.Respond(SipStatus.Unauthorized, null, challenge);
            return;
        }

        var seconds = Math.Min(request.Number(SipHeaderName.Expires) ?? Grants, Grants);
        if (seconds > 0 && seconds < Least)
        {
            transaction.Respond(SipStatus.IntervalTooBrief, null, [new SipHeader(SipHeaderName.MinExpires, Least.ToString(CultureInfo.InvariantCulture))]);
            return;
        }

        var contact = request.Addresses(SipHeaderName.Contact)[0].Uri;
        _contact = seconds == 0 ? null : contact;
        transaction.Respond(SipStatus.Ok, null, seconds == 0 ? [] : [new SipHeader(SipHeaderName.Contact, $"<{contact!.Reveal()}>;expires={seconds}")]);
    }

    private bool Screen(InboundInvite invite)
    {
        Queue(SipMethod.Invite).Writer.TryWrite(invite.Request);
        if (!ChallengesCalls || IsProved(invite.Request, proxy: true, out var challenge)) return false;
        invite.Respond(SipStatus.ProxyAuthenticationRequired, null, challenge);
        return true;
    }

    private bool IsProved(SipMessage request, bool proxy, out SipHeader[] challenge)
    {
        challenge = [];
        if (Account is not { } account) return true;
        var verdict = _digest.Verify(request, proxy, new Secrets(account), Realm);
        if (verdict.IsValid) return true;
        var headers = new List<SipHeader>(1);
        _digest.AddChallenges(headers, proxy, Realm, verdict.IsStale, DigestAlgorithm.Md5);
        challenge = [.. headers];
        return false;
    }

    private static WebApplication Web(SipTransportLayer layer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenSip(layer));
        return builder.Build();
    }

    private static async Task WriteCertificateAsync(string address, string file)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={address}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private sealed class Secrets(DigestCredentials account) : IDigestSecrets
    {
        public bool TryGetHa1(string username, string realm, DigestAlgorithm algorithm, Span<byte> ha1Hex)
        {
            if (username != account.Username) return false;
            return Encoding.ASCII.TryGetBytes(DigestHa1.Compute(username, realm, account.Password, algorithm), ha1Hex, out _);
        }
    }
}
