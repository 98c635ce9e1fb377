// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Beffroi.Sip.Messages;
using Microsoft.Extensions.Logging;

namespace Beffroi.Sip.Transport;

/// <summary>A bound UDP socket with its own thread, which receives, parses and handles each message before it takes the next: the kernel's buffer is the queue,
/// and nothing overtakes (a CANCEL its INVITE). One address family per socket.</summary>
/// <remarks>Threading: sending and looking up flows from any thread; the rest on the receive thread.</remarks>
internal sealed partial class UdpEndpoint : IDisposable
{
    private const int LargestDatagram = 65_535;
    private const int FailuresInARow = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly SafeSocketHandle _handle;
    private readonly MessageReception _reception;
    private readonly Func<long> _nextId;
    private readonly ILogger _log;
    private readonly int _maxFlows;
    private readonly ConcurrentDictionary<EndPointKey, UdpSipFlow> _flows = new();
    private readonly ManualResetEventSlim _stopped = new(false);
    private Thread? _thread;
    private int _flowCount;

    internal UdpEndpoint(SipListenOptions listen, SipTransportOptions options, MessageReception reception, Func<long> nextId, ILogger log)
    {
        _reception = reception;
        _nextId = nextId;
        _log = log;
        _maxFlows = options.MaxUdpFlows;
        var endPoint = listen.EndPoint;
        _socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = options.UdpReceiveBufferBytes };
        if (endPoint.AddressFamily == AddressFamily.InterNetworkV6) _socket.DualMode = false;
        _socket.Bind(endPoint);
        _handle = _socket.SafeHandle;
        Local = (IPEndPoint)_socket.LocalEndPoint!;
        ListenPoint = new SipListenPoint(listen);
        ListenPoint.Bind(() => Local);
        if (_socket.ReceiveBufferSize < options.UdpReceiveBufferBytes) LogSmallBuffer(log, Local, _socket.ReceiveBufferSize, options.UdpReceiveBufferBytes);
    }

    internal IPEndPoint Local { get; }

    internal SipListenPoint ListenPoint { get; }

    /// <summary>Peers remembered now.</summary>
    internal int Flows => Volatile.Read(ref _flowCount);

    internal void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = $"sip udp {Local.Port}" };
        _thread.Start();
    }

    internal bool Send(ReadOnlySpan<byte> message, ReadOnlySpan<byte> address)
    {
        if (!TrySend(message, address)) return false;
        _reception.Counters.CountSent(SipTransportKind.Udp);
        return true;
    }

    private bool TrySend(ReadOnlySpan<byte> message, ReadOnlySpan<byte> address)
    {
        if (_handle.IsClosed) return false;
        try
        {
            int sent;
            do sent = UdpNative.Send(_handle, message, address);
            while (sent < 0 && Marshal.GetLastPInvokeError() == UdpNative.Interrupted);
            if (sent == message.Length) return true;
        }
        catch (ObjectDisposedException)             // closed between the look and the call
        {
            return false;
        }
        _reception.Counters.Count(SipDropReason.SendFailed);
        return false;
    }

    /// <summary>The flow to a peer, made when it is new.</summary>
    internal UdpSipFlow Flow(IPEndPoint remote) => Flow(EndPointKey.Of(remote), remote);

    public void Dispose()
    {
        _stopped.Set();
        UdpNative.Wake(_handle);
        if (_thread is { } thread && thread != Thread.CurrentThread) thread.Join();
        _socket.Dispose();
        foreach (var flow in _flows.Values) flow.SocketClosed();
        _stopped.Dispose();
    }

    private void Run()
    {
        var buffer = new byte[LargestDatagram];
        Span<byte> address = stackalloc byte[28];
        var failures = 0;
        while (!_stopped.IsSet)
        {
            var length = UdpNative.Receive(_handle, buffer, address, out var addressLength);
            if (_stopped.IsSet) return;
            if (length >= 0)
            {
                failures = 0;
                if (EndPointKey.TryRead(address[..addressLength], out var key)) Take(buffer.AsSpan(0, length), key, address[..addressLength]);
                continue;
            }
            if (Marshal.GetLastPInvokeError() == UdpNative.Interrupted) continue;
            _reception.Counters.Count(SipDropReason.ReceiveFailed);
            if (++failures < FailuresInARow) continue;
            LogReceiveFails(_log, Local, Marshal.GetLastPInvokeError());
            _stopped.Wait(Pause);                   // a network gone down must not take the processor with it
            failures = 0;
        }
    }

    private void Take(ReadOnlySpan<byte> datagram, EndPointKey key, ReadOnlySpan<byte> source)
    {
        IPEndPoint? remote = null;
        if (_flows.TryGetValue(key, out var flow)) flow.IsRecent = true;
        else remote = key.ToEndPoint();
        if (_reception.Guard.IsBanned((flow?.Remote ?? remote!).Address))
        {
            _reception.Counters.Count(SipDropReason.Banned);
            return;
        }
        if (StunBinding.IsStun(datagram))
        {
            AnswerStun(datagram, key, source, (flow?.Remote ?? remote!).Address);
            return;
        }
        _ = SipMessage.TryParse(datagram, out var message, out var fault);
        if (fault == SipParseFault.KeepAlive)
        {
            _reception.Counters.Count(SipDropReason.KeepAlive);
            return;
        }
        if (message is null)                        // rubbish makes no flow
        {
            _reception.Counters.Count(fault);
            _reception.Counters.Count(SipDropReason.Malformed);
            return;
        }
        _reception.Take(message, fault, flow ?? Flow(key, remote!));
    }

    /// <summary>A keep-alive costs its address as much of its rate as a request does, and makes no flow.</summary>
    private void AnswerStun(ReadOnlySpan<byte> datagram, EndPointKey key, ReadOnlySpan<byte> source, IPAddress from)
    {
        if (!_reception.Guard.Allow(from, SipTransportKind.Udp))
        {
            _reception.Counters.Count(SipDropReason.OverRate);
            return;
        }
        Span<byte> answer = stackalloc byte[StunBinding.LongestAnswer];
        var length = StunBinding.Answer(datagram, key, answer);
        if (length == 0) _reception.Counters.Count(SipDropReason.Malformed);
        else if (TrySend(answer[..length], source)) _reception.Counters.CountStun();
    }

    private UdpSipFlow Flow(EndPointKey key, IPEndPoint remote)
    {
        if (_flows.TryGetValue(key, out var flow)) return flow;
        if (Volatile.Read(ref _flowCount) >= _maxFlows) Forget();
        flow = new UdpSipFlow(_nextId(), this, remote);
        var kept = _flows.GetOrAdd(key, flow);
        if (kept == flow) Interlocked.Increment(ref _flowCount);
        return kept;
    }

    /// <summary>Makes room for a quarter: second chance for those used since the last time, none is closed. Who holds a forgotten flow may go on sending by it.</summary>
    private void Forget()
    {
        for (var round = 0; round < 2; round++)
        {
            foreach (var (key, flow) in _flows)
            {
                if (Volatile.Read(ref _flowCount) <= _maxFlows / 4 * 3) return;
                if (flow.IsRecent && round == 0) flow.IsRecent = false;
                else if (_flows.TryRemove(key, out _)) Interlocked.Decrement(ref _flowCount);
            }
        }
    }

    [LoggerMessage(1130, LogLevel.Warning, "UDP {Local}: the kernel gave a receive buffer of {Given} bytes, {Asked} were asked. Raise net.core.rmem_max for bursts.")]
    private static partial void LogSmallBuffer(ILogger log, IPEndPoint local, int given, int asked);

    [LoggerMessage(1131, LogLevel.Error, "UDP {Local}: receiving fails again and again (errno {Error}).")]
    private static partial void LogReceiveFails(ILogger log, IPEndPoint local, int error);
}
