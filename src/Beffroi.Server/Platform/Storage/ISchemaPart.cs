// SPDX-License-Identifier: EUPL-1.2
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Migrations.Operations.Builders;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

namespace Beffroi.Server.Platform.Storage;

/// <summary>A feature's tables: how entities map to them, and the steps that made them.</summary>
public interface ISchemaPart
{
    /// <summary>Maps the feature's entities: table names, keys, lengths. Columns are snake case by themselves.</summary>
    void Configure(ModelBuilder model);

    /// <summary>Every step since the first release, in order. A step that was released is never changed again: add another.</summary>
    IEnumerable<SchemaStep> Steps { get; }
}

/// <summary>One change of the schema, the same on SQLite and PostgreSQL.</summary>
/// <param name="Id">Unique and sorted by ordinal comparison over all features: <c>0001-directory</c>.</param>
/// <param name="Up">What to do. Leave column types to the CLR type (<c>table.Column&lt;Guid&gt;()</c>), times are <see cref="DateTime"/>.</param>
public sealed record SchemaStep(string Id, Action<MigrationBuilder> Up);

/// <summary>Words for schema steps.</summary>
public static class SchemaWords
{
    /// <summary>A number given by the store, ascending.</summary>
    public static OperationBuilder<AddColumnOperation> Numbered(this OperationBuilder<AddColumnOperation> column) => column
        .Annotation("Sqlite:Autoincrement", true)
        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn);
}
