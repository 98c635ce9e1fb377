// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Beffroi.Sip.Resolution;

/// <summary>A stub resolver: asks recursive name servers by UDP, by TCP when an answer does not fit, and remembers what they said (RFC 1035 §7, RFC 2308).
/// A forged answer must hit a random port of the kernel's, a random id, the server's address and the question (RFC 5452 §9).</summary>
/// <remarks>Threading: any thread. The same question asked at the same time goes out once.</remarks>
public sealed partial class DnsClient
{
    private const int MostAliases = 8, LargestUdpAnswer = 4096;

    private readonly DnsClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly DnsCache _cache;
    private readonly ResolverFiles _files;
    private readonly ConcurrentDictionary<(string, DnsType), Lazy<Task<DnsResult>>> _underWay = new();
    private long _asked;

    public DnsClient(DnsClientOptions options, TimeProvider time, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time;
        _log = logs.CreateLogger<DnsClient>();
        _cache = new DnsCache(options.CacheEntries, time);
        _files = new ResolverFiles(options.ResolvConf, options.Hosts, time);
        _files.ServersChanged += _cache.Clear;
    }

    /// <summary>Packets sent to name servers since the start.</summary>
    public long Asked => Interlocked.Read(ref _asked);

    /// <summary>Answers remembered now.</summary>
    public int Remembered => _cache.Count;

    /// <summary>Looks a name up. Completes synchronously when the answer is known. Only <paramref name="stop"/> makes it throw; the question itself goes on
    /// for the others who asked it.</summary>
    public ValueTask<DnsResult> QueryAsync(string name, DnsType type, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(name);
        name = Plain(name);
        if (type is DnsType.A or DnsType.Aaaa && FromHosts(name, type) is { } listed) return ValueTask.FromResult(listed);
        if (_cache.TryGet(name, type, out var known)) return ValueTask.FromResult(known);
        return new ValueTask<DnsResult>(AskOnceAsync(name, type, stop));
    }

    /// <summary>The table of hosts knows this name: nothing is to be asked about it.</summary>
    internal bool IsListed(string name) => !_files.AddressesOf(name).IsEmpty;

    /// <summary>A name as it is compared: lower case, no final dot.</summary>
    internal static string Plain(string name) => name.TrimEnd('.').ToLowerInvariant();

    private async Task<DnsResult> AskOnceAsync(string name, DnsType type, CancellationToken stop)
    {
        var question = _underWay.GetOrAdd((name, type), _ => new Lazy<Task<DnsResult>>(() => FollowAsync(name, type)));
        return await question.Value.WaitAsync(stop);
    }

    private DnsResult? FromHosts(string name, DnsType type)
    {
        var family = type == DnsType.A ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        var all = _files.AddressesOf(name);
        if (all.IsEmpty) return null;
        var records = all.Where(a => a.AddressFamily == family).Select(a => new AddressRecord(name, type, 0, a)).ToList();
        return new DnsResult(records.Count > 0 ? DnsStatus.Found : DnsStatus.NoData, records);
    }

    /// <summary>Asks, follows aliases over several questions if need be, and remembers.</summary>
    private async Task<DnsResult> FollowAsync(string name, DnsType type)
    {
        await Task.Yield();                         // the caller of the Lazy must not run the whole question
        try
        {
            var (alias, life) = (name, _options.LongestTtl);
            for (var hops = 0; hops <= MostAliases; hops++)
            {
                var message = await AskServersAsync(alias, type);
                if (message is null) return Remember(name, type, DnsResult.Without(DnsStatus.Failed), _options.FailureTtl);
                var end = EndOfAliases(message, alias, ref life);
                if (end is null) break;
                var records = message.Answers.Where(r => r.Type == type && r.Name == end).ToList();
                if (records.Count > 0)
                {
                    foreach (var record in records) life = Shorter(life, record.Ttl);
                    return Remember(name, type, new DnsResult(DnsStatus.Found, records), life);
                }
                if (end == alias || message.ResponseCode == DnsMessage.NameError) return RememberAbsence(name, type, message, life);
                alias = end;                        // the server gave the alias only: ask for what it names
            }
            return Remember(name, type, DnsResult.Without(DnsStatus.Failed), _options.FailureTtl);
        }
        finally
        {
            _underWay.TryRemove((name, type), out _);
        }
    }

