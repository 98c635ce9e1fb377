// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using Beffroi.Calls;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Platform.Journal;

/// <summary>The one writer of the journal: takes events from anywhere, commits them in batches, and keeps them on disk while the store is away.</summary>
/// <remarks>A batch is at most <see cref="BatchEvents"/> events or <see cref="Linger"/> old. Once something is in the spool, everything goes through the spool until it is empty:
/// the order is kept. Threading: <c>Append</c> any thread; the rest belongs to the loop.</remarks>
public sealed partial class JournalWriter : BackgroundService, ICallJournal, IJournal
{
    public const int BatchEvents = 500;
    private const int MostWaiting = 500_000;
    private readonly Channel<JournalItem> _waiting = Channel.CreateUnbounded<JournalItem>(new() { SingleReader = true });
    private readonly Queue<JournalBatch> _backlog = [];
    private readonly JournalStore _store;
    private readonly Spool _spool;
    private readonly Projections _projections;
    private readonly TimeProvider _time;
    private readonly ILogger<JournalWriter> _log;
    private readonly int _mostInMemory;
    private readonly StoreState _state;
    private TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _retry;
    private volatile bool _waitsToRetry;
    private long _lastBatch;
    private long _formerRuns;
    private long _leap;
    private int _waitingCount;
    private bool _held = true;
    private bool _asked;
    private volatile bool _runs;

    public JournalWriter(ServerSettings server, JournalSettings settings, IEnumerable<IStateWriter> writers, IEnumerable<IProjection> projections, StoreState state, TimeProvider time, ILogger<JournalWriter> log)
    {
        (_time, _log, _mostInMemory, _state) = (time, log, settings.MostInMemory, state);
        _store = new(server, writers);
        _spool = new(Path.Combine(server.DataFolder, "spool"), settings.SpoolBytes);
        _projections = new(_store, [.. projections], State, log);
    }

    public static TimeSpan Linger => TimeSpan.FromMilliseconds(200);

    /// <summary>How it fares now.</summary>
    public JournalState State { get; } = new();

    void ICallJournal.Append(CallEvent happened) => Take(new CallItem(happened));

    public void Append<T>(string kind, Guid subject, T data, JsonTypeInfo<T> json) => Take(new DataItem<T>(kind, subject, data, json, _time.GetUtcNow(), StateOnly: false));

    public void Keep<T>(string kind, Guid subject, T data, JsonTypeInfo<T> json) => Take(new DataItem<T>(kind, subject, data, json, _time.GetUtcNow(), StateOnly: true));

    public Task FlushAsync(CancellationToken stop = default)
    {
        var flush = new FlushItem();
        if (!_waiting.Writer.TryWrite(flush)) return Task.CompletedTask;
        _hurry.TrySetResult();
        return flush.Written.Task.WaitAsync(stop);
    }

    /// <summary>Takes the store up, at start or when it is back: reads how far it has come, writes what was kept on disk, and lets projections catch up.</summary>
    public async Task TakeUpAsync(CancellationToken stop)
    {
        if (!_runs)
        {
            TakeUp();
            return;
        }

        var item = new TakeUpItem();
        if (_waiting.Writer.TryWrite(item)) _hurry.TrySetResult();
        await item.Written.Task.WaitAsync(stop);
        item.ThrowIfFailed();
    }

    /// <summary>Starts without the store: everything goes to the spool until <see cref="TakeUpAsync"/> succeeds. Before the loop runs.</summary>
    /// <remarks>How far the store has come is not known, and a batch whose number the store has passed would be left out as written already. So the numbers go on from the clock's
    /// milliseconds: at a few batches a second they stay ahead of every number given before.</remarks>
    public void LiveWithout(string because)
    {
        (_held, _asked) = (true, false);
        _lastBatch = _formerRuns = Math.Max(_spool.LastBatch, _time.GetUtcNow().ToUnixTimeMilliseconds());
        if (State.WentAway(_time.GetUtcNow(), because)) Away(_log, because);
    }

