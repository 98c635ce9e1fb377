// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using Beffroi.Media.Rtp;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Media.Tests.Streams;

/// <summary>A packet as it came off the wire.</summary>
internal sealed record Heard(int PayloadType, bool Marker, ushort Sequence, uint Timestamp, uint Ssrc, byte[] Payload);

/// <summary>A peer made of two sockets.</summary>
internal sealed class Phone : IDisposable
{
    private readonly Socket _rtcp;
    private ushort _sequence = 1000;
    private uint _timestamp = 50_000;

    internal Phone(MediaLeg leg, HeardEvents events, IPAddress address)
    {
        Leg = leg;
        Events = events;
        (Rtp, _rtcp) = (Open(address), Open(address));
    }

    internal MediaLeg Leg { get; }

    internal HeardEvents Events { get; }

    internal Socket Rtp { get; }

    internal uint Ssrc { get; set; } = (uint)Random.Shared.Next();

    internal IPEndPoint Address => (IPEndPoint)Rtp.LocalEndPoint!;

    internal IPEndPoint RtcpAddress => (IPEndPoint)_rtcp.LocalEndPoint!;

    internal StreamParameters? Line { get; private set; }

    internal void Negotiate(Func<StreamParameters, StreamParameters> adjust)
    {
        Line = adjust(Line ?? new StreamParameters { RemoteRtp = Address, RemoteRtcp = RtcpAddress });
        Leg.Apply(new MediaLegParameters([Line]));
    }

    /// <summary>The next packet of a stream that runs on: 20 ms after the former.</summary>
    internal void Speak(int payloadType, byte[]? payload = null, bool marker = false)
    {
        Send(payloadType, _sequence++, _timestamp, payload ?? new byte[160], marker);
        _timestamp += 160;
    }

    /// <summary>As if a packet had been sent and lost.</summary>
    internal void Lose() => (_sequence, _timestamp) = ((ushort)(_sequence + 1), _timestamp + 160);

    internal void Send(int payloadType, ushort sequence, uint timestamp, byte[] payload, bool marker = false, Socket? from = null, uint? ssrc = null)
    {
        var packet = new byte[12 + payload.Length];
        RtpHeader.Write(packet, payloadType, marker, sequence, timestamp, ssrc ?? Ssrc);
        payload.CopyTo(packet, 12);
        SendBytes(packet, from);
    }

    internal void SendBytes(byte[] datagram, Socket? from = null) => (from ?? Rtp).SendTo(datagram, Leg.LocalRtp());

    internal void SendReport(byte[] datagram) => _rtcp.SendTo(datagram, Leg.LocalRtcp());

    internal void Press(byte digit, uint timestamp, int duration, bool end = false, bool marker = false, int type = 101)
    {
        var payload = new byte[TelephoneEvent.Size];
        new TelephoneEvent(digit, end, 10, (ushort)duration).Write(payload);
        Send(type, _sequence++, timestamp, payload, marker);
    }

    internal Heard Hear()
    {
        var packet = Receive(Rtp);
        Assert.True(RtpView.TryParse(packet, out var view));
        return new Heard(view.PayloadType, view.Marker, view.Sequence, view.Timestamp, view.Ssrc, view.Payload.ToArray());
    }

    internal List<Heard> HearAll()
    {
        var heard = new List<Heard>();
        while (Rtp.Available > 0) heard.Add(Hear());
        return heard;
    }

    internal byte[] HearReport() => Receive(_rtcp);

    internal bool HasReport => _rtcp.Available > 0;

    public void Dispose()
    {
        Rtp.Dispose();
        _rtcp.Dispose();
    }

    internal static Socket Open(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = (int)TestTimeouts.Network.TotalMilliseconds };
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    private static byte[] Receive(Socket socket)
    {
        var buffer = new byte[2048];
        return buffer[..socket.Receive(buffer)];
    }
}
