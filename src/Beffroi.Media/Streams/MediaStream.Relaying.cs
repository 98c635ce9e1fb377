// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Beffroi.Media.Rtp;
using Beffroi.Media.Sockets;

namespace Beffroi.Media.Streams;

internal sealed partial class MediaStream
{
    private IAudioEncoder? _encoder;
    private Resampler? _resampler;
    private long _packetsSent;
    private long _bytesSent;

    /// <summary>True while we make what this stream sends: what its partner says waits outside.</summary>
    private bool IsOccupied => _play is not null || _tones is not null || _digits is not null;

    /// <summary>Hands one packet to the bridged stream. Its header is rewritten in place; the rest leaves as it came.</summary>
    private unsafe void Relay(Span<byte> datagram, in RtpView packet, in PayloadRoute route, ReadOnlySpan<short> samples, long now)
    {
        var peer = _peer!;
        var (ssrc, sequence, timestamp) = (packet.Ssrc, packet.Sequence, packet.Timestamp);
        if (route.Action == RouteAction.Stop || !peer._canSend || peer.IsHeld || peer.IsOccupied)
        {
            peer._out.Withhold(ssrc, sequence);
            if (route is { Action: RouteAction.Stop, IsEvent: false, IsComfortNoise: false }) Drop(DropReason.NotRelayable);
            return;
        }
        if (!peer._out.TryRelay(ssrc, sequence, timestamp, now, route.ClockRate, out var outSequence, out var outTimestamp, out var begins))
        {
            Drop(DropReason.Late);
            return;
        }
        var marker = packet.Marker || begins && _parameters!.Kind == MediaKind.Audio;   // a picture's marker is the end of a frame: never set by us
        if (route.Action == RouteAction.Pass)
        {
            RtpHeader.Rewrite(datagram, route.OutPayloadType, marker, outSequence, outTimestamp, peer._out.Ssrc);
            peer.SendRtp(Carrier.Memory.In, datagram.Length, packet.Payload.Length);
            return;
        }
        var target = Carrier.Memory.OutBytes;
        RtpHeader.Write(target, route.OutPayloadType, marker, outSequence, outTimestamp, peer._out.Ssrc);
        var length = Encode(peer, samples, target[RtpView.FixedHeader..]);
        if (length > 0) peer.SendRtp(Carrier.Memory.Out, RtpView.FixedHeader + length, length);
    }

    private int Encode(MediaStream peer, ReadOnlySpan<short> samples, Span<byte> payload)
    {
        if (samples.IsEmpty || _decoder is null || peer._sendFormat is not { } format) return 0;
        if (_encoder is null && !AudioCodecs.TryCreateEncoder(format, out _encoder)) return 0;
        if (_encoder!.SampleRate == _decoder.SampleRate) return _encoder.Encode(samples, payload);
        if (_resampler is null || _resampler.From != _decoder.SampleRate) _resampler = new Resampler(_decoder.SampleRate, _encoder.SampleRate);
        var resampled = Carrier.Memory.Resampled;
        return _encoder.Encode(resampled[.._resampler.Process(samples, resampled)], payload);
    }

    private void DropEncoder()
    {
        _encoder?.Dispose();
        _encoder = null;
        _resampler = null;
    }

    /// <param name="length">Of the whole packet.</param>
    /// <param name="payloadLength">For sender reports, which count without headers (RFC 3550 §6.4.1).</param>
    private unsafe void SendRtp(byte* packet, int length, int payloadLength)
    {
        if (!TrySend(Sockets.RtpDescriptor, packet, length, in _rtp.Target(_symmetric))) return;
        _packetsSent++;
        _bytesSent += payloadLength;
    }

    private unsafe bool TrySend(int descriptor, byte* packet, int length, in NativeAddress target)
    {
        if (!target.IsSet) return false;
        var counters = Carrier.Counters;
        fixed (NativeAddress* native = &target)
        {
            if (Libc.SendTo(descriptor, packet, length, 0, native, target.Length) < 0)
            {
                counters.Drop(DropReason.SendFailed);
                return false;
            }
        }
        counters.PacketsSent++;
        counters.BytesSent += length;
        return true;
    }
}
