// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Beffroi.Sip.Transport;

/// <summary>A token bucket per source address, and a silent ban after too many failures. An address from which a device has proved itself is never
/// banned, since an office or a test bench may sit behind it: it is restrained, which the upper layer answers without a further challenge. Memory
/// is bounded: when the table is full of addresses that matter, new ones share one bucket, so a flood from forged addresses neither grows the table nor opens the door.</summary>
/// <remarks>Threading: any thread; one lock per source.</remarks>
public sealed partial class SourceGuard : ISourceGuard
{
    private static readonly TimeSpan KnownFor = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestBan = TimeSpan.FromDays(1);

    private readonly SourceGuardOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<UInt128, Source> _sources = new();
    private readonly Source _crowd;
    private readonly ImmutableArray<IPNetwork> _configured;
    private ImmutableArray<IPNetwork> _trusted;
    private int _count;
    private int _sweeping;
    private long _nextSweep;
    private long _bans;

    public SourceGuard(SourceGuardOptions options, TimeProvider time, ILogger<SourceGuard> log)
    {
        _options = options;
        _time = time;
        _log = log;
        _crowd = new Source(options.Burst, time.GetTimestamp());
        _configured = [.. options.Trusted.Select(text => IPNetwork.Parse(text))];
        _trusted = _configured;
    }

    /// <summary>Addresses remembered now.</summary>
    public int Sources => Volatile.Read(ref _count);

    /// <summary>Bans pronounced since the start.</summary>
    public long Bans => Interlocked.Read(ref _bans);

    /// <summary>Names the networks, beside the configured ones, that have neither rate nor ban: the addresses of trunks. Replaces the former list.</summary>
    public void Trust(IEnumerable<IPNetwork> networks) => ImmutableInterlocked.InterlockedExchange(ref _trusted, _configured.AddRange(networks));

    public bool IsBanned(IPAddress source)
    {
        if (!_sources.TryGetValue(KeyOf(source), out var state) || state.BannedUntil == 0) return false;
        lock (state) return state.BannedUntil > _time.GetTimestamp() && !IsTrusted(source);
    }

    public bool IsRestrained(IPAddress source)
    {
        if (!_sources.TryGetValue(KeyOf(source), out var state) || state.RestrainedUntil == 0) return false;
        lock (state) return state.RestrainedUntil > _time.GetTimestamp() && !IsTrusted(source);
    }

    public bool TryChallenge(IPAddress source)
    {
        if (!IsRestrained(source) || !_sources.TryGetValue(KeyOf(source), out var state)) return true;
        var now = _time.GetTimestamp();
        lock (state)
        {
            var since = _time.GetElapsedTime(state.ChallengedAt, now).TotalSeconds;
            state.Challenges = Math.Min(_options.RestrainedChallengesPerSecond, state.Challenges + since * _options.RestrainedChallengesPerSecond);
            state.ChallengedAt = now;
            if (state.Challenges < 1) return false;
            state.Challenges -= 1;
            return true;
        }
    }

    public bool Allow(IPAddress source, SipTransportKind kind)
    {
        var now = _time.GetTimestamp();
        var state = Of(source, now) ?? _crowd;
        bool allowed;
        lock (state)
        {
            Refill(state, now);
            allowed = state.BannedUntil <= now && state.Tokens >= 1;
            if (allowed) state.Tokens -= 1;
        }
        return allowed || IsTrusted(source);
    }

    public void Failed(IPAddress source)
    {
        if (IsTrusted(source)) return;
        var now = _time.GetTimestamp();
        if (Of(source, now) is not { } state) return;                       // unknown among too many: the crowd's bucket holds it
        TimeSpan ban;
        lock (state)
        {
            if (state.BannedUntil > now) return;                            // what was under way when the ban fell
            var known = state.SucceededAt is { } at && _time.GetElapsedTime(at, now) < KnownFor;
            var limit = _options.FailuresToBan;
            var faded = state.FailedAt is { } last ? _time.GetElapsedTime(last, now) / _options.FailureMemory * limit : 0;
            state.Failures = Math.Max(0, state.Failures - faded) + 1;
            state.FailedAt = now;
            if (Math.Ceiling(state.Failures) < limit) return;                // what faded between the first and the last does not count
            if (known)
            {
                state.Failures = limit;
                if (state.RestrainedUntil <= now) (state.Challenges, state.ChallengedAt) = (_options.RestrainedChallengesPerSecond, now);
                state.RestrainedUntil = now + (long)(_options.Ban.TotalSeconds * _time.TimestampFrequency);
                return;
            }
            ban = _options.Ban * Math.Pow(2, Math.Min(state.Bans, 20));
            if (ban > LongestBan) ban = LongestBan;
            state.Bans++;
            state.Failures = 0;
            state.BannedUntil = now + (long)(ban.TotalSeconds * _time.TimestampFrequency);
        }
        Interlocked.Increment(ref _bans);
        LogBanned(_log, source, ban);
    }

