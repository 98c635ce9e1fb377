// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Platform.Journal;

/// <summary>Runs the projections after each commit, in a transaction of their own; when one fails they read on from the journal later.</summary>
/// <remarks>Threading: the journal's writer.</remarks>
internal sealed partial class Projections(JournalStore store, IReadOnlyList<IProjection> projections, ILogger log)
{
    private const long BatchesAtOnce = 200;
    private bool _behind;
    private bool _held;

    /// <summary>Nothing is derived until <see cref="CatchUp"/>: what is committed meanwhile is read from the journal then.</summary>
    internal void Hold() => _held = true;

    /// <summary>Reads on from the saved marks to the end of the former runs, says so to each, and reads on to the last batch.</summary>
    internal void CatchUp(long formerRuns, long lastBatch)
    {
        foreach (var projection in projections)
        {
            ReadOn(projection, formerRuns);
            store.Transact(rows =>
            {
                projection.CaughtUp(rows);
                SaveMark(projection, formerRuns, rows);
            });
            if (lastBatch > formerRuns) ReadOn(projection, lastBatch);
        }

        _behind = _held = false;
    }

    /// <summary>Takes a batch that was just committed. A failure leaves the projections behind; the events are safe in the journal.</summary>
    internal void Apply(JournalBatch batch)
    {
        if (_held) return;
        try
        {
            if (_behind)
                foreach (var projection in projections) ReadOn(projection, batch.Number);
            else
                foreach (var projection in projections) Apply(projection, batch.Number, batch.Records.Where(r => !r.StateOnly));
            _behind = false;
        }
        catch (Exception failed)
        {
            _behind = true;
            foreach (var projection in projections) projection.Reset();
            if (!StoreFaults.IsAway(failed)) Failed(log, failed);
        }
    }

    /// <summary>Derives everything anew. Rows of calls that the journal still knows are written over.</summary>
    internal void Rebuild(string name, long lastBatch)
    {
        foreach (var projection in projections.Where(p => p.Name == name))
        {
            projection.Reset();
            store.Transact(rows => Mark(name, 0, rows));
            ReadOn(projection, lastBatch);
        }
    }

    private void ReadOn(IProjection projection, long lastBatch)
    {
        projection.Reset();
        long mark = 0;
        store.Transact(rows =>
        {
            using var reader = rows.Query("SELECT position FROM journal_marks WHERE projection = @p0", projection.Name);
            mark = reader.Read() ? reader.GetInt64(0) : 0;
        });
        // Numbers may leap: after a start without the store they go on from the clock.
        for (; store.NextAfter(mark) is { } next && next <= lastBatch; mark = Math.Min(mark + BatchesAtOnce, lastBatch))
        {
            mark = next - 1;
            var through = Math.Min(mark + BatchesAtOnce, lastBatch);
            foreach (var batch in store.ReadAfter(mark, through).GroupBy(r => r.Batch)) Apply(projection, batch.Key, batch.Select(r => r.Record));
        }
    }

    private void Apply(IProjection projection, long batch, IEnumerable<JournalRecord> records) => store.Transact(rows =>
    {
        foreach (var record in records) projection.Apply(record, batch, rows);
        SaveMark(projection, batch, rows);
    });

    private static void SaveMark(IProjection projection, long batch, StoreBatch rows) => Mark(projection.Name, projection.Mark(batch), rows);

    private static void Mark(string name, long batch, StoreBatch rows) => rows.Execute(
        "INSERT INTO journal_marks (projection, position) VALUES (@p0, @p1) ON CONFLICT (projection) DO UPDATE SET position = excluded.position", name, batch);

    [LoggerMessage(3210, LogLevel.Error, "A projection of the journal failed; it reads on from the journal with the next events.")]
    private static partial void Failed(ILogger log, Exception failed);
}
