// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Net;

namespace Beffroi.Sip.Resolution;

/// <summary>The system's list of name servers and its table of hosts, read again when their files change.</summary>
/// <remarks>Threading: any thread; the files are looked at every 5 s at most, under a lock. A file that cannot be read is an empty one.</remarks>
internal sealed class ResolverFiles(string resolvConf, string hosts, TimeProvider time)
{
    private const int LongestFile = 1 << 20;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private ImmutableArray<IPEndPoint> _servers = [];
    private ImmutableDictionary<string, ImmutableArray<IPAddress>> _hosts = ImmutableDictionary<string, ImmutableArray<IPAddress>>.Empty;
    private DateTime _resolvConfTime, _hostsTime;
    private long? _lookedAt;

    /// <summary>Raised, under no lock, when the list of servers is another one: what was learned from the former may be wrong.</summary>
    internal event Action? ServersChanged;

    internal ImmutableArray<IPEndPoint> Servers
    {
        get
        {
            Look();
            return _servers;
        }
    }

    internal ImmutableArray<IPAddress> AddressesOf(string name)
    {
        Look();
        return _hosts.GetValueOrDefault(name, []);
    }

    private void Look()
    {
        var changed = false;
        lock (_lock)
        {
            if (_lookedAt is { } at && time.GetElapsedTime(at) < LookEvery) return;
            if (IsNew(resolvConf, ref _resolvConfTime))
            {
                var servers = ReadServers(resolvConf);
                changed = _lookedAt is not null && !servers.SequenceEqual(_servers);
                _servers = servers;
            }
            if (IsNew(hosts, ref _hostsTime)) _hosts = ReadHosts(hosts);
            _lookedAt = time.GetTimestamp();
        }
        if (changed) ServersChanged?.Invoke();
    }

    private static bool IsNew(string file, ref DateTime seen)
    {
        var written = File.GetLastWriteTimeUtc(file);       // 1601 when there is none
        if (written == seen) return false;
        seen = written;
        return true;
    }

    private static ImmutableArray<IPEndPoint> ReadServers(string file) =>
        [.. Lines(file).Where(words => words.Length > 1 && words[0] == "nameserver" && IPAddress.TryParse(words[1], out _)).Select(words => new IPEndPoint(IPAddress.Parse(words[1]), 53))];

    private static ImmutableDictionary<string, ImmutableArray<IPAddress>> ReadHosts(string file)
    {
        var found = new Dictionary<string, List<IPAddress>>();
        foreach (var words in Lines(file))
        {
            if (!IPAddress.TryParse(words[0], out var address)) continue;
            foreach (var name in words.Skip(1).Select(DnsClient.Plain))
            {
                if (!found.TryGetValue(name, out var list)) found[name] = list = [];
                list.Add(address);
            }
        }
        return found.ToImmutableDictionary(pair => pair.Key, pair => pair.Value.ToImmutableArray());
    }

    private static List<string[]> Lines(string file)
    {
        try
        {
            if (new FileInfo(file) is not { Exists: true, Length: <= LongestFile }) return [];
            return [.. File.ReadLines(file).Select(line => line.Split('#', ';')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 0)];
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