    public void Succeeded(IPAddress source)
    {
        var now = _time.GetTimestamp();
        if (Of(source, now) is not { } state) return;
        lock (state)
        {
            state.SucceededAt = now;
            state.Bans = 0;
        }
    }

    /// <summary>IPv4 whole, mapped into IPv6; of IPv6 the /64, since one host owns all of it.</summary>
    internal static UInt128 KeyOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        if (length == 4) return new UInt128(0xFFFF, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes));
        return address.IsIPv4MappedToIPv6
            ? new UInt128(0xFFFF, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]))
            : new UInt128(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes), 0);
    }

    private bool IsTrusted(IPAddress source)
    {
        foreach (var network in _trusted)
            if (network.Contains(source)) return true;
        return false;
    }

    private Source? Of(IPAddress address, long now)
    {
        var key = KeyOf(address);
        if (_sources.TryGetValue(key, out var state)) return state;
        if (Volatile.Read(ref _count) >= _options.MaxSources && !Sweep(now)) return null;
        state = new Source(_options.Burst, now);
        if (!_sources.TryAdd(key, state)) return _sources.GetValueOrDefault(key);
        Interlocked.Increment(ref _count);
        return state;
    }

    private void Refill(Source state, long now)
    {
        var since = _time.GetElapsedTime(state.RefilledAt, now).TotalSeconds;
        if (since <= 0) return;
        state.Tokens = Math.Min(_options.Burst, state.Tokens + since * _options.RequestsPerSecond);
        state.RefilledAt = now;
    }

    /// <summary>Forgets addresses of which nothing is worth knowing: bucket full again, no failure, no ban. At most once a second, by one thread.</summary>
    /// <returns>True when there is room.</returns>
    private bool Sweep(long now)
    {
        if (Interlocked.Exchange(ref _sweeping, 1) != 0) return false;
        try
        {
            if (now < _nextSweep) return _count < _options.MaxSources;
            _nextSweep = now + _time.TimestampFrequency;
            foreach (var (key, state) in _sources)
            {
                bool dull;
                lock (state)
                {
                    Refill(state, now);
                    dull = state.Tokens >= _options.Burst && state.BannedUntil <= now && (state.FailedAt is not { } last || _time.GetElapsedTime(last, now) >= _options.FailureMemory)
                        && (state.SucceededAt is not { } at || _time.GetElapsedTime(at, now) >= KnownFor);
                }
                if (dull && _sources.TryRemove(key, out _)) Interlocked.Decrement(ref _count);
            }
            return _count < _options.MaxSources;
        }
        finally
        {
            Volatile.Write(ref _sweeping, 0);
        }
    }

    [LoggerMessage(1110, LogLevel.Warning, "Too many failures from {Source}: nothing from there is heard for {Ban}.")]
    private static partial void LogBanned(ILogger log, IPAddress source, TimeSpan ban);

    /// <summary>Threading: under its own lock; the times are timestamps of the clock.</summary>
    private sealed class Source(double tokens, long now)
    {
        internal double Tokens { get; set; } = tokens;

        internal long RefilledAt { get; set; } = now;

        internal double Failures { get; set; }

        internal long? FailedAt { get; set; }

        internal long? SucceededAt { get; set; }

        internal long BannedUntil { get; set; }

        internal long RestrainedUntil { get; set; }

        internal double Challenges { get; set; }

        internal long ChallengedAt { get; set; }

        internal int Bans { get; set; }
    }
}
