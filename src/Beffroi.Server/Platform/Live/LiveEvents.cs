// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Threading.Channels;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Platform.Live;

/// <summary>Who reads the live channel.</summary>
/// <param name="Person">The directory's person, when the account is one's.</param>
public sealed record LiveAudience(Role Role, Scope Scope, Guid? Person)
{
    /// <summary>Whether the reader manages or audits what lies within its scope; a person reads what is their own.</summary>
    public bool Reads => Access.Read.Roles.Contains(Role);

    /// <summary>Whether the reader sees what belongs to the whole installation.</summary>
    public bool ReadsAll => Access.ReadAll.Roles.Contains(Role) && Scope.Kind == ScopeKind.Everything;
}

/// <summary>Something that has just happened.</summary>
/// <param name="Kind">The name of the server-sent event: <c>call</c>, <c>registration</c>, <c>trunk</c>.</param>
/// <param name="Data">What the thing looks like now, as the API shows it.</param>
/// <param name="IsFor">Whether a reader may see it; asked on the reader's own time.</param>
public sealed record LiveEvent(string Kind, object Data, Func<LiveAudience, bool> IsFor);

/// <summary>Hands what happens to whoever reads the live channel.</summary>
/// <remarks>Threading: any thread. Publishing only enqueues, and costs nothing while nobody reads. A reader whose buffer is full is let go and told so.</remarks>
public sealed class LiveEvents
{
    /// <summary>How many events wait for one reader.</summary>
    public const int MostWaiting = 1000;

    private readonly ConcurrentDictionary<LiveReader, bool> _readers = [];

    /// <summary>False: an event need not even be made.</summary>
    public bool IsRead => !_readers.IsEmpty;

    /// <summary>How many read.</summary>
    public int Readers => _readers.Count;

    public void Publish(LiveEvent happened)
    {
        foreach (var reader in _readers.Keys) reader.Take(happened);
    }

    /// <summary>Tells every reader that the state in counts is worth another look.</summary>
    internal void Nudge()
    {
        foreach (var reader in _readers.Keys) reader.Nudge();
    }

    /// <summary>Null when so many read already.</summary>
    /// <param name="audience">Null: only nudges are wanted.</param>
    internal LiveReader? Join(LiveAudience? audience, int most)
    {
        var reader = new LiveReader(audience);
        return _readers.Count < most && _readers.TryAdd(reader, true) ? reader : null;
    }

    internal void Leave(LiveReader reader) => _readers.TryRemove(reader, out _);
}

/// <summary>What waits for one reader: events in their order, and between them at most one nudge.</summary>
/// <remarks>Threading: any thread writes, the reader's request reads.</remarks>
internal sealed class LiveReader(LiveAudience? audience)
{
    private readonly Channel<LiveEvent?> _waiting = Channel.CreateBounded<LiveEvent?>(new BoundedChannelOptions(LiveEvents.MostWaiting) { SingleReader = true });
    private int _isNudged;

    /// <summary>True once something could not wait any more: after what is in the buffer the reader is let go.</summary>
    public bool IsLost { get; private set; }

    public void Take(LiveEvent happened)
    {
        if (audience is not null) Put(happened);
    }

    public void Nudge()
    {
        if (Interlocked.Exchange(ref _isNudged, 1) == 0) Put(null);
    }

    /// <summary>The next event that the reader may see, or null in <c>Event</c> for a nudge; false when the reader has gone, was let go, or the server stops.</summary>
    public async ValueTask<(bool Goes, LiveEvent? Event)> NextAsync(CancellationToken stop)
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stop))
            {
                if (!_waiting.Reader.TryRead(out var next)) continue;
                if (next is null) Volatile.Write(ref _isNudged, 0);
                if (next is null || next.IsFor(audience!)) return (true, next);
            }
        }
        catch (OperationCanceledException)
        {
        }

        return (false, null);
    }

    private void Put(LiveEvent? item)
    {
        if (_waiting.Writer.TryWrite(item)) return;
        IsLost = true;
        _waiting.Writer.TryComplete();
    }
}
