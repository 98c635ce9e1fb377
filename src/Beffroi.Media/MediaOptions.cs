// SPDX-License-Identifier: EUPL-1.2
using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Beffroi.Media;

/// <summary>Settings of the media engine, fixed for its life.</summary>
public sealed class MediaOptions
{
    /// <summary>Address that IPv4 media sockets are bound to; <see cref="IPAddress.Any"/> for all.</summary>
    public IPAddress Address { get; set; } = IPAddress.Loopback;

    /// <summary>Address that IPv6 media sockets are bound to; null: no IPv6 media.</summary>
    public IPAddress? Address6 { get; set; }

    /// <summary>Address that phones and trunks are told (SDP c= line) when it differs from <see cref="Address"/>: behind a NAT, or bound to all.</summary>
    public IPAddress? Advertised { get; set; }

    /// <summary>First port of the range, even (RFC 3550 §11).</summary>
    [Range(1024, 65534)]
    public int FirstPort { get; set; } = 20000;

    /// <summary>Last port of the range, included. Each stream of a leg takes two ports.</summary>
    [Range(1025, 65535)]
    public int LastPort { get; set; } = 29999;

    /// <summary>Media threads; 0: one less than the processor count, at least one.</summary>
    [Range(0, 64)]
    public int Threads { get; set; }

    /// <summary>How long a closed port pair is left alone, so that late packets of its former call never reach another.</summary>
    public TimeSpan PortQuarantine { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence on the wire (neither RTP nor RTCP) after which a leg in conversation, not one on hold, is reported dead; zero: never. Resolution 1 s.</summary>
    public TimeSpan MediaTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>DiffServ code point of media packets (RFC 4594 §4.1): 46 is Expedited Forwarding.</summary>
    [Range(0, 63)]
    public int DiffServ { get; set; } = 46;

    /// <summary>Canonical name in RTCP SDES (RFC 3550 §6.5.1). Names the server, never a person.</summary>
    public string CanonicalName { get; set; } = "beffroi";
}
