// SPDX-License-Identifier: EUPL-1.2
using System.ComponentModel.DataAnnotations;

namespace Beffroi.Sip.UserAgent;

/// <summary>Timers and identity of the user-agent core. The defaults are those of the RFCs; tests shorten nothing, they move the clock.</summary>
public sealed record SipStackOptions
{
    /// <summary>Estimate of the round trip (RFC 3261 §17.1.1.1). Default 500 ms.</summary>
    public TimeSpan T1 { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest interval between retransmissions of a non-INVITE request or an INVITE response. Default 4 s.</summary>
    public TimeSpan T2 { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Longest life of a message in the network. Default 5 s.</summary>
    public TimeSpan T4 { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A 100 Trying goes out when the core has said nothing for this long (RFC 3261 §17.2.1). Default 200 ms.</summary>
    public TimeSpan TryingAfter { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A provisional response is repeated this often while ringing, so that no proxy gives up (RFC 3261 §13.3.1.1). Default 60 s.</summary>
    public TimeSpan ProgressEvery { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Session interval asked for (RFC 4028 §4). Default 1800 s.</summary>
    public TimeSpan SessionExpires { get; init; } = TimeSpan.FromSeconds(1800);

    /// <summary>Shortest session interval accepted (RFC 4028 §5: never under 90 s). Default 90 s.</summary>
    [Range(typeof(TimeSpan), "00:01:30", "1.00:00:00")]
    public TimeSpan MinSessionExpires { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>A request of more than 1,300 bytes to a UDP peer goes by TCP where the peer takes it (RFC 3261 §18.1.1). Default true; false where we do not listen on TCP,
    /// since the peer could not answer with requests of its own.</summary>
    public bool LargeRequestsByTcp { get; init; } = true;

    /// <summary>How long such a request waits for its TCP connection before it goes by UDP after all. Default 2 s: one lost SYN is borne.</summary>
    public TimeSpan LargeRequestPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Text of User-Agent in requests and Server in responses; empty: neither is written.</summary>
    public string Product { get; init; } = "Beffroi";

    /// <summary>64·T1: how long a transaction tries before it gives up (timers B, F, H).</summary>
    internal TimeSpan GiveUp => 64 * T1;
}
