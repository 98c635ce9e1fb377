// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media;
using Beffroi.Server.Platform.Live;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Timers;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Server.Platform.SipHost;

/// <summary>What the SIP stack holds now and has done. Every gauge goes back to what it was when the calls are over: bench/soak checks it.</summary>
internal sealed class SipMetrics(SipStack stack, SipTransportLayer transport, TimingWheel wheel) : IMetricSource
{
    public void Write(MetricWriter metrics)
    {
        metrics.Gauge("sip_transactions", "SIP transactions in the tables.", stack.Transactions);
        metrics.Gauge("sip_dialogs", "Early and confirmed SIP dialogs, of sessions and subscriptions.", stack.Dialogs);
        metrics.Gauge("sip_sessions", "SIP sessions not yet ended.", stack.Sessions);
        metrics.Gauge("sip_timers", "Timers armed on the wheel, of transactions, sessions and calls.", wheel.Count);
        metrics.Gauge("sip_udp_flows", "UDP peers remembered.", transport.UdpFlows);
        metrics.Gauge("sip_connections", "SIP connections open, both directions.", transport.Counters.OpenConnections);
        metrics.Gauge("sip_sources", "Source addresses whose rate and failures are remembered.", transport.Guard.Sources);
        metrics.Counter("sip_bans_total", "Bans of source addresses.", transport.Guard.Bans);
        WriteStack(metrics, stack.Counters);
        WriteTransport(metrics, transport.Counters);
    }

    private static void WriteStack(MetricWriter metrics, StackCounters counters)
    {
        metrics.Counter("sip_requests_total", "SIP requests that reached the stack.", counters.Requests);
        metrics.Counter("sip_responses_total", "SIP responses that reached the stack.", counters.Responses);
        metrics.Counter("sip_strays_total", "Responses and ACKs that belong to nothing: dropped.", counters.Strays);
        metrics.Counter("sip_retransmissions_total", "Messages sent again because of a timer.", counters.Retransmissions);
        metrics.Counter("sip_unsendable_total", "Responses that the transport did not take.", counters.Unsendable);
        metrics.Counter("sip_refused_total", "Requests that the stack refused by itself.", counters.Refused);
        metrics.Counter("sip_merged_total", "Requests refused because they came by two ways (482).", counters.Merged);
        metrics.Counter("sip_loops_total", "Requests refused because they had been here before (482).", counters.Loops);
    }

    private static void WriteTransport(MetricWriter metrics, SipTransportCounters counters)
    {
        foreach (var kind in Enum.GetValues<SipTransportKind>())
            metrics.Counter("sip_messages_received_total", "SIP messages that reached the layer above the transport.", counters.Received(kind), ("transport", Word(kind)));
        foreach (var kind in Enum.GetValues<SipTransportKind>())
            metrics.Counter("sip_messages_sent_total", "SIP messages handed to the network.", counters.Sent(kind), ("transport", Word(kind)));
        metrics.Counter("sip_stun_answered_total", "STUN keep-alives of phones answered on SIP ports.", counters.StunAnswered);
        foreach (var reason in Enum.GetValues<SipDropReason>())
            metrics.Counter("sip_drops_total", "SIP messages and connections not heard, not answered or not sent, by reason.", counters.Dropped(reason), ("reason", Word(reason)));
        foreach (var fault in Enum.GetValues<SipParseFault>())
            if (fault != SipParseFault.None) metrics.Counter("sip_faults_total", "SIP messages with this fault, answered or not.", counters.Faults(fault), ("fault", Word(fault)));
    }

    /// <summary>A label's value: lower case, so that queries need not know our spelling.</summary>
    internal static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}

/// <summary>What the media engine holds now and has done.</summary>
internal sealed class MediaMetrics(MediaEngine media) : IMetricSource
{
    public void Write(MetricWriter metrics)
    {
        var counters = media.Counters;
        metrics.Gauge("media_legs", "Media legs open.", counters.Legs);
        metrics.Gauge("media_ports_in_use", "UDP ports bound for RTP and RTCP.", counters.PortsInUse);
        metrics.Gauge("media_ports_in_quarantine", "UDP ports closed too short ago to be used again.", counters.PortsInQuarantine);
        metrics.Gauge("media_playing", "Legs that hear a prompt or music.", counters.Playing);
        metrics.Gauge("media_recording", "Legs that are recorded.", counters.Recording);
        metrics.Counter("media_packets_received_total", "RTP and RTCP packets received.", counters.PacketsReceived);
        metrics.Counter("media_packets_sent_total", "RTP and RTCP packets sent.", counters.PacketsSent);
        metrics.Counter("media_bytes_received_total", "Bytes of these packets, without IP and UDP headers.", counters.BytesReceived);
        metrics.Counter("media_bytes_sent_total", "Bytes of these packets, without IP and UDP headers.", counters.BytesSent);
        foreach (var (reason, count) in counters.Drops) metrics.Counter("media_drops_total", "Media datagrams not used, by reason.", count, ("reason", SipMetrics.Word(reason)));
        metrics.Counter("media_faults_total", "Exceptions caught on media threads: each is a bug.", counters.Faults);
    }
}
