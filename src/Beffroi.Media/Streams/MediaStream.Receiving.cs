// SPDX-License-Identifier: EUPL-1.2
using System.Runtime.CompilerServices;
using Beffroi.Media.Buffers;
using Beffroi.Media.Codecs;
using Beffroi.Media.Rtp;
using Beffroi.Media.Sockets;

namespace Beffroi.Media.Streams;

internal sealed partial class MediaStream
{
    private SourceStatistics _source;
    private TelephoneEventReceiver _events;
    private DtmfDetector? _detector;
    private IAudioDecoder? _decoder;
    private int _decoderType = -1;
    private long _packetsReceived;
    private long _bytesReceived;
    private long _heardAt;
    private bool _timedOut;
    private int _receivedRoute;

    /// <summary>One datagram from the RTP port. Never throws for what is in it.</summary>
    internal void ReadRtp()
    {
        if (!TryReceive(Sockets.RtpDescriptor, out var datagram, out var source)) return;
        switch (Demultiplexer.Classify(datagram))
        {
            case DatagramKind.Rtp:
                TakeRtp(datagram, source);
                break;
            case DatagramKind.Rtcp when _parameters is { RtcpMux: true }:
                TakeRtcp(datagram, source);
                break;
            case DatagramKind.Rtcp:
                Drop(DropReason.NotExpected);
                break;
            case DatagramKind.Stun when StunHeader.TryParse(datagram, out _):
            case DatagramKind.Dtls:
                Drop(DropReason.NotSpoken);
                break;
            default:
                Drop(DropReason.Malformed);
                break;
        }
    }

    /// <summary>One datagram from the RTCP port.</summary>
    internal void ReadRtcp()
    {
        if (!TryReceive(Sockets.RtcpDescriptor, out var datagram, out var source)) return;
        if (Demultiplexer.Classify(datagram) == DatagramKind.Rtcp) TakeRtcp(datagram, source);
        else Drop(DropReason.Malformed);
    }

    private unsafe bool TryReceive(int descriptor, out Span<byte> datagram, out NativeAddress source)
    {
        var (memory, counters) = (Carrier.Memory, Carrier.Counters);
        var sourceLength = NativeAddress.Size;
        var length = (int)Libc.ReceiveFrom(descriptor, memory.In, PacketMemory.PacketSize, Libc.MsgTrunc, memory.Source, &sourceLength);
        source = *memory.Source;
        datagram = default;
        if (length < 0) return false;                                       // nothing there after all, or an ICMP error that the read has cleared
        counters.PacketsReceived++;
        counters.BytesReceived += length;
        if (length > PacketMemory.PacketSize)
        {
            counters.Drop(DropReason.TooLong);
            return false;
        }
        datagram = memory.InBytes[..length];
        return true;
    }

    private void TakeRtp(Span<byte> datagram, in NativeAddress source)
    {
        if (!RtpView.TryParse(datagram, out var packet))
        {
            Drop(DropReason.Malformed);
            return;
        }
        if (_parameters is null)
        {
            Drop(DropReason.NotExpected);
            return;
        }
        var at = RouteOf(packet.PayloadType);
        if (at < 0)
        {
            Drop(DropReason.UnknownPayloadType);
            return;
        }
        var now = Carrier.Now;
        if (!_rtp.Accepts(source, _source.IsContinuedBy(packet.Ssrc, packet.Sequence), now, _shared.Frequency))
        {
            Drop(DropReason.WrongSource);
            return;
        }
        ref readonly var route = ref _routes[at];
        var first = !_source.Started;
        if (!Count(packet, route, now)) return;
        _receivedRoute = at;
        if (first && Leg.Streams[0] == this) Leg.Listener.OnFirstPacket(Leg);
        if (!_canReceive) Drop(DropReason.NotExpected);
        else Use(datagram, packet, route, now);
    }

    private bool Count(in RtpView packet, in PayloadRoute route, long now)
    {
        _heardAt = now;
        _timedOut = false;
        if (!_source.Started || packet.Ssrc != _source.Ssrc)
        {
            _source.Start(packet.Ssrc, packet.Sequence);
            _events.Restart();
        }
        if (!_source.Add(packet.Sequence))
        {
            Drop(DropReason.Late);
            return false;
        }
        if (!route.IsEvent) _source.AddArrival(ToRtpUnits(now, route.ClockRate), packet.Timestamp);
        _packetsReceived++;
        _bytesReceived += packet.Payload.Length;
        return true;
    }

    private void Use(Span<byte> datagram, in RtpView packet, in PayloadRoute route, long now)
    {
        var samples = Span<short>.Empty;
        if (route.IsEvent)
        {
            TakeEvent(packet, route);
        }
        else if (_detector is not null || _recording is not null || route.Action == RouteAction.Transcode)
        {
            samples = Carrier.Memory.Samples[..Decode(packet.Payload, route)];
            Hear(samples, packet.Timestamp, now);
        }
        if (_peer is not null && !IsHeld) Relay(datagram, packet, route, samples, now);
    }

    private void TakeEvent(in RtpView packet, in PayloadRoute route)
    {
        if (!TelephoneEvent.TryParse(packet.Payload, out var received) || !_events.TryTake(received, packet.Timestamp, out var key)) return;
        TellDigit(key, DigitSource.Rfc4733);
        if (route.Action == RouteAction.Stop && _peer is { } peer && !IsHeld) peer.SendDigits(new DigitRow(key.ToString(), 100, 40));
    }

    private void TellDigit(char key, DigitSource source)
    {
        Leg.Listener.OnDigit(Leg, key, source);
        if (_recording is not null && _recording.Options.StopKeys.Contains(key, StringComparison.OrdinalIgnoreCase)) StopRecording(RecordingEnd.StopKey, key);
    }

    /// <summary>Into the thread's memory; nothing for what we do not decode (comfort noise, other codecs).</summary>
    private int Decode(ReadOnlySpan<byte> payload, in PayloadRoute route)
    {
        if (_decoderType != route.PayloadType)
        {
            _decoder?.Dispose();
            _decoderType = route.PayloadType;
            if (!AudioCodecs.TryCreateDecoder(route.Format, out _decoder)) _decoder = null;
        }
        return _decoder?.Decode(payload, Carrier.Memory.Samples) ?? 0;
    }

    [SkipLocalsInit]
    private void Hear(ReadOnlySpan<short> samples, uint timestamp, long now)
    {
        if (samples.IsEmpty) return;
        if (_detector is { } detector && _decoder!.SampleRate == detector.SampleRate)
        {
            Span<char> keys = stackalloc char[8];
            var found = detector.Process(samples, keys);
            for (var i = 0; i < found; i++) TellDigit(keys[i], DigitSource.InBand);
        }
        if (_recording is { } recording) TellRecorded(recording.Take(samples, _decoder!.SampleRate, timestamp, now));
    }

    private void DropCodecs()
    {
        _decoder?.Dispose();
        _decoder = null;
        _decoderType = -1;
        DropEncoder();
    }

    private uint ToRtpUnits(long now, int clockRate) => (uint)(long)((double)now / _shared.Frequency * clockRate);
}
