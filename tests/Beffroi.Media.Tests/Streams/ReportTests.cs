// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Beffroi.Media.Rtcp;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Media.Tests.Streams;

public sealed class ReportTests
{
    private static readonly RtpFormat H264 = new(97, "H264", 90000);

    [Fact]
    public void Each_leg_gets_reports_of_its_own_and_its_round_trip_is_measured()
    {
        var time = new ManualTime();
        using var studio = new Studio(time);
        var (alice, bob) = studio.Call(Studio.Pcma);
        for (var i = 0; i < 10; i++)
        {
            if (i == 4) alice.Lose();
            else alice.Speak(8);
            studio.PassMs(20);
        }
        studio.PassMs(9000);
        Assert.True(TryFind(alice.HearReport(), RtcpType.ReceiverReport, out var toAlice));
        Assert.Equal((alice.Ssrc, 1), (toAlice.Block!.Value.Ssrc, toAlice.Block.Value.CumulativeLost));
        Assert.True(TryFind(bob.HearReport(), RtcpType.SenderReport, out var toBob));
        var heard = bob.HearAll();
        Assert.Equal(heard[0].Ssrc, toBob.Ssrc);

        studio.PassMs(100);
        bob.SendReport(Report(bob.Ssrc, new ReportBlock(toBob.Ssrc, 64, 5, 0, 80, toBob.NtpMiddle, 0)));
        studio.Settle();
        var statistics = bob.Leg.Statistics;
        Assert.InRange(statistics.RoundTripMs!.Value, 100, 9200);
        Assert.Equal((5, 25.0, 10.0), (statistics.RemoteLost, statistics.RemoteLossPercent, statistics.RemoteJitterMs));
        Assert.InRange(statistics.MosSent!.Value, 1, 3.5);
        Assert.InRange(alice.Leg.Statistics.MosReceived!.Value, 3, 4.5);
        Assert.Equal((9, "PCMA"), (alice.Leg.Statistics.PacketsReceived, alice.Leg.Statistics.Codec));
        Assert.Equal(9, statistics.PacketsSent);
    }

    [Fact]
    public void Reports_share_the_port_when_both_sides_agreed_to_it()
    {
        using var studio = new Studio(new ManualTime());
        var alice = studio.Phone(line => line with { Formats = [Studio.Pcma], RtcpMux = true });
        studio.Settle();
        alice.Speak(8);
        studio.Settle();
        alice.SendBytes(Report(alice.Ssrc, null));
        studio.PassMs(9000);
        Assert.Equal(0, studio.Dropped(DropReason.NotExpected));
        var buffer = new byte[300];
        Assert.InRange(alice.Rtp.Receive(buffer), 8, 300);
        Assert.Equal(201, buffer[1]);
    }

