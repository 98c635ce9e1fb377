// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Net;
using Beffroi.Media.Codecs;
using Beffroi.Media.Rtp;
using Beffroi.Media.Sockets;

namespace Beffroi.Media.Streams;

/// <summary>One m-line of one leg: an RTP session with one peer.</summary>
/// <remarks>Threading: the leg's media thread, except what says otherwise. Statistics are read by any thread, each number by itself.</remarks>
internal sealed partial class MediaStream : ClockEntry
{
    private readonly MediaShared _shared;
    private StreamParameters? _parameters;
    private RtpFormat? _sendFormat;
    private PayloadRoute[] _routes = [];
    private RtpTimeline _out;
    private RemoteLatch _rtp;
    private RemoteLatch _rtcp;
    private MediaStream? _peer;
    private MediaThread? _carrier;
    private bool _canSend;
    private bool _canReceive;
    private bool _symmetric;

    internal MediaStream(MediaLeg leg, MediaShared shared, PortPair sockets, IPAddress address, RtpTimeline timeline)
    {
        Leg = leg;
        _shared = shared;
        Sockets = sockets;
        Address = address;
        _out = timeline;
        IsOpen = true;
    }

    internal MediaLeg Leg { get; }

    internal PortPair Sockets { get; }

    internal IPAddress Address { get; }

    /// <summary>Place in its thread's table.</summary>
    internal int Slot { get; set; } = -1;

    internal bool IsOpen { get; private set; }

    /// <summary>Nothing is relayed to or from it. Kept here too: the relay path reads no leg.</summary>
    internal bool IsHeld { get; set; }

    private MediaThread Carrier => _carrier!;

    internal void EnterThread(MediaThread thread)
    {
        if (Slot >= 0) return;                                              // a stream added while its leg was on its way came with it
        _carrier = thread;
        IsHeld = Leg.IsHeld;
        thread.Register(this);
        var now = thread.Now;
        if (_heardAt == 0) _heardAt = now;
        if (_nextReport == 0) _nextReport = now + NextReportIn();
        if (_play is not null) thread.Counters.Playing++;
        if (_recording is not null) thread.Counters.Recording++;
        Pace();
    }

    /// <summary>Before the leg goes to another thread.</summary>
    internal void LeaveThread()
    {
        if (Slot < 0) return;
        Unlink();
        Carrier.Clock.Cancel(this);
        if (_play is not null) Carrier.Counters.Playing--;
        if (_recording is not null) Carrier.Counters.Recording--;
        Carrier.Unregister(this, closing: false);
    }

    internal void Close()
    {
        if (!IsOpen || Slot < 0) return;
        SendBye();
        Unlink();
        StopPlaying();
        StopRecording(RecordingEnd.LegClosed);
        _digits = null;
        _digitRows = null;
        Carrier.Clock.Cancel(this);
        Carrier.Unregister(this, closing: true);
        IsOpen = false;
        Sockets.Close();
        _shared.Ports.Return(Sockets.Port);
        DropCodecs();
    }

    /// <param name="parameters">Null: the peer has no such m-line any more.</param>
    internal void Apply(StreamParameters? parameters)
    {
        var formats = parameters is null || parameters.Disabled || parameters.Formats.IsDefault ? [] : parameters.Formats;
        _parameters = parameters is null || parameters.Disabled ? null : parameters with { Formats = formats };
        _canReceive = parameters is { Disabled: false, Direction: MediaDirection.SendReceive or MediaDirection.ReceiveOnly };
        _canSend = parameters is { Disabled: false, Direction: MediaDirection.SendReceive or MediaDirection.SendOnly };
        _symmetric = parameters?.Symmetric ?? true;
        var remote = NativeAddress.From(parameters?.RemoteRtp);
        _rtp.Signal(remote);
        _rtcp.Signal(parameters?.RemoteRtcp is { } named ? NativeAddress.From(named) : remote.IsSet ? remote.WithPort(remote.Port + 1) : default);
        _sendFormat = PayloadRoute.SendFormat(formats);
        if (_timedOut || _heardAt != 0) (_heardAt, _timedOut) = (Carrier.Now, false);
        DropCodecs();
        SetDetector(formats);
        Reroute();
        _peer?.Reroute();
        TakeSendFormat();
    }

    /// <summary>Both directions; a former partner of either is let go.</summary>
    internal void Link(MediaStream other)
    {
        Unlink();
        if (other != this) other.Unlink();
        _peer = other;
        other._peer = this;
        Renew();
        if (other != this) other.Renew();
    }

    internal void Unlink()
    {
        var former = _peer;
        if (former is null) return;
        _peer = null;
        former._peer = null;
        Reroute();
        former.Reroute();
    }

    private void Renew()
    {
        _out.Release();
        Reroute();
        AskForPicture();
    }

    private void Reroute()
    {
        _routes = PayloadRoute.Build(_parameters?.Formats ?? [], _peer?._parameters?.Formats);
        DropEncoder();
    }

    private int RouteOf(int payloadType)
    {
        for (var i = 0; i < _routes.Length; i++)
            if (_routes[i].PayloadType == payloadType) return i;
        return -1;
    }

    private void Drop(DropReason reason) => Carrier.Counters.Drop(reason);

    private void SetDetector(ImmutableArray<RtpFormat> formats)
    {
        _detector = null;
        if (_parameters?.Kind != MediaKind.Audio || _sendFormat is null || formats.Any(format => format.IsTelephoneEvent)) return;
        if (AudioCodecs.TryCreateDecoder(_sendFormat, out var decoder))
        {
            _detector = new DtmfDetector(decoder.SampleRate);
            decoder.Dispose();
        }
    }
}
