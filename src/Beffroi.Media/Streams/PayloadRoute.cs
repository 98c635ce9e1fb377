// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using Beffroi.Media.Codecs;

namespace Beffroi.Media.Streams;

internal enum RouteAction : byte { Stop, Pass, Transcode }

/// <summary>What happens to one payload type that a leg receives: computed when signalling changes something, only followed per packet.</summary>
/// <param name="OutPayloadType">Number that the other leg gave the same encoding, or that of its send codec.</param>
internal readonly record struct PayloadRoute(byte PayloadType, RouteAction Action, byte OutPayloadType, bool IsEvent, bool IsComfortNoise, int ClockRate, RtpFormat Format)
{
    /// <summary>Pass through what the other leg knows under any number; else transcode between the codecs made here; else stop.</summary>
    /// <param name="theirs">Null: not bridged.</param>
    internal static PayloadRoute[] Build(ImmutableArray<RtpFormat> ours, ImmutableArray<RtpFormat>? theirs)
    {
        var routes = new PayloadRoute[ours.Length];
        for (var i = 0; i < routes.Length; i++)
        {
            var format = ours[i];
            var (action, outType) = Decide(format, theirs ?? []);
            routes[i] = new PayloadRoute((byte)format.PayloadType, action, outType, format.IsTelephoneEvent, format.IsComfortNoise, Math.Max(1, format.ClockRate), format);
        }
        return routes;
    }

    /// <summary>What we send when we make the sound: the first that is sound. Null: none.</summary>
    internal static RtpFormat? SendFormat(ImmutableArray<RtpFormat> formats)
    {
        foreach (var format in formats)
            if (!format.IsTelephoneEvent && !format.IsComfortNoise) return format;
        return null;
    }

    private static (RouteAction Action, byte OutType) Decide(RtpFormat format, ImmutableArray<RtpFormat> theirs)
    {
        RtpFormat? same = null;
        foreach (var candidate in theirs)
        {
            if (!candidate.HasSameEncodingAs(format)) continue;
            same ??= candidate;
            if (!string.Equals(candidate.FormatParameters, format.FormatParameters, StringComparison.OrdinalIgnoreCase)) continue;
            same = candidate;                                               // several profiles of one video encoding: the same profile first
            break;
        }
        if (same is not null) return (RouteAction.Pass, (byte)same.PayloadType);
        if (format.IsTelephoneEvent || format.IsComfortNoise || !AudioClip.CanEncode(format.Encoding)) return (RouteAction.Stop, (byte)0);
        return SendFormat(theirs) is { } send && AudioClip.CanEncode(send.Encoding) ? (RouteAction.Transcode, (byte)send.PayloadType) : (RouteAction.Stop, (byte)0);
    }
}
