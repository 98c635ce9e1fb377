// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Beffroi.TestKit;
using Beffroi.TestKit.Peers;
using Xunit;

namespace Beffroi.Scenarios.CallFlows;

/// <summary>One town for all figures: five persons have a telephone registered at a port of their own, where a SIPp plays their column when a figure calls for it.</summary>
/// <remarks>Threading: one test at a time.</remarks>
public sealed class CallFlowTown : IAsyncLifetime
{
    /// <summary>The operator's address, another of 127/8.</summary>
    public const string Operator = "127.0.0.2";

    /// <summary>The town's number, which leads to Bob.</summary>
    public const string TownNumber = "+33199000199";

    private readonly PeerFolder _scenarios = new("figures");
    private readonly Dictionary<string, int> _ports = [];
    private int _columns;
    private Dictionary<string, Guid> _extensions = [];

    public Town Town { get; private set; } = null!;

    public DemoAccount Alice => Town.Accounts[0];

    public DemoAccount Bob => Town.Accounts[1];

    public DemoAccount Carol => Town.Accounts[2];

    public DemoAccount Dave => Town.Accounts[3];

    /// <summary>Whose telephone says nothing: INVITEs of an old call may still come to it for half a minute (RFC 3261 §17.1.1.2, timer B).</summary>
    public DemoAccount Erin => Town.Accounts[6];

    /// <summary>Where the operator's proxy takes calls from the town; it asks for the town's credentials.</summary>
    public int OperatorPort { get; } = FreePorts.Next();

    public async Task InitializeAsync()
    {
        Town = await Town.OpenAsync();
        foreach (var who in new[] { Alice, Bob, Carol, Dave, Erin }) await RegisterAsync(who);
        _extensions = Items(await Town.GetAsync("extensions")).ToDictionary(one => one.GetProperty("number").GetString()!, one => one.GetProperty("id").GetGuid());
        await OpenTrunksAsync();
    }

    public async Task DisposeAsync()
    {
        _scenarios.Dispose();
        await Town.DisposeAsync();
    }

    /// <summary>The port at which a person's telephone is registered.</summary>
    public int PortOf(DemoAccount who) => _ports[who.SipUserName];

    /// <summary>Plays the columns together and waits until each has come to its end; nothing of the call may be left at the server then.</summary>
    public async Task PlayAsync(params Column[] columns)
    {
        await ClearAsync();
        var playing = new List<Sipp>();
        try
        {
            foreach (var column in columns.OrderBy(c => c.Calls)) playing.Add(await StartAsync(column));
            await EndAsync([.. playing]);
        }
        finally
        {
            foreach (var one in playing) await one.DisposeAsync();
        }

        await IsOverAsync();
    }

    /// <summary>Starts one column; a waiting one is ready when this returns.</summary>
    public async Task<Sipp> StartAsync(Column column)
    {
        return await Sipp.StartAsync(new SippPlan
        {
            Scenario = _scenarios.Write(string.Create(CultureInfo.InvariantCulture, $"column-{++_columns}.xml"), column.ToXml()),
            Address = column.Address,
            Port = column.Calls ? 0 : _ports.GetValueOrDefault(column.Who.SipUserName, OperatorPort),
            Target = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Town.SipPort}"),
            Echo = column.Echo,
            Transport = column.Transport,
            Within = TestTimeouts.Network,
        });
    }

    /// <summary>Waits for columns to come to their ends; a failure tells what every one of them saw.</summary>
    public static async Task EndAsync(params Sipp[] playing)
    {
        var outcomes = await Task.WhenAll(playing.Select(one => one.EndsAsync()));
        Assert.True(outcomes.All(one => one is { ExitCode: 0, Failed: 0, Successful: 1 }),
            string.Join("\n=== next column ===\n", outcomes.Select(one => $"exit {one.ExitCode}, {one.Successful} well, {one.Failed} failed\n{one.Errors}\n{one.Messages}")));
    }

    /// <summary>Waits until the server has no call any more.</summary>
    public async Task IsOverAsync() => await Town.SeesAsync("calls", calls => calls.GetArrayLength() == 0, "no call");

    /// <summary>Ends what a figure that failed has left behind.</summary>
    public async Task ClearAsync()
    {
        foreach (var call in (await Town.GetAsync("calls")).EnumerateArray())
            using (await Town.Api.DeleteAsync(new Uri($"api/v1/calls/{call.GetProperty("id").GetGuid()}", UriKind.Relative))) { }
        await IsOverAsync();
    }

    /// <summary>Sets all forwardings of a person; what is left out is not set.</summary>
    public Task ForwardAsync(DemoAccount who, object rules) => Town.PutAsync($"forwardings/{ExtensionOf(who)}", rules);

    public Guid ExtensionOf(DemoAccount who) => _extensions[who.Extension];

    /// <summary>A telephone that is plugged in and says nothing: whatever is sent to it can be counted.</summary>
    public Socket DeafPhone(DemoAccount who)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, PortOf(who)));
        return socket;
    }

    /// <summary>What a deaf telephone was sent until now.</summary>
    public static IReadOnlyList<string> Heard(Socket phone)
    {
        var (all, buffer) = (new List<string>(), new byte[65_536]);
        while (phone.Available > 0) all.Add(Encoding.UTF8.GetString(buffer, 0, phone.Receive(buffer)));
        return all;
    }

    public async Task<JsonElement> OrganisationAsync() => Items(await Town.GetAsync("organisations")).First();

    private static IEnumerable<JsonElement> Items(JsonElement answer) => answer.ValueKind == JsonValueKind.Array ? answer.EnumerateArray() : answer.GetProperty("items").EnumerateArray();

    private async Task RegisterAsync(DemoAccount who)
    {
        var port = _ports[who.SipUserName] = FreePorts.Next();
        var contact = string.Create(CultureInfo.InvariantCulture, $"Contact: <sip:{who.SipUserName}@127.0.0.1:{port}>");
        await using var run = await StartAsync(Column.Caller(who, who.SipUserName).SendsAndProves("REGISTER", null, contact, "Expires: 600").Gets(200));
        await EndAsync(run);
    }

    /// <summary>Two ways to the operator: a proxy that is gone (nobody listens there), and one that asks for credentials. Calls come in from the operator's address.</summary>
    private async Task OpenTrunksAsync()
    {
        await Town.PostAsync("trunks", new
        {
            name = "Gone",
            kind = "static",
            host = Operator,
            port = FreePorts.Next(),
            transport = "tcp",
            order = 1,
            presentedNumber = TownNumber,
            optionsPingSeconds = 0,
        });
        await Town.PostAsync("trunks", new
        {
            name = "Operator",
            kind = "static",
            host = Operator,
            port = OperatorPort,
            order = 2,
            username = "town",
            secret = "secret of the town",
            inboundAddresses = new[] { Operator },
            presentedNumber = TownNumber,
            optionsPingSeconds = 0,
        });
        var organisation = (await OrganisationAsync()).GetProperty("id").GetString();
        await Town.PostAsync("direct-numbers", new { organisationId = organisation, number = TownNumber, destination = new { kind = "number", target = Bob.Extension } });
    }
}

/// <summary>The figures share one town and run one after another.</summary>
[CollectionDefinition(nameof(Figures), DisableParallelization = true)]
public sealed class Figures : ICollectionFixture<CallFlowTown>;
