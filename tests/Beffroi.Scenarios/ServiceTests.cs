// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Scenarios.Peers;
using Beffroi.TestKit.Peers;
using Xunit;

namespace Beffroi.Scenarios;

/// <summary>Parking, groups that overflow, barred and emergency numbers, a second operator: on real phones, with SIPp as the operators.</summary>
[Collection(nameof(RealPeers))]
public sealed class ServiceTests(SharedTown shared) : IClassFixture<SharedTown>, IAsyncLifetime
{
    private const string FirstOperator = "127.0.0.2", SecondOperator = "127.0.0.4", TownHall = "+33199000199";
    private const double Low = 440, High = 1000, Third = 1600, Fourth = 2200;
    private const int InTheLibrary = 22;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1), Music = TimeSpan.FromSeconds(2);
    private readonly List<string> _made = [];

    private Town Town => shared.Town;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Town.PhonesLeaveAsync();
        foreach (var path in _made) await Town.DeleteAsync(path);
    }

    [Fact]
    public async Task A_call_that_one_phone_parks_hears_music_until_another_retrieves_it()
    {
        var (alice, bob, carol) = (await Town.BaresipAsync(0, Low), await Town.BaresipAsync(1, High), await Town.BaresipAsync(2, Third));
        await ConnectAsync(alice, bob, 1);
        await bob.HearsAsync(Low, Enough);
        await bob.TransfersAsync("*68");
        await bob.SeesTheEndAsync();
        await RetrievesAsync(alice, carol, High);
    }

    [Fact]
    public async Task A_phone_with_two_lines_parks_its_held_call_by_dialling_the_code_beside()
    {
        var (alice, bob, carol) = (await Town.BaresipAsync(0, Low), await Town.LinphoneAsync(1, High), await Town.BaresipAsync(2, Third));
        await ConnectAsync(alice, bob, 1);
        await bob.HearsAsync(Low, Enough);
        await bob.HoldsAsync();
        await bob.DialsAsync("*68");
        await bob.TalksAsync();                                     // the place is told
        await RetrievesAsync(alice, carol, High);
    }

    [Fact]
    public async Task A_group_overflows_when_nobody_answers_and_leaves_out_a_member_who_logged_out_by_code()
    {
        const string Group = "691";
        var group = await Town.PostAsync("hunt-groups", new
        {
            organisationId = shared.Organisation,
            number = Group,
            name = "Urbanism",
            strategy = "ringAll",
            timeoutS = 5,
            members = new[] { new { extension = shared.Extension(0) }, new { extension = shared.Extension(1) } },
            overflow = new { kind = "number", target = Town.Accounts[2].Extension },
        });
        _made.Add($"hunt-groups/{group.GetProperty("id").GetString()}");
        var (alice, bob) = (await Town.BaresipAsync(0, Low), await Town.BaresipAsync(1, High));
        var (carol, dave) = (await Town.BaresipAsync(2, Third), await Town.BaresipAsync(3, Fourth));

        await dave.DialsAsync(Group);
        await alice.RingsAsync();
        await bob.RingsAsync();
        await carol.RingsAsync();                                   // the overflow
        await alice.SeesTheEndAsync();
        await bob.SeesTheEndAsync();
        await carol.AnswersAsync();
        await dave.TalksAsync();
        await carol.HearsAsync(Fourth, Enough);
        await dave.HearsAsync(Third, Enough);
        await dave.HangsUpAsync();
        await carol.SeesTheEndAsync();

        await alice.DialsAsync("*51" + Group);
        await alice.TalksAsync();
        await alice.HearsOtherThanAsync(Low, Enough);               // "you have left the group"
        await alice.SeesTheEndAsync();
        await dave.SeesTheEndAsync();
        await dave.DialsAsync(Group);
        await bob.RingsAsync();
        await bob.AnswersAsync();
        await dave.TalksAsync();
        await bob.HangsUpAsync();
        await dave.SeesTheEndAsync();
        Assert.Single(alice.Events, happened => happened.Type == "CALL_INCOMING");
    }

    [Fact]
    public async Task A_barred_number_is_refused_in_words_and_the_112_goes_out_with_the_number_of_the_site()
    {
        await using var outside = await Sipp.StartAsync(new SippPlan { Scenario = PeerTests.Scenario("called"), Address = FirstOperator, Echo = true });
        await OpenTrunkAsync("Operator", FirstOperator, outside.Port, 0);
        var account = Town.Accounts[InTheLibrary];
        var barred = await Sipp.RunAsync(new SippPlan
        {
            Scenario = PeerTests.Scenario("caller-with-digest"),
            Target = $"127.0.0.1:{Town.SipPort}",
            Service = "000442079460123",
            Caller = account.SipUserName,
            Fields = [SippPlan.Credentials(account.SipUserName, account.SipPassword)],
        });
        Assert.Contains("SIP/2.0 403 ", barred.Messages, StringComparison.Ordinal);
        Assert.Contains("\nWarning: 399 beffroi \"dial-plan.barred: The calling class does not allow this number.\"", barred.Messages, StringComparison.Ordinal);
        Assert.Contains("\nReason: Q.850;cause=21", barred.Messages, StringComparison.Ordinal);

        var phone = await Town.BaresipAsync(InTheLibrary, Low);
        await phone.DialsAsync("000442079460123");
        await phone.HearsOtherThanAsync(Low, Enough);               // "your line may not call this number", before the call costs anything
        Assert.Matches("^403 ", await phone.SeesTheEndWithAsync());
        await phone.DialsAsync("112");
        await phone.TalksAsync();
        await phone.HearsAsync(Low, Enough);
        await phone.HangsUpAsync();

        var messages = (await outside.EndsAsync()).Well().Messages;
        Assert.Contains("INVITE sip:112@", messages, StringComparison.Ordinal);
        Assert.DoesNotContain("442079460123", messages, StringComparison.Ordinal);
        var site = SharedTown.Items(await Town.GetAsync("sites")).Single(one => one.GetProperty("name").GetString() == account.Site).GetProperty("id").GetString();
        var route = SharedTown.Items(await Town.GetAsync("emergency/routes")).Single(one => one.GetProperty("siteId").GetString() == site);
        Assert.NotEqual(TownHall, route.GetProperty("presented").GetString());
        Assert.Contains($"\nP-Asserted-Identity: <sip:{route.GetProperty("presented").GetString()}@", messages, StringComparison.Ordinal);
        var alert = SharedTown.Items(await Town.GetAsync("emergency/calls")).Single();
        Assert.Equal(("112", account.Extension), (alert.GetProperty("number").GetString(), alert.GetProperty("extension").GetString()));
    }

    [Fact]
    public async Task The_second_operator_takes_the_call_that_the_first_cannot()
    {
        await using var full = await Sipp.StartAsync(new SippPlan
        {
            Scenario = PeerTests.Scenario("unavailable"),
            Address = FirstOperator,
        });
        await using var free = await Sipp.StartAsync(new SippPlan { Scenario = PeerTests.Scenario("called"), Address = SecondOperator, Echo = true });
        await OpenTrunkAsync("First operator", FirstOperator, full.Port, 0);
        await OpenTrunkAsync("Second operator", SecondOperator, free.Port, 1);
        var alice = await Town.BaresipAsync(0, Low);
        await alice.DialsAsync("00199009999");
        await alice.TalksAsync();
        await alice.HearsAsync(Low, Enough);                        // the operator's end sends back what it hears
        await alice.HangsUpAsync();
        Assert.Contains("INVITE sip:+33199009999@127.0.0.2", (await full.EndsAsync()).Well().Messages, StringComparison.Ordinal);
        Assert.Contains("INVITE sip:+33199009999@127.0.0.4", (await free.EndsAsync()).Well().Messages, StringComparison.Ordinal);
    }

    private async Task ConnectAsync(SoftPhone caller, SoftPhone called, int calledPerson)
    {
        await caller.DialsAsync(Town.Accounts[calledPerson].Extension);
        await called.RingsAsync();
        await called.AnswersAsync();
        await caller.TalksAsync();
        await called.TalksAsync();
    }

    /// <summary>The parked phone hears music, then whoever asks for the call parked by the second person.</summary>
    private async Task RetrievesAsync(Baresip parked, Baresip by, double formerPartner)
    {
        await parked.HearsOtherThanAsync(formerPartner, Music);
        await by.DialsAsync("*69" + Town.Accounts[1].Extension);
        await by.TalksAsync();
        await by.HearsAsync(parked.Tone, Enough);
        await parked.HearsAsync(by.Tone, Enough);
        await by.HangsUpAsync();
        await parked.SeesTheEndAsync();
    }

    private async Task OpenTrunkAsync(string name, string host, int port, int order)
    {
        var made = await Town.PostAsync("trunks", new { name, kind = "static", host, port, order, inboundAddresses = new[] { host }, presentedNumber = TownHall, optionsPingSeconds = 0 });
        _made.Add($"trunks/{made.GetProperty("trunk").GetProperty("id").GetString()}");
    }
}
