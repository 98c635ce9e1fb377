// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Beffroi.Media.Rtcp;
using Beffroi.Media.Sockets;

namespace Beffroi.Media.Streams;

internal sealed partial class MediaStream
{
    private const double ReportSeconds = 5;                 // RFC 3550 §6.2: the minimum for two parties
    private long _nextReport;
    private long _sentAtLastReport;
    private bool _reported;
    private uint _sourceReport;                             // middle 32 bits of the NTP time in the peer's last sender report
    private ulong _sourceReportNtp;
    private uint _sourceReportRtp;
    private long _sourceReportAt;
    private uint _ownReport;                                // the same of ours
    private long _ownReportAt;
    private ReportBlock? _remote;
    private double _roundTrip = -1;                         // seconds
    private double _remoteLossSum;
    private int _remoteLossCount;

    /// <summary>Once a second.</summary>
    internal void Visit(long now)
    {
        if (_recording?.Look(now) is { } end) StopRecording(end);
        if (now >= _nextReport)
        {
            _nextReport = now + NextReportIn();
            SendReport(now, bye: false);
        }
        // A peer that holds (it sends only, or nothing) need not send: many telephones have no music of their own. Session timers tell whether it lives.
        var expects = _parameters is { Direction: MediaDirection.SendReceive } && !_timedOut && Leg.Sound == this;
        if (!expects || _shared.MediaTimeout == 0 || now - _heardAt < _shared.MediaTimeout) return;
        _timedOut = true;
        Leg.Listener.OnMediaTimeout(Leg);
    }

    /// <summary>RFC 3550 §6.2: half to one and a half of the interval, so that many legs do not report at once.</summary>
    private long NextReportIn() => (long)(ReportSeconds * (0.5 + Random.Shared.NextDouble()) * _shared.Frequency);

    private void SendBye()
    {
        if (_reported || _packetsSent > 0) SendReport(Carrier.Now, bye: true);
    }

    private unsafe void SendReport(long now, bool bye)
    {
        if (_parameters is null || (_packetsSent == 0 && !_source.Started)) return;
        var writer = new RtcpWriter(Carrier.Memory.OutBytes);
        WriteReport(ref writer, now);
        if (bye) writer.Bye(_out.Ssrc);
        SendRtcp(writer.Length);
        _reported = true;
    }

    private void WriteReport(ref RtcpWriter writer, long now)
    {
        ReportBlock? block = _source.Started
            ? new ReportBlock(_source.Ssrc, _source.TakeFractionLost(), _source.CumulativeLost, _source.ExtendedHighestSequence, (uint)_source.Jitter, _sourceReport,
                _sourceReport == 0 ? 0 : (uint)((now - _sourceReportAt) / (double)_shared.Frequency * 65536))
            : null;
        if (_packetsSent > _sentAtLastReport)
        {
            var (ntp, rtp) = SenderTimes(now);
            (_ownReport, _ownReportAt, _sentAtLastReport) = ((uint)(ntp >> 16), now, _packetsSent);
            writer.SenderReport(_out.Ssrc, ntp, rtp, (uint)_packetsSent, (uint)_bytesSent, block);
        }
        else
        {
            writer.ReceiverReport(_out.Ssrc, block);
        }
        writer.SourceDescription(_out.Ssrc, _shared.CanonicalName);
    }

    /// <summary>While relaying, the source's own clock: its sound and pictures stay together at the far end. Else ours.</summary>
    private (ulong Ntp, uint Rtp) SenderTimes(long now)
    {
        if (_peer is { _sourceReport: not 0 } peer && _out.TryMap(peer._source.Ssrc, peer._sourceReportRtp, out var mapped))
        {
            var since = (now - peer._sourceReportAt) / (double)_shared.Frequency;
            return (peer._sourceReportNtp + (ulong)(since * 4294967296.0), mapped + (uint)(long)(since * peer.ReceivedClockRate));
        }
        return (NtpTime.Of(_shared.Time.GetUtcNow()), _out.TimestampAt(now, _sendFormat?.ClockRate ?? 8000));
    }

    private int ReceivedClockRate => _receivedRoute < _routes.Length ? _routes[_receivedRoute].ClockRate : 8000;

    private unsafe void SendRtcp(int length)
    {
        if (_parameters is { RtcpMux: true }) TrySend(Sockets.RtpDescriptor, Carrier.Memory.Out, length, in _rtp.Target(_symmetric));
        else TrySend(Sockets.RtcpDescriptor, Carrier.Memory.Out, length, in _rtcp.Target(_symmetric));
    }

