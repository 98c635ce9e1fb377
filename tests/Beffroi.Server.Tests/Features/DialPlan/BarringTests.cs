// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text.Json;
using Beffroi.Server.Platform.Identity;
using Xunit;

namespace Beffroi.Server.Tests.Features.DialPlan;

/// <summary>Barring by time (night lock) and by PIN: settings, and what the dial plan makes of them.</summary>
public sealed class BarringTests : IAsyncLifetime
{
    private const string Mobile = "00639980000", Premium = "00899123456";
    private static readonly DateTimeOffset Evening = TownHall.Monday.AddHours(12);
    private static readonly string[] Day = ["08:30-12:00", "13:30-17:00"];
    private TownHall _hall = null!;
    private string _calendar = "", _locked = "", _everything = "";

    public async Task InitializeAsync()
    {
        _hall = await TownHall.OpenAsync();
        var week = new { monday = Day, tuesday = Day, wednesday = Day, thursday = Day, friday = Day, saturday = Array.Empty<string>(), sunday = Array.Empty<string>() };
        _calendar = (await _hall.Admin.PostAsync("/api/v1/calendars", new { organisationId = _hall.Town, name = "Bureaux", week })).Id();
        _locked = await ClassAsync("Interne", allowed: false);
        _everything = await ClassAsync("Tout", allowed: true);
    }

    public async Task DisposeAsync() => await _hall.DisposeAsync();

    private async Task<string> ClassAsync(string name, bool allowed) => (await _hall.Admin.PostAsync("/api/v1/dial-plan/calling-classes",
        new { organisationId = _hall.Town, name, allowedByDefault = allowed, rules = Array.Empty<object>() })).Id();

    private string Line(string number) => $"/api/v1/dial-plan/lines/{_hall.Extensions[number]}";

    private Task<JsonElement> NightLockAsync(string number) => _hall.Admin.PutAsync(Line(number), new { calendar = _calendar, closedClass = _locked });

