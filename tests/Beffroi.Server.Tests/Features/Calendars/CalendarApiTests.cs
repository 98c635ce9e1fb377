// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Tests.Features.DialPlan;
using Xunit;

namespace Beffroi.Server.Tests.Features.Calendars;

public sealed class CalendarApiTests : IAsyncLifetime
{
    private static readonly string[] Day = ["08:30-12:00", "13:30-17:00"];
    private static readonly object Week = new { monday = Day, tuesday = Day, wednesday = Day, thursday = Day, friday = Day, saturday = Array.Empty<string>(), sunday = Array.Empty<string>() };
    private TownHall _hall = null!;

    public async Task InitializeAsync() => _hall = await TownHall.OpenAsync();

    public async Task DisposeAsync() => await _hall.DisposeAsync();

    [Fact]
    public async Task A_calendar_is_written_asked_and_kept_over_a_restart()
    {
        var calendar = await _hall.Admin.PostAsync("/api/v1/calendars", new
        {
            organisationId = _hall.Town,
            name = "Mairie",
            week = Week,
            exceptions = new[] { new { first = "2026-11-24", last = "2026-11-24", hours = Array.Empty<string>(), label = "Travaux" } },
        });
        var state = await _hall.Admin.GetAsync($"/api/v1/calendars/{calendar.Id()}/state");
        Assert.Equal(("True", "hours"), (state.Text("open"), state.Text("cause")));
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 11, 0, 0, TimeSpan.Zero), state.GetProperty("nextChange").GetDateTimeOffset());
        await _hall.Server.StopAsync();
        await using var again = await TestServer.StartAsync(folder: _hall.Server.Folder);
        var later = await again.Administrator.GetAsync($"/api/v1/calendars/{calendar.Id()}/state?at=2026-11-24T10:00:00Z");
        Assert.Equal("Travaux", later.Text("label"));
    }

    [Fact]
    public async Task A_door_closed_by_hand_opens_again_at_its_moment()
    {
        var calendar = await _hall.Admin.PostAsync("/api/v1/calendars", new { organisationId = _hall.Town, name = "Mairie", week = Week });
        await _hall.Admin.PutAsync($"/api/v1/calendars/{calendar.Id()}/override", new { open = false, until = TownHall.Monday.AddHours(1) });
        Assert.Equal("byHand", (await _hall.Admin.GetAsync($"/api/v1/calendars/{calendar.Id()}/state")).Text("cause"));
        _hall.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("True", (await _hall.Admin.GetAsync($"/api/v1/calendars/{calendar.Id()}/state")).Text("open"));
    }

    [Fact]
    public async Task Hours_that_overlap_and_zones_that_are_none_are_refused()
    {
        var bad = new { monday = new[] { "08:00-12:00", "11:00-13:00" }, tuesday = Day, wednesday = Day, thursday = Day, friday = Day, saturday = Day, sunday = Day };
        var refused = await _hall.Admin.PostAsync("/api/v1/calendars", new { organisationId = _hall.Town, name = "", week = bad, zone = "Europe/Saint-Aubin" }, HttpStatusCode.BadRequest);
        Assert.Equal(["name", "week", "zone"], refused.GetProperty("errors").EnumerateObject().Select(e => e.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_holidays_of_a_year_are_told() =>
        Assert.Equal(13, (await _hall.Admin.GetAsync("/api/v1/calendars/holidays?year=2027&region=alsaceMoselle")).GetArrayLength());
}
