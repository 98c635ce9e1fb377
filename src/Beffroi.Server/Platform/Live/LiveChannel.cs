// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Threading.Channels;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Platform.Live;

/// <summary>Something that somebody must look after, shown until it is. Unlike a <see cref="LiveFact"/> it may name persons and numbers: only those signed in see it, within their scope.</summary>
/// <param name="Id">Stable while it stands.</param>
/// <param name="Acknowledge">Where to POST that one looks after it; null when the reader may not.</param>
public sealed record LiveNotice(string Id, DateTimeOffset At, string French, string English, string? Acknowledge);

/// <summary>A part that has notices. Registered by <see cref="LiveSetup.AddNotices{T}"/>.</summary>
public interface INoticeSource
{
    /// <summary>Those that stand now, within the reader's scope. Any thread; must not wait.</summary>
    IEnumerable<LiveNotice> NoticesFor(Role role, Scope scope);
}

/// <summary>The live channel: whoever looks at the state gets it anew as soon as a part says that it changed, and every few seconds otherwise.</summary>
/// <remarks>Threading: any thread. A reader who does not keep up misses nothing: what is sent is the state of that moment.</remarks>
public sealed class LiveChannel(Health health, IEnumerable<ILiveSource> facts, IEnumerable<INoticeSource> notices, TimeProvider time)
{
    private const int MostReaders = 500;
    private static readonly TimeSpan AtLeastEvery = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<Channel<bool>, bool> _readers = [];

    private readonly Lock _lock = new();
    private Task<HealthReport>? _report;
    private long _checkedAt;

    public int Readers => _readers.Count;

    /// <summary>Something changed that cannot wait for the next round. Only enqueues.</summary>
    public void Changed()
    {
        foreach (var reader in _readers.Keys) reader.Writer.TryWrite(true);
    }

    /// <summary>The state as the reader may see it: counts for everybody, notices for who manages.</summary>
    public async Task<LiveView> ViewAsync(ClaimsPrincipal reader, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var status = (await HealthAsync().WaitAsync(stop)).Status;
        IReadOnlyList<LiveNotice>? standing = null;
        if (reader.Identity?.IsAuthenticated == true && Access.Read.Roles.Contains(reader.Role()))
            standing = [.. notices.SelectMany(n => n.NoticesFor(reader.Role(), reader.Scope())).OrderByDescending(n => n.At)];
        return new(status, [.. facts.SelectMany(s => s.Facts)], standing);
    }

    /// <summary>The states one after the other, as server-sent events; null when too many read already.</summary>
    internal IAsyncEnumerable<SseItem<LiveView>>? Follow(ClaimsPrincipal reader, CancellationToken stop)
    {
        var nudge = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        return _readers.Count < MostReaders && _readers.TryAdd(nudge, true) ? FollowAsync(nudge, reader, stop) : null;
    }

    private async IAsyncEnumerable<SseItem<LiveView>> FollowAsync(Channel<bool> nudge, ClaimsPrincipal reader, [EnumeratorCancellation] CancellationToken stop)
    {
        await using var round = time.CreateTimer(_ => nudge.Writer.TryWrite(true), null, AtLeastEvery, AtLeastEvery);
        try
        {
            while (true)
            {
                yield return new(await ViewAsync(reader, stop), "state");
                if (!await NudgedAsync(nudge.Reader, stop)) yield break;
            }
        }
        finally
        {
            _readers.TryRemove(nudge, out _);
        }
    }

    /// <summary>False when the reader has gone or the server stops.</summary>
    private static async Task<bool> NudgedAsync(ChannelReader<bool> nudge, CancellationToken stop)
    {
        try
        {
            return await nudge.ReadAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>One check a second serves every reader: it asks the store.</summary>
    private Task<HealthReport> HealthAsync()
    {
        lock (_lock)
        {
            if (_report is { IsFaulted: false } && time.GetElapsedTime(_checkedAt) < TimeSpan.FromSeconds(1)) return _report;
            _checkedAt = time.GetTimestamp();
            return _report = Task.Run(() => health.CheckAsync(CancellationToken.None));
        }
    }
}