    private async Task PinAsync(string number, string? pin = "4271")
    {
        await _hall.Admin.PutAsync(Line(number), new { pinClass = _everything });
        await _hall.Admin.PutAsync($"{Line(number)}/pin", new { pin }, HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_night_lock_bars_while_its_calendar_is_closed_and_the_explainer_says_which_class_counted_and_why()
    {
        await NightLockAsync("1002");
        var (open, _, day, _) = await _hall.ExplainAsync("1002", Mobile);
        Assert.Equal("outside", open);
        Assert.Contains("Calendrier « Bureaux » : ouvert", day, StringComparison.Ordinal);
        Assert.Contains("Classe d'appel « national » du poste 1002 (rien n'est réglé) : autorisé", day, StringComparison.Ordinal);

        var (_, refusal, night, whole) = await _hall.ExplainAsync("1002", Mobile, Evening);
        Assert.Equal("dial-plan.barred", refusal);
        Assert.Contains("Calendrier « Bureaux » : fermé", night, StringComparison.Ordinal);
        Assert.Contains("Classe d'appel « Interne » du poste 1002 (verrouillage de nuit : son calendrier est fermé) : interdit par défaut", night, StringComparison.Ordinal);
        Assert.Contains("night lock: its calendar is closed", whole.ToString(), StringComparison.Ordinal);
        Assert.Equal("outside", (await _hall.ExplainAsync("1001", Mobile, Evening)).Outcome);
    }

    [Fact]
    public async Task A_night_lock_leaves_colleagues_and_emergency_numbers_reachable()
    {
        await NightLockAsync("1002");
        Assert.Equal("extension", (await _hall.ExplainAsync("1002", "1001", Evening)).Outcome);
        foreach (var number in new[] { "15", "112", "0112", "116117", "*44112" }) Assert.Equal("emergency", (await _hall.ExplainAsync("1002", number, Evening)).Outcome);
    }

    [Fact]
    public async Task A_night_lock_holds_for_calls_that_the_line_forwards_outside()
    {
        await _hall.Admin.PutAsync($"/api/v1/forwardings/{_hall.Extensions["1002"]}", new { immediate = "0639980000" });
        await NightLockAsync("1002");
        Assert.Equal("outside", (await _hall.ExplainAsync("1001", "1002")).Outcome);
        Assert.Equal("dial-plan.barred", (await _hall.ExplainAsync("1001", "1002", Evening)).Refusal);
    }

    [Fact]
    public async Task A_calendar_closed_by_hand_locks_at_once()
    {
        await NightLockAsync("1002");
        await _hall.Admin.PutAsync($"/api/v1/calendars/{_calendar}/override", new { open = false });
        Assert.Equal("dial-plan.barred", (await _hall.ExplainAsync("1002", Mobile)).Refusal);
        await _hall.Admin.PutAsync($"/api/v1/calendars/{_calendar}/override", new { open = true });
        Assert.Equal("outside", (await _hall.ExplainAsync("1002", Mobile, Evening)).Outcome);
    }

    [Fact]
    public async Task What_a_line_names_is_not_removed_until_the_line_or_its_extension_is()
    {
        await _hall.Admin.PutAsync(Line("1002"), new { calendar = _calendar, closedClass = _locked, pinClass = _everything });
        foreach (var (path, code) in new[] { ($"calendars/{_calendar}", "calendars"), ($"dial-plan/calling-classes/{_locked}", "dial-plan"), ($"dial-plan/calling-classes/{_everything}", "dial-plan") })
            Assert.Equal($"urn:beffroi:{code}.still-used", (await _hall.Admin.DeleteAsync($"/api/v1/{path}", HttpStatusCode.Conflict)).Text("type"));
        await _hall.Admin.PutAsync(Line("1002"), new { calendar = _calendar, closedClass = _locked });
        await _hall.Admin.DeleteAsync($"/api/v1/dial-plan/calling-classes/{_everything}");
        await _hall.Admin.DeleteAsync($"/api/v1/extensions/{_hall.Extensions["1002"]}");
        await _hall.Admin.DeleteAsync($"/api/v1/dial-plan/calling-classes/{_locked}");
        await _hall.Admin.DeleteAsync($"/api/v1/calendars/{_calendar}");
    }

    [Fact]
    public async Task A_calendar_and_its_class_go_together_and_belong_to_the_organisation()
    {
        var elsewhere = (await _hall.Admin.PostAsync("/api/v1/organisations", new { name = "Ailleurs" })).Id();
        var foreign = (await _hall.Admin.PostAsync("/api/v1/dial-plan/calling-classes", new { organisationId = elsewhere, name = "Tout", allowedByDefault = true, rules = Array.Empty<object>() })).Id();
        var week = new { monday = Day, tuesday = Day, wednesday = Day, thursday = Day, friday = Day, saturday = Day, sunday = Day };
        var theirs = (await _hall.Admin.PostAsync("/api/v1/calendars", new { organisationId = elsewhere, name = "Ailleurs", week })).Id();
        async Task<string> WrongAsync(object line) => string.Join(' ', (await _hall.Admin.PutAsync(Line("1002"), line, HttpStatusCode.BadRequest)).GetProperty("errors").EnumerateObject().Select(e => e.Name));
        Assert.Equal("closedClass", await WrongAsync(new { calendar = _calendar }));
        Assert.Equal("closedClass", await WrongAsync(new { closedClass = _locked }));
        Assert.Equal("closedClass", await WrongAsync(new { calendar = _calendar, closedClass = foreign }));
        Assert.Equal("calendar", await WrongAsync(new { calendar = theirs, closedClass = _locked }));
        Assert.Equal("pinClass", await WrongAsync(new { pinClass = foreign }));
    }

    [Fact]
    public async Task A_call_with_the_pin_counts_with_its_own_class_and_the_explainer_says_that_the_pin_is_asked()
    {
        await PinAsync("1002");
        Assert.Equal("dial-plan.barred", (await _hall.ExplainAsync("1002", Premium)).Refusal);
        var (outcome, _, steps, whole) = await _hall.ExplainAsync("1002", $"*44{Premium}");
        Assert.Equal("outside", outcome);
        Assert.Contains("Classe d'appel « Tout » du poste 1002 (avec code secret) : autorisé", steps, StringComparison.Ordinal);
        Assert.Contains("Le code secret du poste 1002 est demandé avant l'appel", steps, StringComparison.Ordinal);
        Assert.Contains("The PIN of extension 1002 is asked for before the call.", whole.ToString(), StringComparison.Ordinal);
        Assert.Equal("dial-plan.no-such-number", (await _hall.ExplainAsync("1002", "*4400712345678")).Refusal);
        Assert.Equal("extension", (await _hall.ExplainAsync("1002", "*441001")).Outcome);
    }

    [Fact]
    public async Task The_class_with_pin_opens_nothing_for_a_colleague_who_forwards()
    {
        await PinAsync("1002");
        await PinAsync("1003");
        await _hall.Admin.PutAsync($"/api/v1/forwardings/{_hall.Extensions["1003"]}", new { immediate = "0639980000" });
        await _hall.Admin.PutAsync(Line("1003"), new { callingClass = _locked, pinClass = _everything });
        Assert.Equal("dial-plan.barred", (await _hall.ExplainAsync("1002", "*441003")).Refusal);
    }

    [Fact]
    public async Task Without_a_class_with_pin_or_without_a_pin_the_code_is_refused()
    {
        Assert.Equal("dial-plan.no-pin", (await _hall.ExplainAsync("1002", $"*44{Mobile}")).Refusal);
        await PinAsync("1002");
        await PinAsync("1002", null);
        var (_, refusal, steps, _) = await _hall.ExplainAsync("1002", $"*44{Mobile}");
        Assert.Equal("dial-plan.no-pin", refusal);
        Assert.Contains("pas de classe avec code secret, ou pas de code", steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pin_is_set_by_who_operates_the_line_kept_when_the_line_changes_and_shown_to_nobody()
    {
        var path = $"{Line("1003")}/pin";
        await _hall.Server.Anybody().PutAsync(path, new { pin = "4271" }, HttpStatusCode.Unauthorized);
        await (await _hall.Server.SignInAsync(Role.Auditor)).PutAsync(path, new { pin = "4271" }, HttpStatusCode.Forbidden);
        await (await _hall.SignsInAsync("1003")).PutAsync(path, new { pin = "4271" }, HttpStatusCode.Forbidden);
        await (await _hall.SignsInAtAsync(_hall.Hall)).PutAsync(path, new { pin = "4271" }, HttpStatusCode.NotFound);
        await (await _hall.SignsInAtAsync(_hall.Library)).PutAsync(path, new { pin = "4271" }, HttpStatusCode.NoContent);
        foreach (var weak in new[] { "12", "1234", "0000", "abcd", "1003", "123456789" }) await _hall.Admin.PutAsync(path, new { pin = weak }, HttpStatusCode.BadRequest);
        var line = await _hall.Admin.PutAsync(Line("1003"), new { pinClass = _everything });
        Assert.Equal("True", line.Text("hasPin"));
        var audit = (await _hall.Admin.GetAsync("/api/v1/audit")).ToString();
        Assert.Contains("dial-plan.line-", audit, StringComparison.Ordinal);
        foreach (var shown in new[] { line.ToString(), audit })
        {
            Assert.DoesNotContain("pinHash", shown, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("\"4271\"", shown, StringComparison.Ordinal);
        }

        await _hall.Server.StopAsync();
        await using var again = await TestServer.StartAsync(folder: _hall.Server.Folder);
        Assert.Equal("True", (await again.Administrator.GetAsync(Line("1003"))).Text("hasPin"));
    }
}