    /// <summary>Where the aliases of this answer lead from a name; null when they go in a circle.</summary>
    private static string? EndOfAliases(DnsMessage message, string name, ref TimeSpan life)
    {
        for (var hops = 0; hops <= MostAliases; hops++)
        {
            if (message.Answers.FirstOrDefault(r => r is CnameRecord && r.Name == name) is not CnameRecord alias) return name;
            life = Shorter(life, alias.Ttl);
            name = alias.Target;
        }
        return null;
    }

    private DnsResult RememberAbsence(string name, DnsType type, DnsMessage message, TimeSpan life)
    {
        var status = message.ResponseCode == DnsMessage.NameError ? DnsStatus.NoName : DnsStatus.NoData;
        // RFC 2308 §5: without an SOA nothing says for how long, so it is not kept for longer than a failure.
        var limit = message.Authorities.OfType<SoaRecord>().FirstOrDefault() is { } soa ? TimeSpan.FromSeconds(Math.Min(soa.Ttl, soa.Minimum)) : _options.FailureTtl;
        if (limit > _options.LongestAbsence) limit = _options.LongestAbsence;
        return Remember(name, type, DnsResult.Without(status), limit < life ? limit : life);
    }

    private DnsResult Remember(string name, DnsType type, DnsResult result, TimeSpan life)
    {
        _cache.Put(name, type, result, life);
        return result;
    }

    private static TimeSpan Shorter(TimeSpan life, int seconds) => life.TotalSeconds <= seconds ? life : TimeSpan.FromSeconds(seconds);

    /// <summary>The first usable answer (a name that is not there is one); null when no server gives any.</summary>
    private async Task<DnsMessage?> AskServersAsync(string name, DnsType type)
    {
        var query = new byte[DnsMessage.HeaderLength + DnsMessage.LongestName + 4];
        if (!DnsMessage.TryWriteQuery(0, name, type, query, out var length)) return null;
        IReadOnlyList<IPEndPoint> servers = _options.Servers.Count > 0 ? [.. _options.Servers] : _files.Servers;
        for (var round = 0; round < _options.Rounds; round++)
        {
            foreach (var server in servers)
            {
                var id = (ushort)RandomNumberGenerator.GetInt32(0x10000);
                BinaryPrimitives.WriteUInt16BigEndian(query, id);
                var question = new Question(id, name, type, query.AsMemory(0, length));
                var answer = await TryAskAsync(server, question, overTcp: false);
                if (answer is { IsTruncated: true }) answer = await TryAskAsync(server, question, overTcp: true);
                if (answer is { IsTruncated: false, ResponseCode: DnsMessage.NoError or DnsMessage.NameError }) return answer;
            }
        }
        LogNoAnswer(_log, type, servers.Count);
        return null;
    }

    private async Task<DnsMessage?> TryAskAsync(IPEndPoint server, Question question, bool overTcp)
    {
        using var limit = new CancellationTokenSource(_options.Timeout, _time);
        Interlocked.Increment(ref _asked);
        try
        {
            return overTcp ? await AskTcpAsync(server, question, limit.Token) : await AskUdpAsync(server, question, limit.Token);
        }
        catch (Exception lost) when (lost is SocketException or IOException or OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task<DnsMessage> AskUdpAsync(IPEndPoint server, Question question, CancellationToken stop)
    {
        // A new socket per question: its port is drawn by the kernel, and connected it hears the server only.
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, stop);
        await socket.SendAsync(question.Packet, stop);
        var buffer = new byte[LargestUdpAnswer];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, stop);
            if (DnsMessage.TryParse(buffer.AsSpan(0, length), out var message) && question.IsAnsweredBy(message)) return message;
        }
    }

    private static async Task<DnsMessage?> AskTcpAsync(IPEndPoint server, Question question, CancellationToken stop)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, stop);
        await using var stream = new NetworkStream(socket);
        var framed = new byte[2 + question.Packet.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)question.Packet.Length);
        question.Packet.CopyTo(framed.AsMemory(2));
        await stream.WriteAsync(framed, stop);
        var head = new byte[2];
        await stream.ReadExactlyAsync(head, stop);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        await stream.ReadExactlyAsync(answer, stop);
        return DnsMessage.TryParse(answer, out var message) && question.IsAnsweredBy(message) ? message : null;
    }

    [LoggerMessage(1200, LogLevel.Warning, "None of {Servers} name servers answered a question for {Type} records.")]
    private static partial void LogNoAnswer(ILogger log, DnsType type, int servers);

    private readonly record struct Question(ushort Id, string Name, DnsType Type, ReadOnlyMemory<byte> Packet)
    {
        internal bool IsAnsweredBy(DnsMessage message) => message.Id == Id && message.QuestionType == Type && message.Question == Name;
    }
}
