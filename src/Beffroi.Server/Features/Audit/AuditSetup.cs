// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using System.Text.Json.Serialization;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Features.Audit;

/// <summary>One management action.</summary>
/// <param name="Before">The thing's view before; left out when it is new.</param>
/// <param name="After">Its view after; left out when it was removed.</param>
public sealed record AuditView(Guid Id, DateTimeOffset At, Guid AccountId, string Account, string Source, string Action, Guid SubjectId, string Subject, JsonElement? Before, JsonElement? After);

/// <summary>One page, newest first.</summary>
/// <param name="Next">Give it as <c>after</c> for the next page; null on the last.</param>
public sealed record AuditPage(IReadOnlyList<AuditView> Entries, string? Next);

/// <summary>Who changed what, when, from where. Written by <see cref="Change.Audit"/>; nothing here changes it.</summary>
public static class AuditSetup
{
    public static void AddAudit(this WebApplicationBuilder builder) => builder.Services.AddJson(AuditJson.Default);

    public static void MapAudit(this WebApplication app) => app.MapApi("audit", "Audit").MapGet("", Search).Needs(Access.Audit);

    /// <summary>Searches management actions, newest first.</summary>
    /// <param name="from">At this time or later.</param>
    /// <param name="to">Before this time.</param>
    /// <param name="account">By this account.</param>
    /// <param name="subject">On this thing.</param>
    /// <param name="action">Beginning so: directory, trunks.changed.</param>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="take">How many to give, 1 to 1000.</param>
    internal static async Task<Results<Ok<AuditPage>, ProblemHttpResult>> Search(
        Store store, CancellationToken stop, DateTimeOffset? from = null, DateTimeOffset? to = null, Guid? account = null, Guid? subject = null, string? action = null, string? after = null, int take = 100)
    {
        if (!PageCursor.TryRead(after, out var cursor, out var wrong)) return wrong.ToProblem();
        take = Math.Clamp(take, 1, 1000);
        await using var db = await store.ReadAsync(stop);
        IQueryable<AuditEntry> entries = db.Set<AuditEntry>();
        if (from is { } since) entries = entries.Where(e => e.At >= since);
        if (to is { } until) entries = entries.Where(e => e.At < until);
        if (account is { } who) entries = entries.Where(e => e.AccountId == who);
        if (subject is { } what) entries = entries.Where(e => e.SubjectId == what);
        if (action is { Length: > 0 } named) entries = entries.Where(e => e.Action.StartsWith(named));
        if (cursor is var (at, id)) entries = entries.Where(e => e.At < at || (e.At == at && e.Id.CompareTo(id) < 0));
        var found = await entries.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(take + 1).ToListAsync(stop);
        var more = found.Count > take;
        if (more) found.RemoveAt(take);
        return TypedResults.Ok(new AuditPage([.. found.Select(View)], more ? new PageCursor(found[^1].At, found[^1].Id).ToString() : null));
    }

    private static AuditView View(AuditEntry e) => new(e.Id, e.At, e.AccountId, e.AccountName, e.Source, e.Action, e.SubjectId, e.SubjectName, Json(e.Before), Json(e.After));

    private static JsonElement? Json(string? text) => text is null ? null : JsonDocument.Parse(text).RootElement;
}

[JsonSerializable(typeof(AuditPage))]
internal sealed partial class AuditJson : JsonSerializerContext;