    [Fact]
    public void A_leg_says_bye_when_it_closes()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        alice.Speak(8);
        bob.Hear();
        bob.Leg.Close();
        var datagram = bob.HearReport();
        ReadOnlySpan<byte> rest = datagram;
        var types = new List<RtcpType>();
        while (RtcpView.TryRead(ref rest, out var packet)) types.Add(packet.Type);
        Assert.Equal([RtcpType.SenderReport, RtcpType.SourceDescription, RtcpType.Bye], types);
    }

    [Fact]
    public void Reports_keep_a_silent_phone_alive_until_it_says_bye()
    {
        var time = new ManualTime();
        using var studio = new Studio(time);
        var alice = studio.Phone(Studio.Pcma);
        studio.Settle();
        alice.Speak(8);
        for (var i = 0; i < 6; i++)
        {
            studio.PassMs(10_000);
            alice.SendReport(Report(alice.Ssrc, null));
            studio.Settle();
        }
        Assert.Equal(0, alice.Events.Timeouts);
        var buffer = new byte[200];
        var writer = new RtcpWriter(buffer);
        writer.ReceiverReport(alice.Ssrc, null);
        writer.Bye(alice.Ssrc);
        studio.PassMs(20_000);
        alice.SendReport(buffer[..writer.Length]);
        studio.PassMs(12_000);
        Assert.Equal(1, alice.Events.Timeouts);
    }

    [Fact]
    public void A_request_for_a_picture_reaches_its_maker_in_the_makers_terms()
    {
        using var studio = new Studio();
        var (alice, bob) = (Viewer(studio), Viewer(studio));
        alice.Leg.Bridge(bob.Leg);
        studio.Settle();
        alice.Send(97, 700, 9000, [1]);
        var shown = bob.Hear();
        bob.Send(97, 5, 9000, [1]);
        var ours = alice.Hear().Ssrc;

        bob.SendReport(Feedback(RtcpType.PayloadFeedback, 1, bob.Ssrc, shown.Ssrc, []));
        Assert.Equal((alice.Ssrc, ours), Find(alice, RtcpType.PayloadFeedback, 1, out _));

        bob.SendReport(Feedback(RtcpType.TransportFeedback, 1, bob.Ssrc, shown.Ssrc, [(byte)(shown.Sequence >> 8), (byte)shown.Sequence, 0, 3]));
        Assert.Equal((alice.Ssrc, ours), Find(alice, RtcpType.TransportFeedback, 1, out var nack));
        Assert.Equal(700, BinaryPrimitives.ReadUInt16BigEndian(nack));
        Assert.Equal(3, nack[3]);

        bob.SendReport(Feedback(RtcpType.PayloadFeedback, 4, bob.Ssrc, 0, [0, 0, 0, 0, 9, 0, 0, 0]));
        Find(alice, RtcpType.PayloadFeedback, 4, out var intra);
        Assert.Equal(alice.Ssrc, BinaryPrimitives.ReadUInt32BigEndian(intra));
        Assert.Equal(9, intra[4]);
    }

    [Fact]
    public void A_new_viewer_makes_us_ask_for_a_whole_picture()
    {
        using var studio = new Studio();
        var (alice, bob, carol) = (Viewer(studio), Viewer(studio), Viewer(studio));
        alice.Leg.Bridge(bob.Leg);
        studio.Settle();
        alice.Send(97, 700, 9000, [1]);
        bob.Hear();
        alice.Leg.Bridge(carol.Leg);
        Find(alice, RtcpType.PayloadFeedback, 1, out _);
    }

    [Fact]
    public void The_makers_own_clock_is_passed_on_so_that_sound_and_picture_stay_together()
    {
        using var studio = new Studio(new ManualTime());
        var (alice, bob) = studio.Call(Studio.Pcma);
        alice.Send(8, 1, 16_000, [1]);
        var buffer = new byte[100];
        var writer = new RtcpWriter(buffer);
        writer.SenderReport(alice.Ssrc, 0x0000_00AA_0000_0000, 16_000, 1, 1, null);
        alice.SendReport(buffer[..writer.Length]);
        studio.PassMs(9000);
        var first = bob.HearAll()[0];
        Assert.True(TryFind(bob.HearReport(), RtcpType.SenderReport, out var report));
        var seconds = (report.Ntp - 0x0000_00AA_0000_0000) / 4294967296.0;
        Assert.Equal(seconds * 8000, report.Rtp - first.Timestamp, 2.0);
    }

    [Fact]
    public void Reports_of_strangers_and_rubbish_are_dropped()
    {
        using var studio = new Studio();
        var alice = studio.Phone(Studio.Pcma);
        studio.Settle();
        alice.Speak(8);
        alice.SendReport(Report(1, null));
        studio.Settle();
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.5"), 0));
        stranger.SendTo(Report(1, null), alice.Leg.LocalRtcp());
        alice.SendReport([1, 2, 3]);
        alice.SendReport([0x80, 200, 0, 99]);
        studio.Settle();
        Assert.Equal(1, studio.Dropped(DropReason.WrongSource));
        Assert.Equal(2, studio.Dropped(DropReason.Malformed));
    }

    private static Phone Viewer(Studio studio) => studio.Phone(line => line with { Kind = MediaKind.Video, Formats = [H264] });

    private static byte[] Report(uint ssrc, ReportBlock? block)
    {
        var buffer = new byte[200];
        var writer = new RtcpWriter(buffer);
        writer.ReceiverReport(ssrc, block);
        writer.SourceDescription(ssrc, "phone"u8);
        return buffer[..writer.Length];
    }

    private static byte[] Feedback(RtcpType type, int format, uint sender, uint media, byte[] control)
    {
        var buffer = new byte[200];
        var writer = new RtcpWriter(buffer);
        writer.ReceiverReport(sender, null);
        control.CopyTo(writer.Feedback(type, format, sender, media, control.Length));
        return buffer[..writer.Length];
    }

    /// <summary>Waits for feedback of a kind; gives back who it is about and who sent it.</summary>
    private static (uint Media, uint Sender) Find(Phone phone, RtcpType type, int format, out byte[] control)
    {
        for (var datagrams = 0; datagrams < 10; datagrams++)
        {
            ReadOnlySpan<byte> rest = phone.HearReport();
            while (RtcpView.TryRead(ref rest, out var packet))
            {
                if (packet.Type != type || packet.Count != format) continue;
                control = packet.Bytes[12..].ToArray();
                return (BinaryPrimitives.ReadUInt32BigEndian(packet.Bytes[8..]), packet.SenderSsrc);
            }
        }
        throw new InvalidOperationException("no such feedback");
    }

    private static bool TryFind(byte[] datagram, RtcpType type, out (uint Ssrc, ulong Ntp, uint NtpMiddle, uint Rtp, ReportBlock? Block) found)
    {
        found = default;
        ReadOnlySpan<byte> rest = datagram;
        if (!RtcpView.TryRead(ref rest, out var packet) || packet.Type != type) return false;
        packet.TryGetSenderTimes(out var ntp, out var rtp);
        found = (packet.SenderSsrc, ntp, (uint)(ntp >> 16), rtp, packet.TryGetReportBlock(0, out var block) ? block : null);
        return true;
    }
}
