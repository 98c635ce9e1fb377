// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text;
using Beffroi.Calls;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Tests.Features.DialPlan;
using Xunit;

namespace Beffroi.Server.Tests.Features.History;

public class HistoryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 9, 14, 10, 0, 0, TimeSpan.Zero);
    private static readonly CallParty Resident = new(PartyKind.External, "+33199001234", "=HYPERLINK(\"http://evil\")");

    [Fact]
    public async Task A_call_that_was_answered_and_transferred_is_told_leg_by_leg()
    {
        await using var server = await TestServer.StartAsync();
        var call = Guid.NewGuid();
        Tell(server, Transferred(call, Guid.NewGuid()));
        await server.WrittenAsync();
        var page = await server.Administrator.GetAsync("/api/v1/history?number=%2B3319900");
        var row = Assert.Single(page.GetProperty("calls").EnumerateArray().ToArray());
        Assert.Equal(call.ToString(), row.Id());
        Assert.Equal("inbound", row.Text("direction"));
        Assert.Equal("answered", row.Text("outcome"));
        Assert.Equal("Nadia Belkacem", row.Text("answeredByName"));
        Assert.Equal(7, row.GetProperty("waitSeconds").GetDouble());
        Assert.Equal(1, row.GetProperty("transfers").GetInt32());
        var detail = await server.Administrator.GetAsync($"/api/v1/history/{call}");
        Assert.Equal(2, detail.GetProperty("legs").GetArrayLength());
        Assert.Equal("answered-elsewhere", detail.GetProperty("legs")[1].Text("cause"));
        Assert.Equal(4.31, detail.GetProperty("legs")[0].GetProperty("mos").GetDouble());
        Assert.Equal(8, detail.GetProperty("steps").GetArrayLength());
        Assert.Equal("call.started", detail.GetProperty("steps")[0].Text("kind"));
    }

    [Fact]
    public async Task The_history_is_the_same_after_it_is_derived_anew_from_the_journal()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 0; i < 20; i++) Tell(server, Transferred(Guid.NewGuid(), Guid.NewGuid()));
        await server.WrittenAsync();
        var before = (await server.Administrator.GetAsync("/api/v1/history")).ToString();
        await using (var db = await server.Service<Server.Platform.Storage.Store>().ReadAsync(default))
        {
            await using var command = Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.GetDbConnection(db.Database).CreateCommand();
            await Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.OpenConnectionAsync(db.Database);
            command.CommandText = "DELETE FROM history_calls";
            Assert.Equal(20, await command.ExecuteNonQueryAsync());
        }

        await server.Administrator.PostAsync("/api/v1/history/rebuild", new { }, HttpStatusCode.NoContent);
        Assert.Equal(before, (await server.Administrator.GetAsync("/api/v1/history")).ToString());
    }

    [Fact]
    public async Task A_call_cut_off_by_the_end_of_the_server_is_shown_as_interrupted_after_the_restart()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("beffroi-cut-").FullName;
        var call = Guid.NewGuid();
        var first = await TestServer.StartAsync(folder: folder);
        Tell(first, Transferred(call, Guid.NewGuid()).SkipLast(3));
        Tell(first, Transferred(Guid.NewGuid(), Guid.NewGuid()));
        await first.StopAsync();
        await using (var second = await TestServer.StartAsync(folder: folder))
        {
            var calls = (await second.Administrator.GetAsync("/api/v1/history")).GetProperty("calls").EnumerateArray().ToList();
            Assert.Equal(2, calls.Count);
            Assert.Equal("interrupted", calls.Single(c => c.Id() == call.ToString()).Text("cause"));
        }

        System.IO.Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_export_opens_in_a_French_spreadsheet_and_holds_no_formula()
    {
        await using var server = await TestServer.StartAsync();
        Tell(server, Transferred(Guid.NewGuid(), Guid.NewGuid()));
        await server.WrittenAsync();
        var bytes = await server.Administrator.Http.GetByteArrayAsync(new Uri("/api/v1/history/export.csv", UriKind.Relative));
        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
        var lines = Encoding.UTF8.GetString(bytes[3..]).Split("\r\n");
        Assert.StartsWith("début;sens;appelant", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("2026-09-14 12:00:00;", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"'=HYPERLINK(\"\"http://evil\"\")\"", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain(";=", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain(";+", lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fr", "appel;branche", "entrant", "répondu", "l'appelant a raccroché", "répondu ailleurs", "\"4,31\"", "\"1,64\"")]
    [InlineData("en", "call;leg", "inbound", "answered", "the caller hung up", "answered elsewhere", "4.31", "1.64")]
    public async Task The_export_leg_by_leg_tells_devices_trunks_and_quality_in_the_language_asked(string language, string columns, params string[] words)
    {
        await using var server = await TestServer.StartAsync();
        var trunk = await server.Administrator.PostAsync("/api/v1/trunks", new { name = "Opérateur", kind = "static", host = "192.0.2.1", optionsPingSeconds = 0 });
        Tell(server, Transferred(Guid.NewGuid(), Guid.NewGuid(), Guid.Parse(trunk.GetProperty("trunk").Id())));
        await server.WrittenAsync();
        var lines = await ExportAsync(server.Administrator, $"legs=true&lang={language}");
        Assert.Equal(4, lines.Length);                                                      // the header and three legs
        Assert.Contains(columns, lines[0], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.Equal(lines[0].Count(c => c == ';'), line.Count(c => c == ';')));
        foreach (var word in words) Assert.Contains(lines.Skip(1), line => line.Contains(";" + word + ";", StringComparison.Ordinal) || line.EndsWith(";" + word, StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains(";Opérateur;", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains(";101;", StringComparison.Ordinal) && line.Contains(";PCMA;1200;1190;20;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Neither_the_export_nor_the_pages_lose_calls_that_began_at_one_moment()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 0; i < 1_203; i++) Tell(server, Missed(Guid.NewGuid(), new CallParty(PartyKind.Service, "600", "Accueil")));
        await server.WrittenAsync();
        Assert.Equal(1 + 1_203, (await ExportAsync(server.Administrator, "legs=true")).Length);
        var (seen, pages, after) = (new HashSet<string>(), 0, "");
        do
        {
            var page = await server.Administrator.GetAsync($"/api/v1/history?take=500&after={after}");
            foreach (var call in page.GetProperty("calls").EnumerateArray()) Assert.True(seen.Add(call.Id()), "a call came twice");
            after = page.TryGetProperty("next", out var next) ? next.ToString() : "";
        }
        while (after.Length > 0 && ++pages < 10);
        Assert.Equal(1_203, seen.Count);
        await server.WrittenAsync();
        var rows = (await server.Administrator.GetAsync("/api/v1/audit?action=history")).GetProperty("entries");
        Assert.Equal("history.exported", Assert.Single(rows.EnumerateArray()).Text("action"));
    }

    [Fact]
    public async Task A_person_sees_their_own_calls_and_others_those_of_their_site_service_or_organisation()
    {
        await using var hall = await TownHall.OpenAsync();
        var unit = await hall.Admin.PostAsync("/api/v1/units", new { organisationId = hall.Town, name = "Culture" });
        await hall.Admin.PutAsync($"/api/v1/persons/{hall.Persons["1003"]}", new { siteId = hall.Library, unitId = unit.Id(), givenName = "Chloé", familyName = "Blanc" });
        var elsewhere = await hall.Admin.PostAsync("/api/v1/organisations", new { name = "Val-Haut" });
        var chloe = new CallParty(PartyKind.Internal, "1003", "Chloé Blanc") { Person = Guid.Parse(hall.Persons["1003"]), Site = Guid.Parse(hall.Library) };
        var (hers, groups) = (Guid.NewGuid(), Guid.NewGuid());
        Tell(hall.Server, Missed(hers, chloe));
        Tell(hall.Server, Missed(groups, new CallParty(PartyKind.Service, "600", "Accueil") { Organisation = Guid.Parse(hall.Town) }));
        await hall.Server.WrittenAsync();

        var chloesOwn = await hall.SignsInAsync("1003");
        Assert.Equal([hers], await SeesAsync(chloesOwn));
        Assert.Empty(await SeesAsync(await hall.SignsInAsync("1001")));
        Assert.Equal([hers], await SeesAsync(await hall.SignsInAtAsync(hall.Library, Role.Auditor)));
        Assert.Empty(await SeesAsync(await hall.SignsInAtAsync(hall.Hall, Role.Auditor)));
        Assert.Equal([hers], await SeesAsync(await hall.Server.SignInAsync(Role.Auditor, new(ScopeKind.Unit, Guid.Parse(unit.Id())))));
        Assert.Equal(new[] { hers, groups }.Order(), (await SeesAsync(await hall.Server.SignInAsync(Role.Auditor, new(ScopeKind.Organisation, Guid.Parse(hall.Town))))).Order());
        Assert.Empty(await SeesAsync(await hall.Server.SignInAsync(Role.Auditor, new(ScopeKind.Organisation, Guid.Parse(elsewhere.Id())))));
        await (await hall.SignsInAtAsync(hall.Hall, Role.Auditor)).SendAsync(HttpMethod.Get, $"/api/v1/history/{hers}", null, HttpStatusCode.NotFound);
        await chloesOwn.GetAsync($"/api/v1/history/{hers}");
    }

    private static async Task<IReadOnlyList<Guid>> SeesAsync(Api api) => [.. (await api.GetAsync("/api/v1/history")).GetProperty("calls").EnumerateArray().Select(c => Guid.Parse(c.Id()))];

    private static async Task<string[]> ExportAsync(Api api, string query) =>
        (await api.Http.GetStringAsync(new Uri($"/api/v1/history/export.csv?{query}", UriKind.Relative))).TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<CallEvent> Missed(Guid call, CallParty called)
    {
        yield return new CallStarted { CallId = call, Sequence = 1, At = Noon, Caller = Resident, Called = called, Dialled = "0199000100" };
        yield return new CallCleared { CallId = call, Sequence = 2, At = Noon.AddSeconds(20), Outcome = CallOutcome.Abandoned, Status = 487, Cause = "caller-hung-up", Seconds = 20, TalkSeconds = 0 };
    }

    private static void Tell(TestServer server, IEnumerable<CallEvent> events)
    {
        foreach (var happened in events) server.Service<ICallJournal>().Append(happened);
    }

    private static IEnumerable<CallEvent> Transferred(Guid call, Guid site, Guid? trunk = null)
    {
        var nadia = new CallParty(PartyKind.Internal, "101", "Nadia Belkacem") { Site = site, Device = "101" };
        var julien = new CallParty(PartyKind.Internal, "102", "Julien Caron") { Site = site, Device = "102" };
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var hall = new CallParty(PartyKind.Service, "+33199000100", "Accueil") { Site = site };
        yield return new CallStarted { CallId = call, Sequence = 1, At = Noon, Caller = Resident, Called = hall, Dialled = "0199000100" };
        yield return new CallDelivered { CallId = call, Sequence = 2, At = Noon.AddSeconds(2), Leg = first, To = nadia };
        yield return new CallDelivered { CallId = call, Sequence = 3, At = Noon.AddSeconds(2.1), Leg = second, To = julien };
        yield return new CallEstablished { CallId = call, Sequence = 4, At = Noon.AddSeconds(7), Leg = first, With = nadia };
        yield return new LegCleared { CallId = call, Sequence = 5, At = Noon.AddSeconds(7.1), Leg = second, Party = julien, Status = 487, Cause = "answered-elsewhere" };
        yield return new CallTransferred { CallId = call, Sequence = 6, At = Noon.AddSeconds(30), By = nadia, To = julien, Attended = true };
        yield return new LegCleared { CallId = call, Sequence = 7, At = Noon.AddSeconds(31), Leg = first, Party = nadia, Status = 200, Cause = "hung-up", Quality = new() { Codec = "PCMA", Mos = 4.31, PacketsReceived = 1200, PacketsSent = 1190, PacketsLost = 20, Jitter = 3.2, RoundTrip = 12.5 } };
        if (trunk is not null) yield return new LegCleared { CallId = call, Sequence = 8, At = Noon.AddSeconds(60), Leg = Guid.NewGuid(), Party = Resident with { Trunk = trunk }, Status = 200, Cause = "hung-up" };
        yield return new CallCleared { CallId = call, Sequence = trunk is null ? 8 : 9, At = Noon.AddSeconds(60), Outcome = CallOutcome.Answered, Status = 200, Cause = "caller-hung-up", Seconds = 60, TalkSeconds = 53 };
    }
}
