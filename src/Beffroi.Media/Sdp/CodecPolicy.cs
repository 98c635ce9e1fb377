// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using Beffroi.Media.Codecs;

namespace Beffroi.Media.Sdp;

/// <summary>Which codecs a device or trunk may use, in what order.</summary>
/// <remarks>Threading: immutable.</remarks>
public sealed record CodecPolicy
{
    /// <summary>Any codec passes through; we add G.722, A-law and µ-law, the order of the offerer counts.</summary>
    public static CodecPolicy Default { get; } = new();

    /// <summary>The encodings that we offer and accept when we make the sound ourselves, best first. Unknown names are skipped.</summary>
    public ImmutableArray<string> Own { get; init; } = [AudioCodecs.G722Name, AudioCodecs.Pcma, AudioCodecs.Pcmu];

    /// <summary>The only audio encodings that may pass, ours or not; empty for no limit. A trunk's codec list goes here, and orders the offers when <see cref="OurOrder"/>.</summary>
    public ImmutableArray<string> Allowed { get; init; } = [];

    /// <summary>True: the order of <see cref="Allowed"/> (or <see cref="Own"/>) counts and not the peer's.</summary>
    public bool OurOrder { get; init; }

    /// <summary>False: an answer keeps one audio codec only, so that the peer cannot change it in mid-call without a word.</summary>
    public bool AnswerWithAll { get; init; }

    /// <summary>False: a video m-line is refused with port 0.</summary>
    public bool Video { get; init; } = true;

    /// <summary>False: a text m-line (RFC 4103, real-time text) is refused with port 0.</summary>
    public bool Text { get; init; } = true;

    /// <summary>True: comfort noise (RFC 3389) is accepted from peers whose sound we take ourselves.</summary>
    public bool ComfortNoise { get; init; }

    /// <summary>Sound per packet that we ask for, in ms.</summary>
    public int PacketTimeMs { get; init; } = 20;

    /// <summary>Streams of one session at most; further m-lines are refused.</summary>
    public int MostStreams { get; init; } = 4;

    internal bool Allows(RtpFormat format) =>
        format.IsTelephoneEvent || format.IsComfortNoise || Allowed.IsDefaultOrEmpty || Allowed.Contains(format.Encoding, StringComparer.OrdinalIgnoreCase);

    internal bool IsOwn(RtpFormat format) =>
        AudioCodecs.CanTranscode(format) && Allows(format) && Own.Contains(format.Encoding, StringComparer.OrdinalIgnoreCase);

    /// <summary>Our own codecs as formats, in the order of this policy.</summary>
    internal IEnumerable<RtpFormat> OwnFormats() => InOrder(Own.Where(AudioCodecs.IsKnown).Select(AudioCodecs.Format).Where(Allows));

    /// <summary>Sorted by <see cref="Allowed"/>, then by <see cref="Own"/>, when our order counts; else as they are.</summary>
    internal IEnumerable<RtpFormat> InOrder(IEnumerable<RtpFormat> formats) => OurOrder ? formats.OrderBy(Rank) : formats;

    private int Rank(RtpFormat format)
    {
        var order = Allowed.IsDefaultOrEmpty ? Own : Allowed;
        for (var i = 0; i < order.Length; i++)
            if (order[i].Equals(format.Encoding, StringComparison.OrdinalIgnoreCase)) return i;
        return order.Length;
    }
}
