// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using System.Text.Json.Serialization;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Beffroi.Server.Platform.Journal;

/// <summary>Notes management actions that change nothing in the store: on a live call, on the wire. Those that do are audited by <see cref="Change.Audit"/>.</summary>
/// <remarks>Threading: any thread; never waits. While the store is away the row waits on disk with the journal: a call is managed all the same.</remarks>
public sealed class AuditTrail(IJournal journal, IOptions<JsonOptions> json, TimeProvider time)
{
    /// <summary>Notes what was done; call it once it was.</summary>
    /// <param name="action">Stable, <c>feature.what</c>: <c>call.hung-up</c>.</param>
    /// <param name="subject">On what: the call, the trunk.</param>
    /// <param name="name">How people call it.</param>
    /// <param name="after">What was asked. Must not hold secrets: auditors read it.</param>
    public void Note(Caller caller, string action, Guid subject, string name, object? after)
    {
        var now = time.GetUtcNow();
        var entry = new AuditEntry
        {
            Id = Guid.CreateVersion7(now),
            At = now,
            AccountId = caller.AccountId,
            AccountName = caller.Name,
            Source = caller.Source,
            Action = action,
            SubjectId = subject,
            SubjectName = name.Length > 200 ? name[..200] : name,
            After = after is null ? null : JsonSerializer.Serialize(after, json.Value.SerializerOptions.GetTypeInfo(after.GetType())),
        };
        journal.Keep(AuditTrailWriter.Kind, subject, entry, AuditTrailJson.Default.AuditEntry);
    }
}

/// <summary>Writes the row, now or later from the spool.</summary>
internal sealed class AuditTrailWriter : IStateWriter
{
    internal const string Kind = "audit.noted";

    private const string Insert = """
        INSERT INTO audit (id, at, account_id, account_name, source, action, subject_id, subject_name, "after") VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8)
        ON CONFLICT (id) DO NOTHING
        """;

    public IReadOnlyCollection<string> Kinds { get; } = [Kind];

    public void Write(JournalRecord happened, StoreBatch batch)
    {
        var e = JsonSerializer.Deserialize(happened.Data, AuditTrailJson.Default.AuditEntry)!;
        batch.Execute(Insert, e.Id, e.At.UtcDateTime, e.AccountId, e.AccountName, e.Source, e.Action, e.SubjectId, e.SubjectName, e.After);
    }
}

[JsonSerializable(typeof(AuditEntry))]
internal sealed partial class AuditTrailJson : JsonSerializerContext;
