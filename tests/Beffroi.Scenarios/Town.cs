// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Beffroi.TestKit;
using Beffroi.TestKit.Peers;

namespace Beffroi.Scenarios;

/// <summary>A server as it is delivered: a process of its own on free loopback ports, with the demo town in a temporary data folder,
/// an administrator's client of its API, and phones of its people. It challenges with MD5 alone: Debian 12's baresip gives up at any other algorithm.</summary>
/// <remarks>Threading: one test drives it.</remarks>
public sealed partial class Town : IAsyncDisposable
{
    private const string DataSetting = "--Data:Folder=";
    private readonly PeerFolder _folder;
    private readonly string[] _settings;
    private readonly List<IAsyncDisposable> _guests = [];
    private ChildProcess _server;

    private Town(PeerFolder folder, string data, string[] settings, ChildProcess server, int webPort, int sipPort, int tlsPort)
    {
        (_folder, DataFolder, _settings, _server) = (folder, data, settings, server);
        (WebPort, SipPort, TlsPort) = (webPort, sipPort, tlsPort);
        Api = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{webPort}/")), Timeout = TestTimeouts.Network };
    }

    public int WebPort { get; }

    /// <summary>UDP and TCP.</summary>
    public int SipPort { get; }

    public int TlsPort { get; }

    /// <summary>The API, as administrator.</summary>
    public HttpClient Api { get; }

    public IReadOnlyList<DemoAccount> Accounts { get; private set; } = [];

    public string DataFolder { get; }

    public int ProcessId => _server.Id;

    /// <summary>What the server printed.</summary>
    public string Log => _server.Output;

    /// <summary>Starts a server and waits until it is ready. Further settings are given as on the command line.</summary>
    public static Task<Town> OpenAsync(params string[] settings) => OpenAsync(false, settings);

    /// <summary>A town that listens on <c>::1</c> too, on the same SIP port, and has IPv6 media.</summary>
    public static Task<Town> OpenDualStackAsync(params string[] settings) => OpenAsync(true, settings);

    private static async Task<Town> OpenAsync(bool dualStack, string[] settings)
    {
        var folder = new PeerFolder("town");
        var data = settings.LastOrDefault(one => one.StartsWith(DataSetting, StringComparison.Ordinal))?[DataSetting.Length..] ?? folder.File("data");
        var (web, sip, tls, media) = (FreePorts.Next(), FreePorts.Next(), FreePorts.Next(), FreePorts.NextRange(200));
        string[] all =
        [
            Line($"--Urls=http://127.0.0.1:{web}"), Line($"--Sip:Listen=udp://127.0.0.1:{sip};tcp://127.0.0.1:{sip};tls://127.0.0.1:{tls}{(dualStack ? $";udp://[::1]:{sip};tcp://[::1]:{sip}" : "")}"),
            "--Media:Address=127.0.0.1", .. dualStack ? ["--Media:Address6=::1"] : Array.Empty<string>(), Line($"--Media:Ports={media}-{media + 199}"), DataSetting + data, .. settings,
        ];
        var town = new Town(folder, data, all, Start(all), web, sip, tls);
        try
        {
            await town.ReadyAsync();
            await town.SignInAsync();
            town.Accounts = DemoAccount.Read(Path.Combine(town.DataFolder, "demo-accounts.csv"));
            return town;
        }
        catch
        {
            await town.DisposeAsync();
            throw;
        }
    }

    /// <summary>The account of an extension, as a phone needs it.</summary>
    public PhoneAccount Account(DemoAccount account, PhoneTransport transport = PhoneTransport.Udp) =>
        new(account.SipUserName, account.SipPassword, transport == PhoneTransport.Tls ? TlsPort : SipPort, transport);

    /// <summary>A registered baresip of the n-th person of the list; it leaves with the town.</summary>
    public Task<Baresip> BaresipAsync(int person, double tone, PhoneTransport transport = PhoneTransport.Udp, params string[] codec) => BaresipAsync(Account(Accounts[person], transport), tone, codec);

    /// <summary>A registered baresip that speaks IPv6 only, to a town that was opened for it.</summary>
    public Task<Baresip> Baresip6Async(int person, double tone, PhoneTransport transport = PhoneTransport.Udp) => BaresipAsync(Account(Accounts[person], transport) with { Domain = "[::1]" }, tone);

    private async Task<Baresip> BaresipAsync(PhoneAccount account, double tone, params string[] codec)
    {
        var phone = await Baresip.StartAsync(account, tone, codec);
        _guests.Add(phone);
        await phone.RegistersAsync();
        return phone;
    }

    /// <summary>A registered linphone of the n-th person of the list; it leaves with the town.</summary>
    public async Task<Linphone> LinphoneAsync(int person, double tone, PhoneTransport transport = PhoneTransport.Udp, string codec = "PCMA")
    {
        var phone = await Linphone.StartAsync(Account(Accounts[person], transport), tone, codec);
        _guests.Add(phone);
        await phone.RegistersAsync();
        return phone;
    }

    /// <summary>GET of /api/v1/...; throws with the answer's text unless it is a success.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Api.GetAsync(new Uri("api/v1/" + path, UriKind.Relative));
        return await ReadAsync(answer);
    }

