// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Platform.Journal;

/// <summary>Runs the projections after each commit, in a transaction of their own. An event that one of them cannot take is left out of it alone and counted; while the store is away they stay behind and read on from the journal later.</summary>
/// <remarks>Threading: the journal's writer.</remarks>
internal sealed partial class Projections(JournalStore store, IReadOnlyList<IProjection> projections, JournalState state, ILogger log)
{
    private const long BatchesAtOnce = 200;
    private bool _behind;
    private bool _held;

    /// <summary>Nothing is derived until <see cref="CatchUp"/>: what is committed meanwhile is read from the journal then.</summary>
    internal void Hold() => _held = true;

    /// <summary>Reads on from the saved marks to the end of the former runs, says so to each, and reads on to the last batch. A fault of a projection is shown and never stops the start.</summary>
    internal void CatchUp(long formerRuns, long lastBatch)
    {
        var stands = false;
        foreach (var projection in projections)
        {
            try
            {
                ReadOn(projection, formerRuns);
                store.Transact(rows =>
                {
                    foreach (var piece in projection.CaughtUp())
                        if (rows.Attempt(() => piece(rows)) is { } refused) Skip(projection, refused, "what a former run left unfinished");
                    SaveMark(projection, formerRuns, rows);
                });
                if (lastBatch > formerRuns) ReadOn(projection, lastBatch);
            }
            catch (Exception broken) when (!StoreFaults.IsAway(broken))
            {
                stands = true;
                Stand(projection, broken);
            }
        }

        (_behind, _held) = (stands, false);
        if (!stands) state.ProjectionsRun();
    }

    /// <summary>Takes a batch that was just committed. A failure leaves the projections behind; the events are safe in the journal.</summary>
    internal void Apply(JournalBatch batch)
    {
        if (_held) return;
        var stands = false;
        foreach (var projection in projections)
        {
            try
            {
                if (_behind || !TryApply(projection, batch)) ReadOn(projection, batch.Number);
            }
            catch (Exception broken)
            {
                stands = true;
                if (StoreFaults.IsAway(broken)) projection.Reset();
                else Stand(projection, broken);
            }
        }

        _behind = stands;
        if (!stands) state.ProjectionsRun();
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

    /// <summary>False when it refuses something of the batch: it must then be read on with care.</summary>
    private bool TryApply(IProjection projection, JournalBatch batch)
    {
        try
        {
            Apply(projection, batch.Number, batch.Records.Where(r => !r.StateOnly), withCare: false);
            return true;
        }
        catch (Exception refused) when (!StoreFaults.IsAway(refused))
        {
            return false;
        }
    }

    /// <summary>Reads on from the saved mark; a second time with care when something on the way is refused.</summary>
    private void ReadOn(IProjection projection, long lastBatch)
    {
        try
        {
            ReadOn(projection, lastBatch, withCare: false);
        }
        catch (Exception refused) when (!StoreFaults.IsAway(refused))
        {
            ReadOn(projection, lastBatch, withCare: true);
        }
    }

    private void ReadOn(IProjection projection, long lastBatch, bool withCare)
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
            foreach (var batch in store.ReadAfter(mark, through).GroupBy(r => r.Batch)) Apply(projection, batch.Key, batch.Select(r => r.Record), withCare);
        }
    }

    private void Apply(IProjection projection, long batch, IEnumerable<JournalRecord> records, bool withCare) => store.Transact(rows =>
    {
        foreach (var record in records)
        {
            if (!withCare) projection.Apply(record, batch, rows);
            else if (rows.Attempt(() => projection.Apply(record, batch, rows)) is { } refused) Skip(projection, refused, record.ToString());
        }

        SaveMark(projection, batch, rows);
    });

    private void Skip(IProjection projection, Exception refused, string what)
    {
        state.CountSkipped();
        Skipped(log, refused, projection.Name, what);
    }

    private void Stand(IProjection projection, Exception broken)
    {
        projection.Reset();
        state.ProjectionStands(projection.Name);
        Failed(log, broken, projection.Name);
    }

    private static void SaveMark(IProjection projection, long batch, StoreBatch rows) => Mark(projection.Name, projection.Mark(batch), rows);

    private static void Mark(string name, long batch, StoreBatch rows) => rows.Execute(
        "INSERT INTO journal_marks (projection, position) VALUES (@p0, @p1) ON CONFLICT (projection) DO UPDATE SET position = excluded.position", name, batch);

    [LoggerMessage(3210, LogLevel.Error, "The projection {Projection} of the journal failed; it reads on from the journal with the next events.")]
    private static partial void Failed(ILogger log, Exception failed, string projection);

    [LoggerMessage(3211, LogLevel.Error, "The projection {Projection} cannot take {Event}: it is left out of it; the journal has it.")]
    private static partial void Skipped(ILogger log, Exception why, string projection, string @event);
}
