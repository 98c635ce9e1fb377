// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using System.Text.Unicode;
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.Transport;

/// <summary>SIP over WebSocket: RFC 7118. One message of WebSocket, text or binary, is one message of SIP.</summary>
/// <remarks>Threading: <see cref="RunAsync"/> is the connection's one receive loop. A cancelled read would abort the socket, so closing lets the loop
/// run on until the peer has said goodbye too, for a while.</remarks>
internal sealed class WebSocketSipFlow(long id, SipTransportKind kind, IPEndPoint local, IPEndPoint remote, StreamLimits limits, WebSocket socket, MessageReception reception)
    : StreamSipFlow(id, kind, local, remote, null, limits, reception.Counters)
{
    private const int FirstBuffer = 4096;
    private readonly TaskCompletionSource _readToTheEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _saidGoodbye = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebSocketCloseStatus _status = WebSocketCloseStatus.NormalClosure;

    /// <summary>Receives until either side closes.</summary>
    internal async Task RunAsync(CancellationToken stop)
    {
        using var stopped = stop.Register(Close);
        try
        {
            while (await ReadMessageAsync())
            {
            }
        }
        catch (Exception lost) when (IsLoss(lost))
        {
            // The peer is gone: what follows is the same as after its orderly end.
        }
        _readToTheEnd.TrySetResult();
        Close();
        await _saidGoodbye.Task;
    }

    protected override ValueTask<bool> WriteAsync(ReadOnlySpan<byte> message)
    {
        var copy = ArrayPool<byte>.Shared.Rent(message.Length);
        message.CopyTo(copy);
        return SendAsync(copy, message.Length);
    }

    protected override void StopReading() => _ = SayGoodbyeAsync();

    private async ValueTask<bool> SendAsync(byte[] rented, int length)
    {
        try
        {
            // A browser drops the connection over a text that is not UTF-8 (RFC 6455 §8.1); a body may be anything.
            var type = Utf8.IsValid(rented.AsSpan(0, length)) ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
            await socket.SendAsync(rented.AsMemory(0, length), type, endOfMessage: true, Cut.Token);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>False: the connection ends.</summary>
    private async Task<bool> ReadMessageAsync()
    {
        var first = await socket.ReceiveAsync(Memory<byte>.Empty, Cut.Token);       // an idle connection holds no buffer
        if (first.MessageType == WebSocketMessageType.Close) return false;
        if (first.EndOfMessage) return true;
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Length) buffer = Grow(buffer, length);
                var read = await socket.ReceiveAsync(buffer.AsMemory(length), Cut.Token);
                if (read.MessageType == WebSocketMessageType.Close) return false;
                length += read.Count;
                if (length > Limits.MaxMessageBytes) return GiveUp(WebSocketCloseStatus.MessageTooBig, SipDropReason.BrokenStream);
                Heard(partial: !read.EndOfMessage, progress: false);
                if (read.EndOfMessage) return Take(buffer.AsSpan(0, length));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool Take(ReadOnlySpan<byte> bytes)
    {
        if (!IsOpen) return true;                    // we said goodbye: only the peer's is of interest
        if (reception.Guard.IsBanned(Remote.Address)) return GiveUp(WebSocketCloseStatus.PolicyViolation, SipDropReason.Banned);
        _ = SipMessage.TryParse(bytes, out var message, out var fault);
        if (fault == SipParseFault.KeepAlive) Send("\r\n"u8);
        else reception.Take(message, fault, this);
        return true;
    }

    private bool GiveUp(WebSocketCloseStatus status, SipDropReason reason)
    {
        _status = status;
        Counters.Count(reason);
        return false;
    }

    private async Task SayGoodbyeAsync()
    {
        try
        {
            await DrainAsync();
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(_status, null, Cut.Token).WaitAsync(Farewell, Limits.Time);
            await _readToTheEnd.Task.WaitAsync(Farewell, Limits.Time);
        }
        catch (Exception lost) when (IsLoss(lost) || lost is TimeoutException)
        {
            // Gone without a word, or deaf.
        }
        await Cut.CancelAsync();
        _saidGoodbye.TrySetResult();
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
