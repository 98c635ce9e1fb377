// SPDX-License-Identifier: EUPL-1.2
using Xunit;

namespace Beffroi.Server.Tests.Features.DialPlan;

/// <summary>Rules that lead in circles: a call is refused, and the explainer says where it turned.</summary>
public sealed class RouteLoopTests : IAsyncLifetime
{
    private TownHall _hall = null!;

    public async Task InitializeAsync() => _hall = await TownHall.OpenAsync();

    public async Task DisposeAsync() => await _hall.DisposeAsync();

    private Task GoesOutsideAsync(string number, string to) => _hall.Admin.PostAsync("/api/v1/direct-numbers",
        new { organisationId = _hall.Town, number, destination = new { kind = "outside", target = to }, presentation = "own", label = number });

    [Fact]
    public async Task Two_direct_numbers_that_lead_to_each_other_refuse_the_call()
    {
        await GoesOutsideAsync("0199001000", "0199001001");
        await GoesOutsideAsync("0199001001", "0199001000");
        foreach (var (extension, from) in new[] { ((string?)null, "0639980000"), ("1001", (string?)null) })
        {
            var (outcome, refusal, steps, _) = await _hall.ExplainAsync(extension, "0199001000", from: from);
            Assert.Equal(("refused", "forwarding.loop"), (outcome, refusal));
            Assert.Contains("Boucle : l'appel est déjà passé par +33199001000", steps, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_closed_message_that_leads_back_to_its_own_number_refuses_the_call_at_night_only()
    {
        await _hall.HasDirectNumberAsync("0199001000", "1001");
        string[] day = ["08:30-17:00"];
        var calendar = await _hall.Admin.PostAsync("/api/v1/calendars", new
        {
            organisationId = _hall.Town,
            name = "Mairie",
            week = new { monday = day, tuesday = day, wednesday = day, thursday = day, friday = day, saturday = Array.Empty<string>(), sunday = Array.Empty<string>() },
        });
        await _hall.Admin.PostAsync("/api/v1/welcome-messages", new
        {
            organisationId = _hall.Town,
            number = "0199001000",
            name = "Accueil",
            calendar = calendar.Id(),
            closed = new { kind = "outside", target = "0199001000" },
        });
        Assert.Equal("extension", (await _hall.ExplainAsync(null, "0199001000", from: "0639980000")).Outcome);
        Assert.Equal("forwarding.loop", (await _hall.ExplainAsync(null, "0199001000", TownHall.Monday.AddHours(12), "0639980000")).Refusal);
    }

    [Fact]
    public async Task A_long_chain_of_direct_numbers_is_refused_and_a_short_one_is_followed()
    {
        for (var i = 0; i < 8; i++) await GoesOutsideAsync($"019900100{i}", $"019900100{i + 1}");
        await _hall.HasDirectNumberAsync("0199001008", "1001");
        Assert.Equal("extension", (await _hall.ExplainAsync(null, "0199001004", from: "0639980000")).Outcome);
        Assert.Equal("forwarding.too-many-hops", (await _hall.ExplainAsync(null, "0199001000", from: "0639980000")).Refusal);
    }

    [Fact]
    public async Task A_forwarding_to_the_own_direct_number_is_a_loop()
    {
        await _hall.HasDirectNumberAsync("0199001001", "1001");
        await _hall.Admin.PutAsync($"/api/v1/forwardings/{_hall.Extensions["1001"]}", new { immediate = "00199001001" });
        Assert.Equal("forwarding.loop", (await _hall.ExplainAsync("1002", "1001")).Refusal);
        Assert.Equal("forwarding.loop", (await _hall.ExplainAsync(null, "0199001001", from: "0639980000")).Refusal);
    }
}