    /// <inheritdoc cref="GetAsync"/>
    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await Api.PostAsJsonAsync("api/v1/" + path, body);
        return await ReadAsync(answer);
    }

    /// <inheritdoc cref="GetAsync"/>
    public async Task<JsonElement> PutAsync(string path, object body)
    {
        using var answer = await Api.PutAsJsonAsync("api/v1/" + path, body);
        return await ReadAsync(answer);
    }

    /// <inheritdoc cref="GetAsync"/>
    public async Task DeleteAsync(string path)
    {
        using var answer = await Api.DeleteAsync(new Uri("api/v1/" + path, UriKind.Relative));
        await ReadAsync(answer);
    }

    /// <summary>Asks a resource until it is as wanted; throws with its last state when it does not become so.</summary>
    public async Task<JsonElement> SeesAsync(string path, Func<JsonElement, bool> wanted, string what)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            var state = await GetAsync(path);
            if (wanted(state)) return state;
            try { await look.WaitForNextTickAsync(limit.Token); }
            catch (OperationCanceledException) { throw new TimeoutException($"/api/v1/{path} did not show {what}: {state}\n{Log}"); }
        }
    }

    /// <summary>Reads a page of the web address, such as health/ready, until it is as wanted; throws with its last text when it does not become so.</summary>
    public async Task<string> ReadsAsync(string page, Func<string, bool> wanted, string what)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            var text = await Api.GetStringAsync(new Uri(page, UriKind.Relative));
            if (wanted(text)) return text;
            try { await look.WaitForNextTickAsync(limit.Token); }
            catch (OperationCanceledException) { throw new TimeoutException($"/{page} did not show {what}: {text}\n{Log}"); }
        }
    }

    /// <summary>A figure of /metrics by its name, without the prefix and with its labels, once it is as wanted.</summary>
    public async Task<double> MetricAsync(string name, Func<double, bool> wanted)
    {
        double Figure(string text) => text.Split('\n').Where(line => line.StartsWith($"beffroi_{name} ", StringComparison.Ordinal))
            .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)).FirstOrDefault();
        return Figure(await ReadsAsync("metrics", text => wanted(Figure(text)), name));
    }

    /// <summary>Ends the server and starts it again on the same ports and data.</summary>
    public async Task RestartAsync()
    {
        await _server.StopAsync();
        await _server.DisposeAsync();
        _server = Start(_settings);
        await ReadyAsync();
    }

    /// <summary>Every phone unregisters and ends: for tests that share a town.</summary>
    public async Task PhonesLeaveAsync()
    {
        foreach (var guest in Enumerable.Reverse(_guests)) await guest.DisposeAsync();
        _guests.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await PhonesLeaveAsync();
        Api.Dispose();
        await _server.StopAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private static ChildProcess Start(string[] settings)
    {
        var environment = new Dictionary<string, string> { ["DOTNET_GCgen0size"] = "0x1000000" };
        return ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Beffroi.Server.dll"), .. settings], Repository(), environment);
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Beffroi.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("Beffroi.slnx is in no folder above the tests.");
    }

    private async Task ReadyAsync()
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Start);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await IsReadyAsync())
        {
            if (_server.HasExited) throw new InvalidOperationException($"The server ended:\n{Log}");
            try { await look.WaitForNextTickAsync(limit.Token); }
            catch (OperationCanceledException) { throw new TimeoutException($"The server did not become ready:\n{Log}"); }
        }
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Api.GetAsync(new Uri("health/ready", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException) { return false; }
    }

    private async Task SignInAsync()
    {
        var link = LinkCode().Match(await _server.LineAsync("administrator-link?code=", TestTimeouts.Start)).Groups[1].Value;
        var given = await PostAsync("session/administrator-link", new { code = link });
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", given.GetProperty("token").GetString());
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode}\n{text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("administrator-link\\?code=([\\w-]+)")]
    private static partial Regex LinkCode();
}
