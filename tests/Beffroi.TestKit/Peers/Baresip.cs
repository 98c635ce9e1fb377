// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.TestKit.Sound;

namespace Beffroi.TestKit.Peers;

/// <summary>Debian's baresip without screen or sound card: it sends a WAV file (module aufile) and records what it decodes (module sndfile).</summary>
/// <remarks>A phone without account takes direct calls. Threading: one test drives it.</remarks>
public sealed class Baresip : SoftPhone
{
    private readonly PeerFolder _folder;
    private readonly ChildProcess _process;
    private readonly BaresipControl _control;
    private readonly PhoneAccount _account;
    private int _seen, _lampsSeen;

    private Baresip(PeerFolder folder, ChildProcess process, BaresipControl control, PhoneAccount account, double tone, int sipPort) : base(tone)
    {
        (_folder, _process, _control, _account) = (folder, process, control, account);
        SipPort = sipPort;
    }

    public override string DirectUri => $"sip:{_account.User}@{_account.Loopback}:{SipPort};transport={_account.TransportName}";

    public override string Log => _process.Output;

    /// <summary>Everything it told, for assertions on what must not have happened.</summary>
    public IReadOnlyList<BaresipEvent> Events => _control.Events.All;

    public override WavSound Recording =>
        Directory.GetFiles(_folder.Path, "dump-*-dec.wav").Order(StringComparer.Ordinal).LastOrDefault() is { } file ? WavSound.Read(file) : new WavSound(8000, []);

    /// <param name="codec">PCMA, PCMU or G722, or several in order of preference.</param>
    public static async Task<Baresip> StartAsync(PhoneAccount account, double tone, params string[] codec)
    {
        if (codec.Length == 0) codec = ["PCMA"];
        var folder = new PeerFolder("baresip");
        var rate = codec[0] == "G722" ? 16000 : 8000;
        WavSound.Sine(tone, rate, TimeSpan.FromSeconds(120)).Write(folder.File("says.wav"));
        var sip = FreePorts.NextRange(2);                           // TLS is on the port above
        var control = FreePorts.Next();
        folder.Write("config", Settings(folder, rate, sip, control, account));
        folder.Write("accounts", "");
        folder.Write("contacts", "");
        var process = ChildProcess.Start("baresip", [account.IsIPv6 ? "-6" : "-4", "-f", folder.Path], folder.Path);
        var connection = new BaresipControl();
        try
        {
            await process.LineAsync("baresip is ready", TestTimeouts.Start);
            await connection.OpenAsync(control);
            await PassMwiTimerAsync(connection);
        }
        catch
        {
            connection.Dispose();
            await process.DisposeAsync();
            folder.Dispose();
            throw;
        }
        var phone = new Baresip(folder, process, connection, account, tone, sip);
        await connection.CommandAsync("uanew", phone.AccountLine(codec));
        return phone;
    }

