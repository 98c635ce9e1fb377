// SPDX-License-Identifier: EUPL-1.2
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Beffroi.Server.Platform.Journal;

/// <summary>One open transaction of the journal's writer: plain SQL that both stores know, prepared once per text.</summary>
/// <remarks>Parameters are <c>@p0</c>, <c>@p1</c>... Values: string, Guid, int, long, double, bool, DateTime (UTC), byte[], null. Threading: the writer's.</remarks>
public sealed class StoreBatch(DbConnection connection) : IDisposable
{
    private readonly SqliteStatements? _sqlite = connection is SqliteConnection { Handle: { } handle } ? new(handle) : null;
    private readonly Dictionary<string, DbCommand> _prepared = new(StringComparer.Ordinal);
    private DbTransaction? _transaction;

    /// <summary>True on SQLite, for the rare text that must differ.</summary>
    public bool IsSqlite => _sqlite is not null;

    /// <summary>Runs a statement.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => _sqlite?.Execute(sql, values) ?? Command(sql, values).ExecuteNonQuery();

    /// <summary>Runs a query; the caller disposes the reader before the next statement.</summary>
    public DbDataReader Query(string sql, params ReadOnlySpan<object?> values) => Command(sql, values).ExecuteReader();

    /// <summary>Does a part of the transaction; what it wrote is taken back, and the rest of the transaction goes on, when the store refuses it for what it is.</summary>
    /// <returns>Why the store refuses it; null: it is written. A store that is away is thrown.</returns>
    internal Exception? Attempt(Action work)
    {
        Execute("SAVEPOINT one");
        try
        {
            work();
            Execute("RELEASE SAVEPOINT one");
            return null;
        }
        catch (Exception refused) when (!Storage.StoreFaults.IsAway(refused))
        {
            Execute("ROLLBACK TO SAVEPOINT one");
            return refused;
        }
    }

    internal void Begin() => _transaction = connection.BeginTransaction();

    internal void Commit()
    {
        _transaction!.Commit();
        _transaction.Dispose();
        _transaction = null;
    }

    internal void Rollback()
    {
        try
        {
            _transaction?.Rollback();
        }
        catch (Exception gone) when (gone is DbException or InvalidOperationException or IOException)
        {
            // The connection is gone, and the transaction with it.
        }

        _transaction?.Dispose();
        _transaction = null;
    }

    public void Dispose()
    {
        Rollback();
        _sqlite?.Dispose();
        foreach (var command in _prepared.Values) command.Dispose();
        connection.Dispose();
    }

    private DbCommand Command(string sql, ReadOnlySpan<object?> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts are constants of this program; what varies are parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 0; i < values.Length; i++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = "@p" + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
                command.Parameters.Add(parameter);
            }

            _prepared[sql] = command;
        }

        command.Transaction = _transaction;
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }
}
