// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using System.Text.Json.Serialization;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Features.HuntGroups;

/// <summary>When a member of a group was last rung alone, and last answered one of its calls: what circular and least recent order go by, also after a restart.</summary>
public sealed record HuntTurn
{
    public required Guid GroupId { get; init; }

    public required Guid ExtensionId { get; init; }

    public DateTimeOffset? RungAt { get; init; }

    public DateTimeOffset? AnsweredAt { get; init; }
}

internal sealed class HuntTurnSchema : ISchemaPart
{
    public IEnumerable<SchemaStep> Steps => [new("0150-hunt-turns", First)];

    public void Configure(ModelBuilder model) => model.Entity<HuntTurn>().ToTable("hunt_turns").HasKey(t => new { t.GroupId, t.ExtensionId });

    private static void First(MigrationBuilder schema) => schema.CreateTable("hunt_turns", table => new
    {
        group_id = table.Column<Guid>(nullable: false),
        extension_id = table.Column<Guid>(nullable: false),
        rung_at = table.Column<DateTime>(nullable: true),
        answered_at = table.Column<DateTime>(nullable: true),
    }, constraints: table => table.PrimaryKey("pk_hunt_turns", t => new { t.group_id, t.extension_id }));
}

/// <summary>Writes turns down behind the calls: a turn is state, not an event of its own.</summary>
internal sealed class HuntTurnWriter : IStateWriter
{
    internal const string Kind = "hunt-groups.turn";

    private const string Upsert = """
        INSERT INTO hunt_turns (group_id, extension_id, rung_at, answered_at) VALUES (@p0, @p1, @p2, @p3)
        ON CONFLICT (group_id, extension_id) DO UPDATE SET rung_at = COALESCE(excluded.rung_at, hunt_turns.rung_at), answered_at = COALESCE(excluded.answered_at, hunt_turns.answered_at)
        """;

    public IReadOnlyCollection<string> Kinds { get; } = [Kind];

    public void Write(JournalRecord happened, StoreBatch batch)
    {
        var turn = JsonSerializer.Deserialize(happened.Data, HuntTurnJson.Default.HuntTurn)!;
        batch.Execute(Upsert, turn.GroupId, turn.ExtensionId, turn.RungAt?.UtcDateTime, turn.AnsweredAt?.UtcDateTime);
    }
}

[JsonSerializable(typeof(HuntTurn))]
internal sealed partial class HuntTurnJson : JsonSerializerContext;
