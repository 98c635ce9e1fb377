// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.Transport;

/// <summary>A TCP or TLS connection, accepted or opened by us: RFC 3261 §18.3, keep-alives of RFC 5626 §3.5.1.</summary>
/// <remarks>Threading: <see cref="RunAsync"/> is the connection's one receive loop.</remarks>
internal sealed class PipeSipFlow(
    long id, SipTransportKind kind, IPEndPoint local, IPEndPoint remote, SipListenPoint? listenPoint, StreamLimits limits, IDuplexPipe pipe, MessageReception reception)
    : StreamSipFlow(id, kind, local, remote, listenPoint, limits, reception.Counters)
{
    private readonly SipStreamFramer _framer = new();

    /// <summary>Receives until either side closes; what was queued by then is sent.</summary>
    internal async Task RunAsync()
    {
        try
        {
            while (IsOpen)
            {
                var result = await pipe.Input.ReadAsync(Cut.Token);
                if (result.IsCanceled) break;
                var rest = result.Buffer;
                var goOn = TakeAll(ref rest);
                // Examined to the end: the next read waits for more bytes than these.
                pipe.Input.AdvanceTo(rest.Start, rest.End);
                if (!goOn || result.IsCompleted) break;
            }
        }
        catch (Exception lost) when (IsLoss(lost))
        {
            // The peer is gone: what follows is the same as after its orderly end.
        }
        Close();
        await DrainAsync();
    }

    protected override ValueTask<bool> WriteAsync(ReadOnlySpan<byte> message)
    {
        pipe.Output.Write(message);
        var flush = pipe.Output.FlushAsync(Cut.Token);
        return flush.IsCompletedSuccessfully ? new ValueTask<bool>(!flush.GetAwaiter().GetResult().IsCompleted) : AwaitAsync(flush);
    }

    private static async ValueTask<bool> AwaitAsync(ValueTask<FlushResult> flush) => !(await flush).IsCompleted;

    protected override void StopReading() => pipe.Input.CancelPendingRead();

    /// <summary>Whether the bytes begin a message. Line breaks do not: half a keep-alive may stand there for as long as the peer likes.</summary>
    private static bool HasBegun(in ReadOnlySequence<byte> buffer)
    {
        foreach (var segment in buffer)
            if (segment.Span.ContainsAnyExcept((byte)'\r', (byte)'\n')) return true;
        return false;
    }

    /// <summary>Takes every whole message. False: the stream is beyond repair.</summary>
    private bool TakeAll(ref ReadOnlySequence<byte> buffer)
    {
        if (reception.Guard.IsBanned(Remote.Address))
        {
            Counters.Count(SipDropReason.Banned);
            return false;
        }
        var progress = false;
        while (IsOpen)
        {
            var taken = _framer.TryRead(ref buffer, Limits.MaxMessageBytes, out var message, out var fault, out var keepAlive);
            if (keepAlive) Send("\r\n"u8);
            else if (taken || fault != SipParseFault.None) reception.Take(message, fault, this);
            if (fault != SipParseFault.None && !taken)
            {
                Counters.Count(SipDropReason.BrokenStream);
                return false;
            }
            if (!taken) break;
            progress = true;
        }
        Heard(partial: HasBegun(buffer), progress);
        return true;
    }
}
