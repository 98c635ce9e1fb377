// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Net;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>UDP peers at whose port nobody answered by TCP, so that not every large request waits for it anew. Bounded: when it is full, the oldest half goes.</summary>
/// <remarks>Threading: any thread.</remarks>
internal sealed class TcpRefusals(TimeProvider time)
{
    private const int Most = 4096;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<EndPointKey, long> _at = new();

    internal bool Has(IPEndPoint peer) => _at.TryGetValue(EndPointKey.Of(peer), out var at) && time.GetElapsedTime(at) < KeptFor;

    internal void Add(IPEndPoint peer)
    {
        if (_at.Count >= Most)
        {
            var old = _at.OrderBy(one => one.Value).Take(Most / 2).ToArray();
            foreach (var one in old) _at.TryRemove(one);
        }
        _at[EndPointKey.Of(peer)] = time.GetTimestamp();
    }
}
