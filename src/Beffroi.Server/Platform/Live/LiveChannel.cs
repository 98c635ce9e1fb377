// SPDX-License-Identifier: EUPL-1.2
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
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

/// <summary>What a reader is told beside the state and what happens.</summary>
/// <param name="Code"><c>resync</c>: read the lists now, then follow the events. <c>lost</c>: the reader did not keep up and is let go.</param>
public sealed record LiveWord(string Code, string French, string English);

/// <summary>The live channel: whoever looks at the state gets it anew as soon as a part says that it changed, and every few seconds otherwise; who asks for them gets events too.</summary>
/// <remarks>Threading: any thread. A reader who does not keep up with the state misses nothing: what is sent is the state of that moment. One who does not keep up with the events is let go and told.</remarks>
public sealed class LiveChannel(Health health, IEnumerable<ILiveSource> facts, IEnumerable<INoticeSource> notices, LiveEvents events, TimeProvider time)
{
    private const int MostReaders = 500;
    private static readonly TimeSpan AtLeastEvery = TimeSpan.FromSeconds(5);
    private static readonly LiveWord Resync = new("resync", "Lisez maintenant /calls, /registrations et /trunks : ce qui suit est ce qui change depuis.", "Read /calls, /registrations and /trunks now: what follows is what changes from here on.");
    private static readonly LiveWord Lost = new("lost", "Des événements ont été perdus : reconnectez-vous.", "Events were lost: connect again.");

    private readonly Lock _lock = new();
    private Task<HealthReport>? _report;
    private long _checkedAt;

    public int Readers => events.Readers;

    /// <summary>Something changed that cannot wait for the next round. Only enqueues.</summary>
    public void Changed() => events.Nudge();

    /// <summary>The state as the reader may see it: counts for everybody, notices for who manages.</summary>
    public async Task<LiveView> ViewAsync(ClaimsPrincipal reader, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var report = await HealthAsync().WaitAsync(stop);
        IReadOnlyList<LiveNotice>? standing = null;
        if (reader.Identity?.IsAuthenticated == true && Access.Read.Roles.Contains(reader.Role()))
            standing = [.. notices.SelectMany(n => n.NoticesFor(reader.Role(), reader.Scope())).OrderByDescending(n => n.At)];
        return new(report.Status, [.. facts.SelectMany(s => s.Facts)], report.Mark(), standing);
    }

    /// <summary>The states one after the other, and what happens when it was asked for, as server-sent events; null when too many read already.</summary>
    internal IAsyncEnumerable<SseItem<object>>? Follow(ClaimsPrincipal reader, bool withEvents, CancellationToken stop)
    {
        var audience = withEvents && reader.Identity?.IsAuthenticated == true ? new LiveAudience(reader.Role(), reader.Scope(), reader.Person()) : null;
        return events.Join(audience, MostReaders) is { } joined ? FollowAsync(joined, audience is not null, reader, stop) : null;
    }

    private async IAsyncEnumerable<SseItem<object>> FollowAsync(LiveReader joined, bool withEvents, ClaimsPrincipal reader, [EnumeratorCancellation] CancellationToken stop)
    {
        await using var round = time.CreateTimer(_ => joined.Nudge(), null, AtLeastEvery, AtLeastEvery);
        try
        {
            yield return new(await ViewAsync(reader, stop), "state");
            if (withEvents) yield return new(Resync, Resync.Code);
            while (await joined.NextAsync(stop) is (true, var happened))
                yield return happened is null ? new(await ViewAsync(reader, stop), "state") : new(happened.Data, happened.Kind);
            if (joined.IsLost && !stop.IsCancellationRequested) yield return new(Lost, Lost.Code);
        }
        finally
        {
            events.Leave(joined);
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
