// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Tests.Features.DialPlan;
using Xunit;

namespace Beffroi.Server.Tests.Features.WelcomeMessage;

public sealed class WelcomeTests : IAsyncLifetime
{
    private static readonly string[] Day = ["08:30-12:00", "13:30-17:00"];
    private TownHall _hall = null!;
    private string _calendar = "";

    public async Task InitializeAsync()
    {
        _hall = await TownHall.OpenAsync();
        await _hall.HasDirectNumberAsync("0199001000", "1001", "organisation");
        _calendar = (await _hall.Admin.PostAsync("/api/v1/calendars", new
        {
            organisationId = _hall.Town,
            name = "Mairie",
            week = new { monday = Day, tuesday = Day, wednesday = Day, thursday = Day, friday = Day, saturday = Array.Empty<string>(), sunday = Array.Empty<string>() },
        })).Id();
    }

    public async Task DisposeAsync() => await _hall.DisposeAsync();

    private Task WelcomesAsync(object? closed) => _hall.Admin.PostAsync("/api/v1/welcome-messages", new
    {
        organisationId = _hall.Town,
        number = "01 99 00 10 00",
        name = "Accueil",
        calendar = _calendar,
        openPrompt = "welcome-open",
        closedPrompt = "welcome-closed",
        closed,
    });

    [Fact]
    public async Task Citizens_hear_the_open_message_then_the_phones_ring()
    {
        await WelcomesAsync(null);
        var (outcome, _, steps, _) = await _hall.ExplainAsync(null, "0199001000", from: "0639980000");
        Assert.Equal("extension", outcome);
        Assert.Contains("« Mairie » : ouvert (horaires), jusqu'au 23/11/2026 12:00", steps, StringComparison.Ordinal);
        Assert.Contains("Message d'accueil « welcome-open » avant la sonnerie, avant décroché", steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_night_they_hear_the_closed_message_and_the_call_ends()
    {
        await WelcomesAsync(null);
        var (outcome, refusal, steps, _) = await _hall.ExplainAsync(null, "0199001000", TownHall.Monday.AddHours(12), "0639980000");
        Assert.Equal(("refused", "welcome-message.closed"), (outcome, refusal));
        Assert.Contains("welcome-closed", steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_night_the_call_may_go_elsewhere()
    {
        await WelcomesAsync(new { kind = "outside", target = "0639980017" });
        var (outcome, _, steps, _) = await _hall.ExplainAsync(null, "0199001000", TownHall.Monday.AddHours(12), "0639980000");
        Assert.Equal("outside", outcome);
        Assert.Contains("Numéro présenté : +33199001000", steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_calendar_in_use_can_not_be_removed()
    {
        await WelcomesAsync(null);
        Assert.Equal("urn:beffroi:calendars.still-used", (await _hall.Admin.DeleteAsync($"/api/v1/calendars/{_calendar}", HttpStatusCode.Conflict)).Text("type"));
    }
}