    /// <summary>baresip 1.0.0 subscribes without end, deaf to all else, when an account has registered before a timer of its module mwi fires, 1 ms after the start (a list that grows while it is
    /// walked). Once that millisecond is over, the timer fires in the turn of its loop that answers a command at the latest.</summary>
    private static async Task PassMwiTimerAsync(BaresipControl connection)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        await pace.WaitForNextTickAsync();
        await connection.CommandAsync("reginfo");
    }

    public override Task RegistersAsync() => NextAsync(happened => happened.Type is "REGISTER_OK" or "REGISTER_FAIL", "REGISTER_OK");

    public override Task DialsAsync(string target) =>
        _control.CommandAsync("dial", target.StartsWith("sip:", StringComparison.Ordinal) ? target : $"sip:{target}@{_account.Domain}");

    public override Task RingsAsync() => NextAsync(happened => happened.Type == "CALL_INCOMING", "CALL_INCOMING");

    public override Task HearsRingingAsync() => NextAsync(happened => happened.Type == "CALL_RINGING", "CALL_RINGING");

    public override Task AnswersAsync() => _control.CommandAsync("accept");

    public override Task TalksAsync() => NextAsync(happened => happened.Type is "CALL_ESTABLISHED" or "CALL_CLOSED", "CALL_ESTABLISHED");

    public override Task HangsUpAsync() => _control.CommandAsync("hangup");

    public override Task SeesTheEndAsync() => NextAsync(happened => happened.Type == "CALL_CLOSED", "CALL_CLOSED");

    /// <summary>Waits for the end and gives the reason that baresip tells, such as "486 Busy Here".</summary>
    public async Task<string> SeesTheEndWithAsync() => (await NextAsync(happened => happened.Type == "CALL_CLOSED", "CALL_CLOSED")).Detail;

    public override Task HoldsAsync() => _control.CommandAsync("hold");

    public override Task ResumesAsync() => _control.CommandAsync("resume");

    public override Task TransfersAsync(string target) =>
        _control.CommandAsync("transfer", target.StartsWith("sip:", StringComparison.Ordinal) ? target : $"sip:{target}@{_account.Domain}");

    public override Task DialsDigitsAsync(string digits) => _control.CommandAsync("sndcode", digits);

    /// <summary>Any event by its name, from the last one waited for on.</summary>
    public Task<BaresipEvent> SeesAsync(string type) => NextAsync(happened => happened.Type == type, type);

    /// <summary>Waits until its message-waiting lamp was told these counts (NOTIFY, RFC 3842), whatever else happened meanwhile.</summary>
    public async Task SeesLampAsync(int fresh, int old)
    {
        var told = string.Create(CultureInfo.InvariantCulture, $"Voice-Message: {fresh}/{old}");
        var lamp = $"Messages-Waiting: {(fresh > 0 ? "yes" : "no")}";
        var happened = await _control.Events.FirstAsync(
            one => one.Type == "MWI_NOTIFY" && one.Detail.Contains(told, StringComparison.Ordinal) && one.Detail.Contains(lamp, StringComparison.Ordinal),
            $"MWI_NOTIFY with {lamp}, {told} at {this}", TestTimeouts.Network, _lampsSeen);
        _lampsSeen = _control.Events.All.ToList().IndexOf(happened, _lampsSeen) + 1;
    }

    public override async ValueTask DisposeAsync()
    {
        _control.Dispose();
        await _process.StopAsync(within: TestTimeouts.Farewell);      // it unregisters on SIGTERM
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    public override string ToString() => $"baresip {_account.User}";

    private async Task<BaresipEvent> NextAsync(Func<BaresipEvent, bool> wanted, string expected)
    {
        try
        {
            var happened = await _control.Events.FirstAsync(wanted, $"{expected} at {this}", TestTimeouts.Network, _seen);
            _seen = _control.Events.All.ToList().IndexOf(happened, _seen) + 1;
            return happened.Type == expected ? happened : throw new InvalidOperationException($"{this} saw {happened} instead of {expected}.\n{Log}");
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\n{Log}", late);
        }
    }

    private string AccountLine(string[] codecs)
    {
        var names = codecs.Select(name => name == "G722" ? "G722/16000/1" : $"{name}/8000/1");
        var line = $"<sip:{_account.User}@{_account.Domain}>;auth_user={_account.User};auth_pass={_account.Password};audio_codecs={string.Join(',', names)};answermode=manual;ptime=20";
        return _account.Port == 0
            ? line + ";regint=0"
            : $"{line};outbound=\"sip:{_account.Loopback}:{_account.Port};transport={_account.TransportName}\";regint=600";
    }

    private static string Settings(PeerFolder folder, int rate, int sip, int control, PhoneAccount account)
    {
        var rtp = FreePorts.NextRange(8);
        return string.Create(CultureInfo.InvariantCulture, $"""
            poll_method epoll
            sip_listen {account.Loopback}:{sip}
            {(account.CertificateAuthority is { } authority ? $"sip_cafile {authority}" : "")}
            net_interface {account.Loopback.Trim('[', ']')}
            call_local_timeout 60
            call_max_calls 8
            audio_path /nonexistent
            audio_source aufile,{folder.File("says.wav")}
            ausrc_srate {rate}
            auplay_srate {rate}
            ausrc_channels 1
            auplay_channels 1
            rtp_ports {rtp}-{rtp + 7}
            jitter_buffer_delay 1-4
            module_path /usr/lib/baresip/modules
            module g711.so
            module g722.so
            module aufile.so
            module sndfile.so
            snd_path {folder.Path}
            module_tmp uuid.so
            module_tmp account.so
            module_app menu.so
            module_app mwi.so
            module_app ctrl_tcp.so
            ctrl_tcp_listen 127.0.0.1:{control}

            """);
    }
}
