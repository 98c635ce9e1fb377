// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using System.Text.Json.Serialization;
using Beffroi.Calls;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.History.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Localisation;
using Beffroi.Server.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Features.History;

/// <summary>What to look for; everything left out does not narrow.</summary>
public sealed record HistoryQuery
{
    /// <summary>Started at this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Started before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The caller's, the called or the answering number begins with it.</summary>
    public string? Number { get; init; }

    /// <summary>How it ended.</summary>
    public CallOutcome? Outcome { get; init; }

    /// <summary>Which way.</summary>
    public CallDirection? Direction { get; init; }
}

/// <summary>One page, newest first.</summary>
/// <param name="Next">Give it as <c>after</c> for the next page; null on the last.</param>
public sealed record HistoryPage(IReadOnlyList<HistoryCall> Calls, string? Next);

/// <summary>One step of a call as the journal has it.</summary>
public sealed record HistoryStep(DateTimeOffset At, string Kind, JsonElement Data);

/// <summary>A call with its legs and every step.</summary>
public sealed record HistoryDetail(HistoryCall Call, IReadOnlyList<HistoryLeg> Legs, IReadOnlyList<HistoryStep> Steps);

/// <summary>The history of calls.</summary>
internal static class HistoryApi
{
    internal static void Map(WebApplication app)
    {
        var history = app.MapApi("history", "History");
        history.MapGet("", Search).Needs(Access.SignedIn);
        history.MapGet("export.csv", Export).Needs(Access.Read);
        history.MapGet("{id:guid}", Get).Needs(Access.SignedIn);
        history.MapPost("rebuild", Rebuild).Needs(Access.AdministerAll);
    }

    /// <summary>Searches the calls within the scope, newest first. A person sees their own.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="take">How many to give, 1 to 1000.</param>
    internal static async Task<Results<Ok<HistoryPage>, ProblemHttpResult>> Search(
        [AsParameters] HistoryQuery query, Caller caller, IDirectory directory, Store store, CancellationToken stop, string? after = null, int take = 100)
    {
        if (!PageCursor.TryRead(after, out var cursor, out var wrong)) return wrong.ToProblem();
        take = Math.Clamp(take, 1, 1000);
        await using var db = await store.ReadAsync(stop);
        var calls = await After(Find(db, query, caller, directory.Current), cursor).Take(take + 1).ToListAsync(stop);
        var more = calls.Count > take;
        if (more) calls.RemoveAt(take);
        return TypedResults.Ok(new HistoryPage(calls, more ? new PageCursor(calls[^1].StartedAt, calls[^1].Id).ToString() : null));
    }

    /// <summary>Shows one call leg by leg and step by step.</summary>
    internal static async Task<Results<Ok<HistoryDetail>, ProblemHttpResult>> Get(Guid id, Caller caller, IDirectory directory, Store store, CancellationToken stop)
    {
        await using var db = await store.ReadAsync(stop);
        if (await Find(db, new(), caller, directory.Current).FirstOrDefaultAsync(c => c.Id == id, stop) is not { } call)
            return Problems.NotFound("history.no-such-call", "call").ToProblem();
        var legs = await db.Set<HistoryLeg>().Where(l => l.CallId == id).ToListAsync(stop);
        var steps = new List<HistoryStep>();
        await using (var command = db.Database.GetDbConnection().CreateCommand())
        {
            await db.Database.OpenConnectionAsync(stop);
            command.CommandText = "SELECT at, kind, data FROM journal WHERE subject = @id ORDER BY sequence";
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ("@id", id);
            command.Parameters.Add(parameter);
            await using var reader = await command.ExecuteReaderAsync(stop);
            while (await reader.ReadAsync(stop))
                steps.Add(new(DateTime.SpecifyKind(reader.GetDateTime(0), DateTimeKind.Utc), reader.GetString(1), JsonDocument.Parse(reader.GetString(2)).RootElement));
        }

        return TypedResults.Ok(new HistoryDetail(call, [.. legs.OrderBy(l => l.RangAt ?? l.AnsweredAt ?? l.EndedAt)], steps));
    }

