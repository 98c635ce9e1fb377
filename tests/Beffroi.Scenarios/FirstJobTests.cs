// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using Beffroi.Scenarios.Peers;
using Beffroi.TestKit;
using Beffroi.TestKit.Peers;
using Xunit;

namespace Beffroi.Scenarios;

/// <summary>The whole first job: a resident dials the town hall through the operator's trunk, hears the welcome message, the reception's phones ring,
/// somebody answers, speaks and transfers the call, and the history tells it. SIPp is the operator, at an address of its own.</summary>
[Collection(nameof(RealPeers))]
public sealed class FirstJobTests
{
    private const string Operator = "127.0.0.2", TownHall = "+33199000199", Group = "690", Resident = "+33199001234";
    private const double Low = 440, High = 1000, Third = 1600;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_residents_call_is_welcomed_answered_transferred_and_told_by_the_history()
    {
        await using var town = await Town.OpenAsync();
        await OpenTownHallAsync(town, FreePorts.Next());
        var reception = await town.BaresipAsync(0, Low);
        var other = await town.LinphoneAsync(1, High);
        var office = await town.BaresipAsync(2, Third);

        await using var resident = await CallsInAsync(town, echo: true, TimeSpan.FromSeconds(12));
        await reception.RingsAsync();
        await other.RingsAsync();
        await reception.AnswersAsync();
        await reception.TalksAsync();
        await other.SeesTheEndAsync();
        await reception.HearsAsync(Low, Enough);                    // the resident's phone sends back what it hears

        await reception.TransfersAsync(town.Accounts[2].Extension);
        await office.RingsAsync();
        await office.AnswersAsync();
        await office.TalksAsync();
        await office.HearsAsync(Third, Enough);

        (await resident.EndsAsync()).Well();
        await office.SeesTheEndAsync();
        var history = await town.SeesAsync("history", told => told.GetProperty("calls").EnumerateArray().Any(call => call.GetProperty("transfers").GetInt32() == 1), "the call and its transfer");
        var told = history.GetProperty("calls").EnumerateArray().Single();
        Assert.Equal((Resident, TownHall, "answered", town.Accounts[0].Extension),
            (Word(told, "callerNumber"), Word(told, "dialled"), Word(told, "outcome"), Word(told, "answeredByNumber")));
        Assert.InRange(told.GetProperty("waitSeconds").GetDouble(), 1, 30);
        Assert.InRange(told.GetProperty("mos").GetDouble(), 4, 4.5);
        var detail = await town.GetAsync($"history/{Word(told, "id")}");
        Assert.Contains("\"welcome-message\"", detail.GetRawText(), StringComparison.Ordinal);                      // the resident was welcomed
        Assert.Contains($"\"{town.Accounts[2].Extension}\"", detail.GetRawText(), StringComparison.Ordinal);      // leg by leg: the transfer's too
    }

    [Fact]
    public async Task The_trunk_carries_a_call_out_with_the_numbers_the_operator_wants()
    {
        await using var town = await Town.OpenAsync();
        await using var outside = await Sipp.StartAsync(new SippPlan { Scenario = PeerTests.Scenario("called"), Address = Operator, Echo = true });
        await OpenTownHallAsync(town, outside.Port);
        var alice = await town.BaresipAsync(0, Low);
        await alice.DialsAsync("0199009999");
        await alice.TalksAsync();
        await alice.HearsAsync(Low, Enough);
        await alice.HangsUpAsync();
        var invite = (await outside.EndsAsync()).Well().Messages;
        Assert.Contains("INVITE sip:+33199009999@", invite, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operator_changes_the_call_by_update_while_the_welcome_plays_and_refreshes_it_by_update()
    {
        await using var town = await Town.OpenAsync();
        await OpenTownHallAsync(town, FreePorts.Next());
        var reception = await town.BaresipAsync(0, Low);
        await using var resident = await CallsInAsync(town, echo: true, Enough, "update");
        await reception.RingsAsync();
        await reception.AnswersAsync();
        await reception.TalksAsync();
        (await resident.EndsAsync()).Well();
        await reception.SeesTheEndAsync();
    }

    [Fact]
    public async Task A_stranger_gets_no_call_in()
    {
        await using var town = await Town.OpenAsync();
        await OpenTownHallAsync(town, FreePorts.Next());
        var outcome = await Sipp.RunAsync(new SippPlan { Scenario = PeerTests.Scenario("caller"), Address = "127.0.0.3", Target = $"127.0.0.1:{town.SipPort}", Service = TownHall, Caller = Resident });
        Assert.Equal((0, 1), (outcome.Successful, outcome.Failed));
    }

    private static Task<Sipp> CallsInAsync(Town town, bool echo, TimeSpan talk, string scenario = "caller") => Sipp.StartAsync(new SippPlan
    {
        Scenario = PeerTests.Scenario(scenario),
        Address = Operator,
        Target = $"127.0.0.1:{town.SipPort}",
        Service = TownHall,
        Caller = Resident,
        Echo = echo,
        Hold = talk,
        Within = TestTimeouts.Call,
    });

    /// <summary>A static trunk to the operator, the town hall's number with a welcome message before ringing, and a group of the first two persons.</summary>
    private static async Task OpenTownHallAsync(Town town, int operatorPort)
    {
        var organisation = First(await town.GetAsync("organisations")).GetProperty("id").GetString();
        var extensions = Items(await town.GetAsync("extensions")).ToDictionary(one => one.GetProperty("number").GetString()!, one => one.GetProperty("id").GetString());
        await town.PostAsync("trunks", new
        {
            name = "Operator",
            kind = "static",
            host = Operator,
            port = operatorPort,
            inboundAddresses = new[] { Operator },
            presentedNumber = TownHall,
            optionsPingSeconds = 0,
        });
        await town.PostAsync("hunt-groups", new
        {
            organisationId = organisation,
            number = Group,
            name = "Reception",
            strategy = "ringAll",
            members = town.Accounts.Take(2).Select(account => new { extension = extensions[account.Extension] }),
        });
        await town.PostAsync("direct-numbers", new { organisationId = organisation, number = TownHall, destination = new { kind = "number", target = Group } });
        await town.PostAsync("welcome-messages", new { organisationId = organisation, number = TownHall, name = "Town hall", moment = "beforeRinging", openPrompt = "welcome-open" });
    }

    private static IEnumerable<JsonElement> Items(JsonElement answer) => answer.ValueKind == JsonValueKind.Array ? answer.EnumerateArray() : answer.GetProperty("items").EnumerateArray();

    private static JsonElement First(JsonElement answer) => Items(answer).First();

    private static string Word(JsonElement answer, string name) => answer.GetProperty(name).GetString() ?? "";
}