    private void TakeRtcp(ReadOnlySpan<byte> datagram, in NativeAddress source)
    {
        if (_parameters is not { } parameters)
        {
            Drop(DropReason.NotExpected);
            return;
        }
        var now = Carrier.Now;
        var known = parameters.RtcpMux ? _rtp.Source.Equals(source) || !_rtp.IsLocked
            : (!_rtp.IsLocked || _rtp.Source.HasSameHostAs(source)) && _rtcp.Accepts(source, _rtp.IsLocked, now, _shared.Frequency);
        if (!known)
        {
            Drop(DropReason.WrongSource);
            return;
        }
        var rest = datagram;
        var (any, leaves) = (false, false);
        while (RtcpView.TryRead(ref rest, out var packet))
        {
            any = true;
            leaves |= packet.Type == RtcpType.Bye;
            TakeRtcpPacket(packet, now);
        }
        if (!any || !rest.IsEmpty) Drop(DropReason.Malformed);
        // Reports alone are a sign of life: a peer that suppresses silence (RFC 3389) or is muted sends nothing else for minutes. One that said BYE (RFC 3550 §6.6) is gone.
        if (!any || leaves) return;
        _heardAt = now;
        _timedOut = false;
    }

    private void TakeRtcpPacket(in RtcpView packet, long now)
    {
        switch (packet.Type)
        {
            case RtcpType.SenderReport or RtcpType.ReceiverReport:
                if (packet.TryGetSenderTimes(out var ntp, out var rtp))
                    (_sourceReport, _sourceReportNtp, _sourceReportRtp, _sourceReportAt) = ((uint)(ntp >> 16), ntp, rtp, now);
                for (var i = 0; packet.TryGetReportBlock(i, out var block); i++)
                    if (block.Ssrc == _out.Ssrc) TakeReportBlock(block, now);
                break;
            case RtcpType.TransportFeedback or RtcpType.PayloadFeedback:
                PassFeedback(packet, now);
                break;
        }
    }

    private void TakeReportBlock(in ReportBlock block, long now)
    {
        _remote = block;
        _remoteLossSum += block.FractionLost / 256.0;
        _remoteLossCount++;
        if (block.LastSenderReport == 0 || block.LastSenderReport != _ownReport) return;
        var roundTrip = (now - _ownReportAt) / (double)_shared.Frequency - block.Delay / 65536.0;       // RFC 3550 §6.4.1, in our clock alone
        if (roundTrip is >= 0 and < 60) _roundTrip = roundTrip;
    }

    private void PassFeedback(in RtcpView packet, long now)
    {
        if (_peer is not { _parameters: not null } peer || !peer._source.Started) return;
        var writer = new RtcpWriter(Carrier.Memory.OutBytes);
        peer.WriteReport(ref writer, now);
        if (RtcpFeedback.TryTranslate(packet, _out, peer._out.Ssrc, peer._source.Ssrc, ref writer)) peer.SendRtcp(writer.Length);
    }

    /// <summary>A newly bridged viewer can show nothing before a whole picture: RFC 4585 §6.3.1.</summary>
    private void AskForPicture()
    {
        if (_parameters?.Kind != MediaKind.Video || !_source.Started) return;
        var writer = new RtcpWriter(Carrier.Memory.OutBytes);
        WriteReport(ref writer, Carrier.Now);
        writer.Feedback(RtcpType.PayloadFeedback, 1, _out.Ssrc, _source.Ssrc, 0);
        SendRtcp(writer.Length);
    }

    /// <summary>Any thread: each number is read by itself, so they may be one packet apart.</summary>
    internal MediaLegStatistics Statistics
    {
        get
        {
            var (format, remote, source) = (_sendFormat, _remote, _source);
            var clock = Math.Max(1, format?.ClockRate ?? 8000);
            var jitter = source.Jitter / clock;
            var loss = source.ExpectedInAll > 0 ? 100.0 * source.Lost / source.ExpectedInAll : 0;
            var remoteJitter = (remote?.Jitter ?? 0) / (double)clock;
            var remoteLoss = _remoteLossCount > 0 ? 100 * _remoteLossSum / _remoteLossCount : 0;
            var delay = TimeSpan.FromSeconds(Math.Max(0, _roundTrip) / 2);
            var name = format?.Encoding;
            return new MediaLegStatistics(
                name, _packetsReceived, _bytesReceived, _packetsSent, _bytesSent, source.Lost, loss, jitter * 1000,
                Math.Max(0, remote?.CumulativeLost ?? 0), remoteLoss, remoteJitter * 1000, _roundTrip < 0 ? null : _roundTrip * 1000,
                Score(_packetsReceived > 0, delay, jitter, loss), Score(remote is not null, delay, remoteJitter, remoteLoss));

            double? Score(bool known, TimeSpan oneWay, double jitterSeconds, double lossPercent) =>
                known && name is not null ? EModel.Mos(oneWay, TimeSpan.FromSeconds(Math.Min(1, jitterSeconds)), lossPercent, name, PacketMs) : null;
        }
    }
}
