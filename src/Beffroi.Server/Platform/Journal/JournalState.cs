// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Platform.Journal;

/// <summary>How the journal fares, for health and metrics. Threading: written by the writer, read by any thread.</summary>
public sealed class JournalState
{
    private long _written;
    private long _dropped;
    private long _rejected;
    private long _spooledBytes;
    private long _inMemory;
    private volatile string? _awayBecause;
    private volatile string? _spoolBroken;
    private volatile string? _projectionStands;
    private long _skipped;
    private long _damaged;

    /// <summary>Events in the store since the start.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>Events lost because store, disk and memory were all full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Events that the store refused for what they are: a defect.</summary>
    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Events that a projection (the history) could not take, for what they are: a defect. The journal has them.</summary>
    public long Skipped => Interlocked.Read(ref _skipped);

    /// <summary>The projection that derives nothing now; null while all do.</summary>
    public string? StandingProjection => _projectionStands;

    /// <summary>Lines of the spool that a crash cut short or a disk spoilt, since the start.</summary>
    public long Damaged => Interlocked.Read(ref _damaged);

    /// <summary>Bytes waiting on disk.</summary>
    public long SpooledBytes => Interlocked.Read(ref _spooledBytes);

    /// <summary>Events waiting in memory because the disk takes none.</summary>
    public long InMemory => Interlocked.Read(ref _inMemory);

    /// <summary>Why the store is away; null while it takes events.</summary>
    public string? AwayBecause => _awayBecause;

    /// <summary>Why the spool cannot be written; null while it can.</summary>
    public string? SpoolBroken => _spoolBroken;

    public bool IsAway => _awayBecause is not null;

    /// <summary>Since when the store is away.</summary>
    public DateTimeOffset AwaySince { get; private set; }

    internal void Wrote(int events) => Interlocked.Add(ref _written, events);

    internal void CountDropped(int events) => Interlocked.Add(ref _dropped, events);

    internal void CountRejected() => Interlocked.Increment(ref _rejected);

    internal void CountSkipped() => Interlocked.Increment(ref _skipped);

    internal void ProjectionStands(string name) => _projectionStands = name;

    internal void ProjectionsRun() => _projectionStands = null;

    internal void FoundDamaged(long lines) => Interlocked.Exchange(ref _damaged, lines);

    internal void Kept(long bytes, long inMemory)
    {
        Interlocked.Exchange(ref _spooledBytes, bytes);
        Interlocked.Exchange(ref _inMemory, inMemory);
    }

    /// <summary>True when it was there before.</summary>
    internal bool WentAway(DateTimeOffset now, string because)
    {
        var first = _awayBecause is null;
        if (first) AwaySince = now;
        _awayBecause = because;
        return first;
    }

    /// <summary>True when it was away before.</summary>
    internal bool CameBack()
    {
        var was = _awayBecause is not null;
        _awayBecause = null;
        return was;
    }

    /// <summary>True when it worked before.</summary>
    internal bool SpoolFailed(string because)
    {
        var first = _spoolBroken is null;
        _spoolBroken = because;
        return first;
    }

    internal void SpoolWorks() => _spoolBroken = null;
}