    /// <summary>Derives everything anew from the journal; for after a change of what is derived.</summary>
    public async Task RebuildAsync(string projection, CancellationToken stop)
    {
        var rebuild = new RebuildItem(projection);
        if (_waiting.Writer.TryWrite(rebuild)) _hurry.TrySetResult();
        await rebuild.Written.Task.WaitAsync(stop);
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _runs = true;
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        _hurry.TrySetResult();
        if (ExecuteTask is { } loop) await loop.WaitAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _retry?.Dispose();
        _spool.Dispose();
        _store.Dispose();
        base.Dispose();
    }

    /// <summary>Ends when the writer is completed and everything waiting is written.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var items = new List<JournalItem>(BatchEvents);
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await LingerAsync();
            while (items.Count < BatchEvents && _waiting.Reader.TryRead(out var item)) items.Add(item);
            Interlocked.Add(ref _waitingCount, -items.Count);
            try
            {
                Write(items);
            }
            catch (Exception broken)
            {
                State.CountDropped(items.Count);
                Broke(_log, broken, items.Count);
            }

            foreach (var item in items) item.Done();
            items.Clear();
        }
    }

    /// <summary>Waits for more to come, unless enough waits already or somebody is in a hurry.</summary>
    private async Task LingerAsync()
    {
        if (Volatile.Read(ref _waitingCount) < BatchEvents)
        {
            using var enough = new CancellationTokenSource();
            await Task.WhenAny(_hurry.Task, Task.Delay(Linger, _time, enough.Token));
            await enough.CancelAsync();
        }

        if (_hurry.Task.IsCompleted && !_waiting.Reader.Completion.IsCompleted) _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void Take(JournalItem item)
    {
        if (Volatile.Read(ref _waitingCount) >= MostWaiting)
        {
            State.CountDropped(1);
            return;
        }

        if (_waiting.Writer.TryWrite(item) && Interlocked.Increment(ref _waitingCount) == BatchEvents) _hurry.TrySetResult();
    }

    private void Write(List<JournalItem> items)
    {
        var records = new List<JournalRecord>(items.Count);
        foreach (var item in items)
            if (RecordOf(item) is { } record) records.Add(record);
        if (records.Count > 0)
        {
            var batch = new JournalBatch(++_lastBatch, records);
            if (_held || State.IsAway || !_spool.IsEmpty || !TryCommit(batch)) KeepForLater(batch);
        }

        if (!_spool.IsEmpty || _backlog.Count > 0) Replay();
        foreach (var takeUp in items.OfType<TakeUpItem>()) takeUp.Try(TakeUp);
        foreach (var rebuild in items.OfType<RebuildItem>()) _projections.Rebuild(rebuild.Projection, _lastBatch);
    }

    /// <summary>An event that cannot be written as JSON (a number that is none, a kind nobody announced) is left out alone: those beside it are written.</summary>
    private JournalRecord? RecordOf(JournalItem item)
    {
        try
        {
            return item.ToRecord();
        }
        catch (Exception unwritable) when (unwritable is JsonException or NotSupportedException or ArgumentException or InvalidOperationException or KeyNotFoundException)
        {
            State.CountRejected();
            Unwritable(_log, unwritable, item.Name);
            return null;
        }
    }

    /// <summary>Commits to the store. A record that the store will never take is written to the log's side file and left out; false when the store is away.</summary>
    private bool TryCommit(JournalBatch batch)
    {
        try
        {
            try
            {
                _store.Commit(batch);
            }
            catch (Exception refused) when (!StoreFaults.IsAway(refused))
            {
                _store.Commit(batch, (record, why) =>
                {
                    State.CountRejected();
                    Rejected(_log, why, record);
                });
            }

            State.Wrote(batch.Records.Count);
            if (batch.Records.Any(r => _store.ChangesState(r))) _state.StateChanged();
            _projections.Apply(batch);
            return true;
        }
        catch (Exception away) when (StoreFaults.IsAway(away))
        {
            _store.Close();
            if (State.WentAway(_time.GetUtcNow(), away.Message)) Away(_log, away.Message);
            return false;
        }
    }

    /// <summary>To disk; when the disk is full too, to a bounded queue in memory; when that is full, it is dropped, counted and shown.</summary>
    private void KeepForLater(JournalBatch batch)
    {
        _backlog.Enqueue(batch);
        try
        {
            while (_backlog.TryPeek(out var first))
            {
                _spool.Append(first);
                _backlog.Dequeue();
            }

            State.SpoolWorks();
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            if (State.SpoolFailed(full.Message)) SpoolBroke(_log, full.Message);
            while (_backlog.Sum(b => (long)b.Records.Count) > _mostInMemory) State.CountDropped(_backlog.Dequeue().Records.Count);
        }

        State.Kept(_spool.Bytes, _backlog.Sum(b => (long)b.Records.Count));
    }

    /// <summary>Projections end the calls that former runs left open, then take those of this run, which may go on.</summary>
    private void TakeUp()
    {
        if (!_held) return;
        var known = _store.LastBatch();
        if (_formerRuns == 0) _lastBatch = _formerRuns = Math.Max(known, _spool.LastBatch);
        if (!_asked && known > _formerRuns)
        {
            // The clock was wrong when this run began: what it spooled is numbered on from what the store has seen.
            _leap = known - _formerRuns;
            _lastBatch += _leap;
        }

        _asked = true;                          // at a second try the store has some batches of this run
        _waitsToRetry = _held = false;
        _projections.Hold();
        try
        {
            if (!_spool.IsEmpty || _backlog.Count > 0) Replay();
            if (!_spool.IsEmpty || _backlog.Count > 0) throw new IOException(State.AwayBecause ?? "The spool was not written.");
            _leap = 0;
            _projections.CatchUp(_formerRuns, _lastBatch);
            if (!State.CameBack()) return;
            _store.CameBack();
            Back(_log);
        }
        catch
        {
            _held = true;
            _store.Close();
            throw;
        }
    }

    /// <summary>Commits what was kept, oldest first; sets a timer for the next try when the store is still away.</summary>
    private void Replay()
    {
        if (_held || _waitsToRetry) return;
        var done = _spool.Replay(b => TryCommit(Numbered(b)));
        while (done && _backlog.TryPeek(out var batch))
        {
            done = TryCommit(Numbered(batch));
            if (done) _backlog.Dequeue();
        }

        State.Kept(_spool.Bytes, _backlog.Sum(b => (long)b.Records.Count));
        State.FoundDamaged(_spool.DamagedLines);
        if (done)
        {
            if (!State.CameBack()) return;
            State.SpoolWorks();                 // nothing waits for it any more
            _store.CameBack();
            Back(_log);
            return;
        }

        // The timer alone decides when to try again: a clock set back, or one a little behind its timers, would leave the store away for good.
        _waitsToRetry = true;
        _retry ??= _time.CreateTimer(_ => Nudge(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _retry.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
    }

    private JournalBatch Numbered(JournalBatch batch) => _leap > 0 && batch.Number > _formerRuns ? batch with { Number = batch.Number + _leap } : batch;

    private void Nudge()
    {
        _waitsToRetry = false;
        if (_waiting.Writer.TryWrite(new FlushItem())) _hurry.TrySetResult();
    }

    [LoggerMessage(3200, LogLevel.Error, "The store does not take the journal ({Reason}): events are kept on disk until it does. Calls go on.")]
    private static partial void Away(ILogger log, string reason);

    [LoggerMessage(3201, LogLevel.Information, "The store takes the journal again: everything kept on disk is written.")]
    private static partial void Back(ILogger log);

    [LoggerMessage(3202, LogLevel.Error, "The journal's spool cannot be written ({Reason}): events are kept in memory, as many as Journal:MemoryEvents. Make room in the data folder.")]
    private static partial void SpoolBroke(ILogger log, string reason);

    [LoggerMessage(3203, LogLevel.Error, "The store refused {Event}: it is left out of the journal.")]
    private static partial void Rejected(ILogger log, Exception why, JournalRecord @event);

    [LoggerMessage(3205, LogLevel.Error, "The event {Kind} cannot be written as JSON: it is left out of the journal.")]
    private static partial void Unwritable(ILogger log, Exception why, string kind);

    [LoggerMessage(3204, LogLevel.Critical, "The journal's writer broke: {Count} events are lost.")]
    private static partial void Broke(ILogger log, Exception broken, int count);

    /// <summary>What waits; turned into a record by the writer, off the thread where it happened.</summary>
    private abstract record JournalItem
    {
        /// <summary>What kind of thing it is, for the log: no data.</summary>
        internal virtual string Name => GetType().Name;

        internal abstract JournalRecord? ToRecord();

        internal virtual void Done()
        {
        }
    }

    private sealed record CallItem(CallEvent Happened) : JournalItem
    {
        internal override string Name => Happened.GetType().Name;

        internal override JournalRecord ToRecord() => CallRecords.Of(Happened);
    }

    private sealed record DataItem<T>(string Kind, Guid Subject, T Data, JsonTypeInfo<T> Json, DateTimeOffset At, bool StateOnly) : JournalItem
    {
        internal override string Name => Kind;

        internal override JournalRecord ToRecord() => new(Kind, Subject, 0, At, JsonSerializer.Serialize(Data, Json), StateOnly);
    }

    private record FlushItem : JournalItem
    {
        internal TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal override JournalRecord? ToRecord() => null;

        internal override void Done() => Written.TrySetResult();
    }

    private sealed record RebuildItem(string Projection) : FlushItem;

    private sealed record TakeUpItem : FlushItem
    {
        private Exception? _failed;

        internal void Try(Action takeUp)
        {
            try
            {
                takeUp();
            }
            catch (Exception fault)
            {
                _failed = fault;        // whatever it is, the one who waits hears of it and tries again: a take-up that failed must not pass for one that succeeded
            }
        }

        internal void ThrowIfFailed()
        {
            if (_failed is not null) throw new IOException(_failed.Message, _failed);
        }
    }
}

/// <summary>Call events as journal records, and back.</summary>
internal static class CallRecords
{
    private const string Prefix = "call.";

    private static readonly FrozenDictionary<Type, (string Kind, JsonTypeInfo Json)> Written = CallEventJson.Default.CallEvent.PolymorphismOptions!.DerivedTypes
        .ToFrozenDictionary(d => d.DerivedType, d => (Prefix + d.TypeDiscriminator, CallEventJson.Default.GetTypeInfo(d.DerivedType)!));

    private static readonly FrozenDictionary<string, JsonTypeInfo> Kinds = Written.Values.ToFrozenDictionary(w => w.Kind, w => w.Json);

    /// <summary>The record's kind says what the event is, so the data need not: a type without discriminator is written by code made in the build.</summary>
    internal static JournalRecord Of(CallEvent happened)
    {
        var (kind, json) = Written[happened.GetType()];
        return new(kind, happened.CallId, happened.Sequence, happened.At, JsonSerializer.Serialize(happened, json)) { CallEvent = happened };
    }

    /// <summary>Null for a record that is not a call's.</summary>
    internal static CallEvent? Read(JournalRecord record) =>
        record.CallEvent ?? (Kinds.TryGetValue(record.Kind, out var json) ? (CallEvent?)JsonSerializer.Deserialize(record.Data, json) : null);
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CallEvent))]
internal sealed partial class CallEventJson : JsonSerializerContext;
