// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.TestKit.Sound;

namespace Beffroi.TestKit.Peers;

/// <summary>Debian's linphonec with sound files in place of a sound card, driven by its command line.</summary>
/// <remarks>Threading: one test drives it.</remarks>
public sealed class Linphone : SoftPhone
{
    private static readonly string[] Codecs =
    [
        "opus/48000", "speex/8000", "speex/16000", "speex/32000", "PCMU/8000", "PCMA/8000", "G722/8000", "GSM/8000", "iLBC/8000", "BV16/8000",
        "iSAC/16000", "L16/44100", "SILK/8000", "SILK/12000", "SILK/16000", "SILK/24000", "G729/8000", "AMR/8000", "AMR-WB/16000", "G726-32/8000",
        "G726-16/8000", "G726-24/8000", "G726-40/8000", "AAL2-G726-16/8000", "AAL2-G726-24/8000", "AAL2-G726-32/8000", "AAL2-G726-40/8000", "mpeg4-generic/44100",
    ];

    private readonly PeerFolder _folder;
    private readonly ChildProcess _process;
    private readonly PhoneAccount _account;
    private readonly int _rate;
    private int _seen;

    private Linphone(PeerFolder folder, ChildProcess process, PhoneAccount account, double tone, int sipPort, int rate) : base(tone)
    {
        (_folder, _process, _account, _rate) = (folder, process, account, rate);
        SipPort = sipPort;
    }

    public override string DirectUri => $"sip:{_account.User}@127.0.0.1:{SipPort};transport={_account.TransportName}";

    public override string Log => _process.Output;

    public override WavSound Recording => File.Exists(_folder.File("heard.wav")) ? WavSound.Read(_folder.File("heard.wav"), _rate) : new WavSound(8000, []);

    /// <param name="codec">PCMA, PCMU or G722.</param>
    public static async Task<Linphone> StartAsync(PhoneAccount account, double tone, string codec = "PCMA")
    {
        var folder = new PeerFolder("linphone");
        Directory.CreateDirectory(folder.File(".local/share/linphone"));
        WavSound.Sine(tone, 16000, TimeSpan.FromSeconds(120)).Write(folder.File("says.wav"));
        var sip = FreePorts.Next();
        var settings = folder.Write("rc", Settings(account, codec, sip));
        var process = ChildProcess.Start("linphonec", ["-c", settings], folder.Path, new Dictionary<string, string> { ["HOME"] = folder.Path });
        var phone = new Linphone(folder, process, account, tone, sip, codec == "G722" ? 16000 : 8000);
        await process.WriteLineAsync("soundcard use files");
        await process.LineAsync("Using wav files", TestTimeouts.Start);
        await process.WriteLineAsync($"play {folder.File("says.wav")}");
        await process.WriteLineAsync($"record {folder.File("heard.wav")}");
        return phone;
    }

    /// <summary>linphonec does not say when it has registered: it is asked until it has.</summary>
    public override async Task RegistersAsync()
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        using var ask = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            while (await ask.WaitForNextTickAsync(limit.Token))
            {
                if (_process.Lines.Any(line => line.StartsWith("registered, identity", StringComparison.Ordinal))) return;
                await _process.WriteLineAsync("status register");
            }
        }
        catch (OperationCanceledException) { throw new TimeoutException($"{this} did not register.\n{Log}"); }
    }

    public override Task DialsAsync(string target) =>
        _process.WriteLineAsync(target.StartsWith("sip:", StringComparison.Ordinal) ? $"call {target}" : $"call sip:{target}@{_account.Domain}");

    public override Task RingsAsync() => NextAsync("Receiving new incoming call", "");

    public override Task HearsRingingAsync() => NextAsync("Call ", " ringing.");

    public override Task AnswersAsync() => _process.WriteLineAsync("answer");

    public override Task TalksAsync() => NextAsync("Call ", "connected");

    public override Task HangsUpAsync() => _process.WriteLineAsync("terminate");

    public override Task SeesTheEndAsync() => NextAsync("Call ", "ended");

    public override Task HoldsAsync() => _process.WriteLineAsync("pause");

    public override Task ResumesAsync() => _process.WriteLineAsync("resume");

    public override Task TransfersAsync(string target) =>
        _process.WriteLineAsync(target.StartsWith("sip:", StringComparison.Ordinal) ? $"transfer {target}" : $"transfer sip:{target}@{_account.Domain}");

    /// <summary>Attended transfer: connects the partner of its call <paramref name="first"/> with that of call <paramref name="second"/>
    /// (REFER with Replaces, RFC 3891). It counts its calls from 1.</summary>
    public Task TransfersToCallAsync(int first, int second) => _process.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"transfer {first} --to-call {second}"));

    /// <summary>linphonec takes a line of digits as digits to send.</summary>
    public override Task DialsDigitsAsync(string digits) => _process.WriteLineAsync(digits);

    public override async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            try
            {
                await _process.WriteLineAsync("quit");
                await _process.ExitAsync(TestTimeouts.Farewell);
            }
            catch (Exception gone) when (gone is IOException or TimeoutException) { }
        }
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    public override string ToString() => $"linphone {_account.User}";

    /// <summary>Waits for the next line with both words.</summary>
    private async Task NextAsync(string start, string good)
    {
        var line = await _process.LineAsync(
            text => text.Contains(start, StringComparison.Ordinal) && text.Contains(good, StringComparison.Ordinal), $"'{start} ... {good}'", TestTimeouts.Network, _seen);
        _seen = _process.Lines.ToList().IndexOf(line, _seen) + 1;
    }

    private static string Settings(PhoneAccount account, string codec, int sip)
    {
        var rtp = FreePorts.NextPair();
        var transports = account.Transport == PhoneTransport.Tls ? $"sip_port=0\nsip_tcp_port=0\nsip_tls_port={sip}" : $"sip_port={sip}\nsip_tcp_port={sip}\nsip_tls_port=0";
        var codecs = string.Concat(Codecs.Select((name, index) => string.Create(CultureInfo.InvariantCulture,
            $"[audio_codec_{index}]\nmime={name.Split('/')[0]}\nrate={name.Split('/')[1]}\nchannels=1\nenabled={(name.Split('/')[0] == codec ? 1 : 0)}\n\n")));
        var proxy = account.Port == 0 ? "" : $"""
            [proxy_0]
            reg_proxy=<sip:127.0.0.1:{account.Port};transport={account.TransportName}>
            reg_route=<sip:127.0.0.1:{account.Port};transport={account.TransportName};lr>
            reg_identity=sip:{account.User}@{account.Domain}
            reg_expires=600
            reg_sendregister=1
            publish=0

            [auth_info_0]
            username={account.User}
            passwd={account.Password}


            """;
        return string.Create(CultureInfo.InvariantCulture, $"""
            [sip]
            {transports}
            bind_address=127.0.0.1
            use_ipv6=0
            default_proxy={(account.Port == 0 ? -1 : 0)}
            guess_hostname=0
            contact=sip:{account.User}@127.0.0.1
            register_only_when_network_is_up=0
            use_info=0
            use_rfc2833=1
            verify_server_certs={(account.CertificateAuthority is null ? 0 : 1)}
            verify_server_cn=0
            {(account.CertificateAuthority is { } authority ? $"root_ca={authority}" : "")}
            inc_timeout=60

            [net]
            bind_address=127.0.0.1

            [rtp]
            audio_rtp_port={rtp}
            audio_adaptive_jitt_comp_enabled=1
            bind_address=127.0.0.1

            [video]
            enabled=0
            capture=0
            display=0

            [sound]
            echocancellation=0

            {proxy}{codecs}
            """);
    }
}
