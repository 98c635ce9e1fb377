// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using Beffroi.Scenarios.Peers;
using Beffroi.TestKit.Peers;
using Xunit;

namespace Beffroi.Scenarios;

/// <summary>What people do with the telephone beside calling: forward, pick up, park, not be disturbed. Services of RFC 5359, on real phones.</summary>
[Collection(nameof(RealPeers))]
public sealed class FeatureTests
{
    private const double Low = 440, High = 1000, Third = 1600;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task An_immediate_forwarding_rings_the_other_phone()
    {
        await using var town = await Town.OpenAsync();
        var (alice, bob, carol) = await ThreeAsync(town);
        await ForwardAsync(town, 1, new { immediate = town.Accounts[2].Extension });
        await alice.DialsAsync(town.Accounts[1].Extension);
        await carol.RingsAsync();
        await carol.AnswersAsync();
        await alice.TalksAsync();
        await carol.HearsAsync(Low, Enough);
        await alice.HearsAsync(Third, Enough);
        await alice.HangsUpAsync();
        await carol.SeesTheEndAsync();
        Assert.DoesNotContain(bob.Events, happened => happened.Type == "CALL_INCOMING");
    }

    [Fact]
    public async Task A_forwarding_on_no_answer_goes_on_to_the_next_phone()
    {
        await using var town = await Town.OpenAsync();
        var (alice, bob, carol) = await ThreeAsync(town);
        await ForwardAsync(town, 1, new { noAnswer = town.Accounts[2].Extension, noAnswerAfterS = 5 });
        await alice.DialsAsync(town.Accounts[1].Extension);
        await bob.RingsAsync();
        await carol.RingsAsync();
        await bob.SeesTheEndAsync();
        await carol.AnswersAsync();
        await alice.TalksAsync();
        await carol.HearsAsync(Low, Enough);
        await carol.HangsUpAsync();
        await alice.SeesTheEndAsync();
    }

    [Fact]
    public async Task A_forwarding_on_busy_takes_the_call_that_was_declined()
    {
        await using var town = await Town.OpenAsync();
        var (alice, bob, carol) = await ThreeAsync(town);
        await ForwardAsync(town, 1, new { busy = town.Accounts[2].Extension });
        await alice.DialsAsync(town.Accounts[1].Extension);
        await bob.RingsAsync();
        await bob.HangsUpAsync();
        await carol.RingsAsync();
        await carol.AnswersAsync();
        await alice.TalksAsync();
        await alice.HangsUpAsync();
        await carol.SeesTheEndAsync();
    }

    [Fact]
    public async Task A_phone_that_must_not_be_disturbed_does_not_ring()
    {
        await using var town = await Town.OpenAsync();
        var (alice, bob, _) = await ThreeAsync(town);
        await ForwardAsync(town, 1, new { doNotDisturb = true });
        await alice.DialsAsync(town.Accounts[1].Extension);
        await alice.SeesTheEndAsync();
        Assert.DoesNotContain(bob.Events, happened => happened.Type == "CALL_INCOMING");
    }

    [Fact]
    public async Task A_colleague_picks_up_a_call_that_rings_elsewhere()
    {
        await using var town = await Town.OpenAsync();
        var (alice, bob, carol) = await ThreeAsync(town);
        await alice.DialsAsync(town.Accounts[1].Extension);
        await bob.RingsAsync();
        await carol.DialsAsync("*8" + town.Accounts[1].Extension);
        await carol.TalksAsync();
        await bob.SeesTheEndAsync();
        await carol.HearsAsync(Low, Enough);
        await alice.HearsAsync(Third, Enough);
        await carol.HangsUpAsync();
        await alice.SeesTheEndAsync();
    }

    private static async Task<(Baresip Alice, Baresip Bob, Baresip Carol)> ThreeAsync(Town town) =>
        (await town.BaresipAsync(0, Low), await town.BaresipAsync(1, High), await town.BaresipAsync(2, Third));

    private static async Task ForwardAsync(Town town, int person, object rules)
    {
        var extensions = await town.GetAsync("extensions");
        var list = extensions.ValueKind == JsonValueKind.Array ? extensions : extensions.GetProperty("items");
        var id = list.EnumerateArray().Single(one => one.GetProperty("number").GetString() == town.Accounts[person].Extension).GetProperty("id").GetString();
        await town.PutAsync($"forwardings/{id}", rules);
    }
}
