// SPDX-License-Identifier: EUPL-1.2
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Platform.Storage;

/// <summary>Brings the store to the schema of this release: every registered step that the store has not seen, in the order of their ids.</summary>
/// <remarks>EF's own migrator finds migrations by scanning an assembly and scaffolds them with a tool; ours are few, written by hand
/// and named by the features. Its SQL generator is what makes them portable.</remarks>
public sealed class SchemaMigrator(IEnumerable<ISchemaPart> parts, TimeProvider time)
{
    /// <summary>Any number that nobody else uses: PostgreSQL's advisory lock while a node migrates.</summary>
    private const long AdvisoryLock = 0x4265_6666_726F_6901;

    /// <param name="which">Takes only these steps; null: all.</param>
    /// <returns>The ids of the steps that were taken now.</returns>
    /// <exception cref="InvalidOperationException">Two steps have one id, or the store is newer than this release.</exception>
    public async Task<IReadOnlyList<string>> MigrateAsync(BeffroiDbContext db, CancellationToken stop, Predicate<string>? which = null)
    {
        var steps = parts.SelectMany(p => p.Steps).OrderBy(s => s.Id, StringComparer.Ordinal).ToList();
        if (steps.GroupBy(s => s.Id).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new InvalidOperationException($"Two schema steps are named {twice.Key}.");
        await db.Database.OpenConnectionAsync(stop);
        var connection = db.Database.GetDbConnection();
        if (db.Database.IsSqlite()) await ExecuteAsync(connection, null, "PRAGMA journal_mode=WAL", stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        if (db.Database.IsNpgsql()) await ExecuteAsync(connection, transaction, $"SELECT pg_advisory_xact_lock({AdvisoryLock})", stop);
        await ExecuteAsync(connection, transaction, "CREATE TABLE IF NOT EXISTS schema_steps (id varchar(100) PRIMARY KEY, taken_at varchar(40) NOT NULL)", stop);
        var seen = await SeenAsync(connection, transaction, stop);
        if (seen.Except(steps.Select(s => s.Id)).FirstOrDefault() is { } newer)
            throw new InvalidOperationException($"The store has the schema step {newer} of a later release: start that release, or restore a copy made before it.");
        var taken = new List<string>();
        foreach (var step in steps.Where(s => !seen.Contains(s.Id) && which?.Invoke(s.Id) != false))
        {
            await TakeAsync(db, connection, transaction, step, stop);
            taken.Add(step.Id);
        }

        await transaction.CommitAsync(stop);
        return taken;
    }

    private async Task TakeAsync(BeffroiDbContext db, DbConnection connection, DbTransaction transaction, SchemaStep step, CancellationToken stop)
    {
        var builder = new MigrationBuilder(db.Database.ProviderName);
        step.Up(builder);
        foreach (var command in db.GetService<IMigrationsSqlGenerator>().Generate(builder.Operations))
            await ExecuteAsync(connection, transaction, command.CommandText, stop);
        await ExecuteAsync(connection, transaction, $"INSERT INTO schema_steps (id, taken_at) VALUES ('{step.Id}', '{time.GetUtcNow():u}')", stop);
    }

    private static async Task<HashSet<string>> SeenAsync(DbConnection connection, DbTransaction transaction, CancellationToken stop)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT id FROM schema_steps";
        await using var reader = await command.ExecuteReaderAsync(stop);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(stop)) seen.Add(reader.GetString(0));
        return seen;
    }

    private static async Task ExecuteAsync(DbConnection connection, DbTransaction? transaction, string sql, CancellationToken stop)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The text comes from schema steps in this repository, never from a request.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(stop);
    }
}
