// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Beffroi.TestKit;
using Beffroi.TestKit.Peers;

namespace Beffroi.Soak;

/// <summary>A user of the demo town: number, SIP name and secret.</summary>
public sealed record SoakUser(string Number, string Name, string Secret);

/// <summary>Beffroi as it is delivered, in a process of its own, with load users, on loopback ports and a folder that is removed with it.</summary>
public sealed class SoakedServer : IAsyncDisposable
{
    private const int FirstMediaPort = 20_000, LastMediaPort = 32_767;          // below the ports that the kernel gives to others
    private static readonly TimeSpan StartsWithin = TimeSpan.FromMinutes(3);

    private static readonly string[] OperatorAddresses = ["127.0.0.1"];
    private readonly PeerFolder _folder = new("soak");
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly int _web = FreePorts.Next();
    private readonly ChildProcess _process;
    private readonly List<string> _boxes = [];

    private SoakedServer(int users)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Beffroi.Server.dll");
        _process = ChildProcess.Start("dotnet",
            [
                program, Text($"--Urls=http://127.0.0.1:{_web}"), Text($"--Sip:Listen=udp://127.0.0.1:{SipPort};tcp://127.0.0.1:{SipPort};tls://127.0.0.1:{TlsPort}"), $"--Data:Folder={_folder.Path}",
                "--Media:Address=127.0.0.1", Text($"--Media:Ports={FirstMediaPort}-{LastMediaPort}"), Text($"--Media:Timeout={MediaTimeout.TotalSeconds}"),
                Text($"--Sip:SessionExpires={SessionExpires.TotalSeconds}"), Text($"--Demo:Users={users}"), "--Logging:LogLevel:Default=Warning",
            ],
            _folder.Path, new Dictionary<string, string> { ["DOTNET_GCgen0size"] = "0x1000000" });       // as ./run does
    }

    /// <summary>Sound must not be missing for longer; short, so that whoever vanished is found out while the run lasts.</summary>
    public static TimeSpan MediaTimeout { get; } = TimeSpan.FromSeconds(10);

    /// <summary>The shortest that RFC 4028 allows.</summary>
    public static TimeSpan SessionExpires { get; } = TimeSpan.FromSeconds(90);

    public int SipPort { get; } = FreePorts.Next();

    public int TlsPort { get; } = FreePorts.Next();

    public IReadOnlyList<SoakUser> Users { get; private set; } = [];

    public bool HasExited => _process.HasExited;

    /// <summary>Its warnings and errors; more than a few thousand lines are the end of a run anyway.</summary>
    public string Output => string.Join('\n', _process.Lines.TakeLast(60));

    public static async Task<SoakedServer> StartAsync(int users)
    {
        var server = new SoakedServer(users);
        try
        {
            await server.AnswersAsync();
            var accounts = await File.ReadAllLinesAsync(server._folder.File("demo-accounts.csv"));
            server.Users = [.. accounts.Skip(1).Select(line => line.Split(';')).Where(fields => fields[0].Length == 5 && fields[0][0] == '2').Select(fields => new SoakUser(fields[0], fields[1], fields[2]))];
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Signs in by the link that the start prints, and makes a trunk whose operator is at this loopback port.</summary>
    public async Task AddTrunkAsync(int operatorPort)
    {
        const string Mark = "administrator-link?code=";
        var line = await _process.LineAsync(Mark, TestTimeouts.Network);
        var code = new string([.. line[(line.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..].TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')]);
        var session = await PostAsync("session/administrator-link", new { code });
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.GetProperty("token").GetString());
        await PostAsync("trunks", new { name = "Operator", kind = "static", host = "127.0.0.1", port = operatorPort, presentedNumber = "+33199000100", optionsPingSeconds = 0, inboundAddresses = OperatorAddresses });
    }

    /// <summary>Direct numbers for everybody, the groups and the boxes.</summary>
    public async Task AddServicesAsync(IReadOnlyList<Group> groups, IReadOnlyList<Telephone> boxes)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(boxes);
        var organisationId = (await GetAsync("organisations"))[0].GetProperty("id").GetString();
        var numbers = Math.Min(3900, Users.Count);
        for (var from = 0; from < numbers; from += 1000)
            await PostAsync("direct-numbers/ranges", new { organisationId, first = Text($"0{199_006_001 + from}"), count = Math.Min(1000, numbers - from), firstExtension = Text($"{20_001 + from}") });
        foreach (var group in groups)
        {
            var members = new List<object>();
            foreach (var member in group.Members) members.Add(new { extension = (await GetAsync($"extensions?number={member.Number}"))[0].GetProperty("id").GetString() });
            await PostAsync("hunt-groups", new { organisationId, number = group.Number, name = "Groupe " + group.Number, strategy = group.Strategy, memberRingS = 60, timeoutS = 120, members });
            await PostAsync("direct-numbers", new { organisationId, number = group.DirectNumber, destination = new { kind = "number", target = group.Number } });
        }
        foreach (var box in boxes) _boxes.Add((await PostAsync("voicemail/boxes", new { organisationId, number = box.Number, quotaSeconds = 36_000, quotaMessages = 1000 })).GetProperty("id").GetString()!);
    }

    /// <summary>Removes the boxes with their messages.</summary>
    /// <returns>How many messages were there, and how many files are left: none.</returns>
    public async Task<(int Messages, int Left)> ClearVoicemailAsync()
    {
        var folder = Path.Combine(_folder.Path, "voicemail");
        var messages = Directory.GetFiles(folder, "*.sealed").Length;
        foreach (var box in _boxes) (await _http.DeleteAsync(new Uri(Text($"http://127.0.0.1:{_web}/api/v1/voicemail/boxes/{box}")))).EnsureSuccessStatusCode();
        _boxes.Clear();
        return (messages, Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Length);
    }

    /// <summary>Every figure of /metrics, by its name without the prefix and with its labels.</summary>
    public async Task<Dictionary<string, double>> MetricsAsync()
    {
        var text = await _http.GetStringAsync(new Uri(Text($"http://127.0.0.1:{_web}/metrics")));
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '#') continue;
            var space = line.LastIndexOf(' ');
            figures[line[..space].Replace("beffroi_", "", StringComparison.Ordinal)] = double.Parse(line[(space + 1)..], CultureInfo.InvariantCulture);
        }
        return figures;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.StopAsync();
        await _process.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    private async Task AnswersAsync()
    {
        using var limit = new CancellationTokenSource(StartsWithin);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            if (_process.HasExited) throw new InvalidOperationException($"The server ended:\n{Output}");
            try
            {
                if ((await _http.GetAsync(new Uri(Text($"http://127.0.0.1:{_web}/health/ready")), limit.Token)).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException) { }             // it does not listen yet
            catch (OperationCanceledException) { throw new TimeoutException($"The server did not become ready:\n{Output}"); }
            await look.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await _http.GetStringAsync(new Uri(Text($"http://127.0.0.1:{_web}/api/v1/{path}")))).RootElement;

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(Text($"http://127.0.0.1:{_web}/api/v1/{path}")), body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {text}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
