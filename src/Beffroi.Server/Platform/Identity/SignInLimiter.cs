// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Net;

namespace Beffroi.Server.Platform.Identity;

/// <summary>Failed sign-ins per source address: after <see cref="Most"/> within <see cref="Window"/> the source waits for the window's end.</summary>
/// <remarks>An IPv6 source is its /64: that is what one subscriber gets. Threading: any thread.</remarks>
public sealed class SignInLimiter(TimeProvider time)
{
    public const int Most = 10;
    private const int MostSources = 10_000;
    private readonly ConcurrentDictionary<string, (int Failures, DateTimeOffset Ends)> _sources = [];

    public static TimeSpan Window => TimeSpan.FromMinutes(5);

    /// <summary>How many sources are refused now.</summary>
    public int Refused => _sources.Values.Count(s => s.Failures >= Most && s.Ends > time.GetUtcNow());

    /// <summary>How long the source must wait; null when it may try.</summary>
    public TimeSpan? MustWait(IPAddress? source) =>
        _sources.TryGetValue(Key(source), out var seen) && seen.Failures >= Most && seen.Ends > time.GetUtcNow() ? seen.Ends - time.GetUtcNow() : null;

    public void Failed(IPAddress? source)
    {
        var now = time.GetUtcNow();
        if (_sources.Count >= MostSources)
            foreach (var (key, seen) in _sources)
                if (seen.Ends <= now) _sources.TryRemove(key, out _);
        if (_sources.Count >= MostSources) return;
        _sources.AddOrUpdate(Key(source), _ => (1, now + Window), (_, seen) => seen.Ends > now ? (seen.Failures + 1, seen.Ends) : (1, now + Window));
    }

    public void Succeeded(IPAddress? source) => _sources.TryRemove(Key(source), out _);

    private static string Key(IPAddress? source)
    {
        if (source is null) return "";
        if (source.IsIPv4MappedToIPv6) source = source.MapToIPv4();
        var bytes = source.GetAddressBytes();
        return Convert.ToHexString(bytes.AsSpan(0, Math.Min(8, bytes.Length)));
    }
}
