// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>What an operator sees of live calls, and that nothing of them stays.</summary>
public sealed class CallMetricsTests
{
    private static readonly string[] OfACall =
    [
        "calls", "persons_in_calls", "lamps_lit", "lamps_calls", "sip_transactions", "sip_dialogs", "sip_sessions", "sip_timers", "media_legs", "media_ports_in_use",
    ];

    [Fact]
    public async Task A_call_shows_in_every_gauge_that_holds_a_part_of_it_and_in_none_when_it_is_over()
    {
        await using var town = await CallingTown.OpenAsync();
        var alice = await town.RegisteredAsync("101");
        var bob = await town.RegisteredAsync("102");
        alice.Dials("102", town.Sip);
        await bob.SeesAsync("invite 101");
        bob.Answers();
        await alice.SeesAsync("accepted");
        var during = await FiguresAsync(town);
        Assert.All(OfACall, name => Assert.True(during[name] > 0, $"{name} is {during[name]} during a call"));
        Assert.Equal((1, 2, 2, 4), (during["calls"], during["sip_sessions"], during["media_legs"], during["media_ports_in_use"]));
        var facts = (await town.Server.Anybody().GetAsync("/api/v1/state")).GetProperty("facts").EnumerateArray();
        Assert.Equal("1", facts.Single(fact => fact.Id() == "calls").Text("englishValue"));

        alice.HangsUp();
        await bob.SeesAsync("ended Bye");
        await EventuallyAsync(town, now => OfACall.Except(["sip_transactions", "sip_timers"]).All(name => now[name] == 0));
        var after = await FiguresAsync(town);
        Assert.Equal((4, 1), (after["media_ports_in_quarantine"], after["calls_total"]));
        foreach (var reason in new[] { "banned", "handlerfailed" }) Assert.Equal(0, after[$"sip_drops_total{{reason=\"{reason}\"}}"]);
    }

    private static async Task EventuallyAsync(CallingTown town, Func<IReadOnlyDictionary<string, double>, bool> wanted)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        while (!wanted(await FiguresAsync(town))) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
    }

    private static async Task<IReadOnlyDictionary<string, double>> FiguresAsync(CallingTown town)
    {
        var text = await town.Server.Anybody().Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').Select(line => line.Split(' '))
            .ToDictionary(words => words[0]["beffroi_".Length..], words => double.Parse(words[^1], CultureInfo.InvariantCulture));
    }
}
