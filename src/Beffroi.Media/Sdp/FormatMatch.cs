// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;

namespace Beffroi.Media.Sdp;

/// <summary>Finds which format of one side means the same as one of the other.</summary>
internal static class FormatMatch
{
    /// <summary>What we write for telephone-event: digits, *, #, A-D and flash (RFC 4733 §3.2).</summary>
    internal const string Events = "0-16";

    /// <summary>True for encodings of which two variants do not understand each other: the parameters must agree too.</summary>
    internal static bool DependsOnParameters(RtpFormat format) => Is(format, "H264") || Is(format, "VP9") || Is(format, "H265") || Is(format, "rtx");

    /// <summary>The one among <paramref name="offered"/> that is <paramref name="wanted"/>: the same number before the first of the same kind.</summary>
    internal static RtpFormat? Find(ImmutableArray<RtpFormat> offered, RtpFormat wanted)
    {
        RtpFormat? first = null;
        foreach (var format in offered)
        {
            if (!Agree(format, wanted)) continue;
            if (format.PayloadType == wanted.PayloadType) return format;
            first ??= format;
        }
        return first;
    }

    /// <summary>
    /// For each of <paramref name="wanted"/>, in that order, its counterpart in <paramref name="offered"/>; retransmission formats follow the format they repeat.
    /// </summary>
    internal static List<(RtpFormat Offered, RtpFormat Wanted)> Pair(ImmutableArray<RtpFormat> offered, ImmutableArray<RtpFormat> wanted)
    {
        var pairs = new List<(RtpFormat Offered, RtpFormat Wanted)>();
        foreach (var format in wanted)
        {
            if (Is(format, "rtx") || format.IsTelephoneEvent) continue;
            if (Find(offered, format) is { } counterpart && !pairs.Exists(pair => pair.Offered == counterpart)) pairs.Add((counterpart, format));
        }
        foreach (var format in wanted.Where(format => Is(format, "rtx")))
        {
            var repeated = pairs.Find(pair => pair.Wanted.PayloadType == PayloadTypeMap.AptOf(format.FormatParameters)).Offered;
            var counterpart = repeated is null ? null : offered.FirstOrDefault(f => Is(f, "rtx") && PayloadTypeMap.AptOf(f.FormatParameters) == repeated.PayloadType);
            if (counterpart is not null) pairs.Add((counterpart, format));
        }
        return pairs;
    }

    /// <summary>The telephone-event formats that go with the codecs: those of the same clock, as RFC 4733 §2.1 wants.</summary>
    /// <remarks>Deviation: failing that, whatever there is: many phones offer Opus with events at 8000 Hz alone, and mean it.</remarks>
    internal static IEnumerable<RtpFormat> EventsFor(IReadOnlyCollection<RtpFormat> codecs, IEnumerable<RtpFormat> offered)
    {
        var events = offered.Where(format => format.IsTelephoneEvent).ToList();
        var fitting = events.FindAll(e => codecs.Any(codec => codec.ClockRate == e.ClockRate));
        return (fitting.Count > 0 ? fitting : events.Take(1)).Select(e => e with { FormatParameters = Events });
    }

    /// <summary>A real codec, neither digits nor noise nor a wrapping of others.</summary>
    internal static bool IsCodec(RtpFormat format) =>
        !format.IsTelephoneEvent && !format.IsComfortNoise && !Is(format, "rtx") && !Is(format, "red") && !Is(format, "ulpfec") && !Is(format, "flexfec-03");

    private static bool Agree(RtpFormat a, RtpFormat b)
    {
        if (!a.HasSameEncodingAs(b)) return false;
        if (Is(a, "H264")) return Parameter(a, "packetization-mode", "0") == Parameter(b, "packetization-mode", "0") && Profile(a) == Profile(b);
        if (Is(a, "VP9")) return Parameter(a, "profile-id", "0") == Parameter(b, "profile-id", "0");
        if (Is(a, "H265")) return Parameter(a, "profile-id", "1") == Parameter(b, "profile-id", "1");
        return true;
    }

    /// <summary>profile_idc of RFC 6184 §8.1; the level may differ. Constraint bits are left aside: peers write them in different ways for the same profile.</summary>
    private static string Profile(RtpFormat format) => Parameter(format, "profile-level-id", "42000a") is { Length: >= 2 } id ? id[..2].ToUpperInvariant() : "42";

    private static string Parameter(RtpFormat format, string name, string otherwise)
    {
        foreach (var part in (format.FormatParameters ?? "").Split(';', StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && part.AsSpan(0, equals).TrimEnd().Equals(name, StringComparison.OrdinalIgnoreCase)) return part[(equals + 1)..].Trim();
        }
        return otherwise;
    }

    private static bool Is(RtpFormat format, string encoding) => format.Encoding.Equals(encoding, StringComparison.OrdinalIgnoreCase);
}
