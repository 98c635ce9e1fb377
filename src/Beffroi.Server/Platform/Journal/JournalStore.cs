// SPDX-License-Identifier: EUPL-1.2
using System.Data.Common;
using System.Text;
using Beffroi.Server.Platform.Configuration;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Beffroi.Server.Platform.Journal;

/// <summary>The journal's own connection: commits batches exactly once, and reads them back.</summary>
/// <remarks>Threading: the writer's thread alone. Every method may throw what the store throws; the connection is made anew after that.</remarks>
internal sealed class JournalStore(ServerSettings settings, IEnumerable<IStateWriter> writers, int node = 1) : IDisposable
{
    private const int RowsAtOnce = 25;
    private static readonly string InsertMany = Insert(RowsAtOnce);
    private static readonly string InsertOne = Insert(1);
    private readonly Dictionary<string, IStateWriter> _writers = writers.SelectMany(w => w.Kinds.Select(k => (k, w))).ToDictionary(p => p.k, p => p.w, StringComparer.Ordinal);
    private readonly object?[] _values = new object?[2 + (5 * RowsAtOnce)];
    private StoreBatch? _batch;

    /// <summary>The number of the last batch that this node committed; makes the node's row when it is not there.</summary>
    internal long LastBatch()
    {
        var batch = Open();
        batch.Execute("INSERT INTO journal_writers (node, last_batch) VALUES (@p0, 0) ON CONFLICT (node) DO NOTHING", node);
        using var reader = batch.Query("SELECT last_batch FROM journal_writers WHERE node = @p0", node);
        return reader.Read() ? reader.GetInt64(0) : 0;
    }

    /// <summary>Commits a batch with its state rows. A batch that was committed before is left out.</summary>
    /// <param name="reject">When given, a record that the store refuses is handed to it and left out; else it fails the batch.</param>
    internal void Commit(JournalBatch records, Action<JournalRecord, Exception>? reject = null)
    {
        var batch = Open();
        batch.Begin();
        try
        {
            if (batch.Execute("UPDATE journal_writers SET last_batch = @p0 WHERE node = @p1 AND last_batch < @p0", records.Number, node) == 0)
            {
                batch.Rollback();
                return;
            }

            if (reject is null) Write(batch, records);
            else WriteOneByOne(batch, records, reject);
            batch.Commit();
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>Whether the record changes rows of state.</summary>
    internal bool ChangesState(JournalRecord record) => _writers.ContainsKey(record.Kind);

    /// <summary>The next batch after <paramref name="batch"/>; null when there is none.</summary>
    internal long? NextAfter(long batch)
    {
        using var reader = Open().Query("SELECT MIN(batch) FROM journal WHERE node = @p0 AND batch > @p1", node, batch);
        return reader.Read() && !reader.IsDBNull(0) ? reader.GetInt64(0) : null;
    }

    /// <summary>Runs work in a transaction of its own.</summary>
    internal void Transact(Action<StoreBatch> work)
    {
        var batch = Open();
        batch.Begin();
        try
        {
            work(batch);
            batch.Commit();
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>The committed records after <paramref name="batch"/>up to and with <paramref name="through"/>, in order.</summary>
    internal List<(long Batch, JournalRecord Record)> ReadAfter(long batch, long through)
    {
        var found = new List<(long, JournalRecord)>();
        using var reader = Open().Query("SELECT batch, kind, subject, sequence, at, data FROM journal WHERE node = @p0 AND batch > @p1 AND batch <= @p2 ORDER BY position", node, batch, through);
        while (reader.Read())
            found.Add((reader.GetInt64(0), new(reader.GetString(1), reader.GetGuid(2), reader.GetInt32(3), new DateTimeOffset(DateTime.SpecifyKind(reader.GetDateTime(4), DateTimeKind.Utc)), reader.GetString(5))));
        return found;
    }

    public void Dispose() => Close();

    internal void Close()
    {
        _batch?.Dispose();
        _batch = null;
    }

    /// <summary>Drops every pooled connection of the process: those opened before the store was lost are dead, and each would fail one request.</summary>
    internal void CameBack()
    {
        if (settings.StorageProvider == "postgres") NpgsqlConnection.ClearAllPools();
    }

    private void Write(StoreBatch batch, JournalBatch records)
    {
        var rows = new List<JournalRecord>(records.Records.Count);
        foreach (var record in records.Records)
            if (!record.StateOnly) rows.Add(record);
        var i = 0;
        for (; rows.Count - i >= RowsAtOnce; i += RowsAtOnce) batch.Execute(InsertMany, Values(records.Number, rows, i, RowsAtOnce));
        for (; i < rows.Count; i++) batch.Execute(InsertOne, Values(records.Number, rows, i, 1));
        foreach (var record in records.Records)
            if (_writers.TryGetValue(record.Kind, out var writer)) writer.Write(record, batch);
    }

    private void WriteOneByOne(StoreBatch batch, JournalBatch records, Action<JournalRecord, Exception> reject)
    {
        foreach (var record in records.Records)
            if (batch.Attempt(() => Write(batch, new(records.Number, [record]))) is { } refused) reject(record, refused);
    }

    private ReadOnlySpan<object?> Values(long number, List<JournalRecord> rows, int from, int count)
    {
        _values[0] = node;
        _values[1] = number;
        for (var i = 0; i < count; i++)
        {
            var row = rows[from + i];
            _values[2 + (5 * i)] = row.Kind;
            _values[3 + (5 * i)] = row.Subject;
            _values[4 + (5 * i)] = row.Sequence;
            _values[5 + (5 * i)] = row.At.UtcDateTime;
            _values[6 + (5 * i)] = row.Data;
        }

        return _values.AsSpan(0, 2 + (5 * count));
    }

    private static string Insert(int rows)
    {
        var sql = new StringBuilder("INSERT INTO journal (node, batch, kind, subject, sequence, at, data) VALUES ");
        for (var i = 0; i < rows; i++)
            sql.Append(System.Globalization.CultureInfo.InvariantCulture, $"{(i > 0 ? ", " : "")}(@p0, @p1, @p{2 + (5 * i)}, @p{3 + (5 * i)}, @p{4 + (5 * i)}, @p{5 + (5 * i)}, @p{6 + (5 * i)})");
        return sql.ToString();
    }

    private StoreBatch Open()
    {
        if (_batch is not null) return _batch;
        var sqlite = settings.StorageProvider == "sqlite";
        DbConnection connection = sqlite
            ? new SqliteConnection(new SqliteConnectionStringBuilder(settings.StorageConnection) { DefaultTimeout = 2, Pooling = false }.ToString())
            : new NpgsqlConnection(new NpgsqlConnectionStringBuilder(settings.StorageConnection) { Timeout = 3, CommandTimeout = 5, Pooling = false, MaxAutoPrepare = 50, AutoPrepareMinUsages = 2 }.ToString());
        try
        {
            connection.Open();
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        return _batch = new(connection);
    }
}