    /// <summary>Gives the calls as CSV for a spreadsheet: semicolons, UTF-8 with byte order mark, local time, the words of the language asked; no cell is a formula.</summary>
    /// <param name="legs">A line per leg, with device or trunk, codec, loss, jitter, round trip and MOS.</param>
    internal static IResult Export([AsParameters] HistoryQuery query, Caller caller, IDirectory directory, HistoryExport export, AuditTrail audit, HttpRequest request, bool legs = false)
    {
        audit.Note(caller, "history.exported", Guid.Empty, "history", query);
        var (words, now, stop) = (HistoryWords.In(Languages.Of(request)), directory.Current, request.HttpContext.RequestAborted);
        return TypedResults.Stream(body => export.WriteAsync(body, db => Find(db, query, caller, now), legs, words, stop), "text/csv; charset=utf-8", words.FileName);
    }

    /// <summary>Derives the history anew from the journal.</summary>
    internal static async Task<NoContent> Rebuild(Caller caller, JournalWriter journal, AuditTrail audit, CancellationToken stop)
    {
        await journal.RebuildAsync("history", stop);
        audit.Note(caller, "history.rebuilt", Guid.Empty, "history", null);
        return TypedResults.NoContent();
    }

    /// <summary>Newest first, those after the cursor.</summary>
    internal static IOrderedQueryable<HistoryCall> After(IQueryable<HistoryCall> calls, PageCursor? cursor)
    {
        if (cursor is var (at, id)) calls = calls.Where(c => c.StartedAt < at || (c.StartedAt == at && c.Id.CompareTo(id) < 0));
        return calls.OrderByDescending(c => c.StartedAt).ThenByDescending(c => c.Id);
    }

    private static IQueryable<HistoryCall> Find(BeffroiDbContext db, HistoryQuery query, Caller caller, DirectorySnapshot directory)
    {
        IQueryable<HistoryCall> calls = db.Set<HistoryCall>();
        if (query.From is { } from) calls = calls.Where(c => c.StartedAt >= from);
        if (query.To is { } to) calls = calls.Where(c => c.StartedAt < to);
        if (query.Outcome is { } outcome) calls = calls.Where(c => c.Outcome == outcome);
        if (query.Direction is { } direction) calls = calls.Where(c => c.Direction == direction);
        if (query.Number is { Length: > 0 } number) calls = calls.Where(c => c.CallerNumber.StartsWith(number) || c.CalledNumber.StartsWith(number) || c.AnsweredByNumber.StartsWith(number));
        if (caller.Role == Role.Person)
        {
            var self = caller.Person ?? Guid.Empty;
            return calls.Where(c => c.CallerPerson == self || c.CalledPerson == self || c.AnsweredByPerson == self);
        }

        switch (caller.Scope.Kind)
        {
            case ScopeKind.Everything:
                return calls;
            case ScopeKind.Unit:
                var persons = directory.Persons.Values.Where(p => directory.Covers(caller.Scope, p)).Select(p => (Guid?)p.Id).ToList();
                return calls.Where(c => persons.Contains(c.CallerPerson) || persons.Contains(c.CalledPerson) || persons.Contains(c.AnsweredByPerson));
            default:
                var sites = directory.Sites.Values.Where(s => directory.Covers(caller.Scope, s)).Select(s => (Guid?)s.Id).ToList();
                Guid? organisation = caller.Scope.Kind == ScopeKind.Organisation ? caller.Scope.Id : null;
                return calls.Where(c => sites.Contains(c.CallerSite) || sites.Contains(c.CalledSite) || sites.Contains(c.AnsweredBySite) || (organisation != null && c.CalledOrganisation == organisation));
        }
    }
}

/// <summary>Plugs in the history.</summary>
public static class HistorySetup
{
    public static void AddHistory(this WebApplicationBuilder builder)
    {
        builder.Services.AddSchema<HistorySchema>();
        builder.Services.AddProjection<HistoryProjection>();
        builder.Services.AddSingleton<HistoryExport>();
        builder.Services.AddJson(HistoryJson.Default);
    }

    public static void MapHistory(this WebApplication app) => HistoryApi.Map(app);
}

[JsonSerializable(typeof(HistoryPage))]
[JsonSerializable(typeof(HistoryDetail))]
internal sealed partial class HistoryJson : JsonSerializerContext;
