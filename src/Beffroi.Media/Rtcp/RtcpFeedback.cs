// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using Beffroi.Media.Rtp;

namespace Beffroi.Media.Rtcp;

/// <summary>Video feedback between bridged legs.</summary>
/// <remarks>Rule. Each leg is an RTP session of its own: reports, SDES and BYE end here and are made anew. Feedback about pictures concerns their maker, so NACK (RFC 4585 §6.2.1),
/// PLI (§6.3.1), FIR (RFC 5104 §4.3.1) and REMB go on to the other leg with SSRCs and sequence numbers turned into those of its session, behind a
/// report of ours. All other feedback ends here.</remarks>
internal static class RtcpFeedback
{
    private const int Nack = 1, PictureLoss = 1, FullIntra = 4, ApplicationLayer = 15;
    private const int MaxControl = 256;

    /// <summary>Appends <paramref name="received"/> to <paramref name="writer"/> as the other leg must see it. False: nothing that is passed on.</summary>
    /// <param name="sent">Numbering of the stream that the feedback is about, on the leg that it came from.</param>
    /// <param name="sender">Our SSRC on the other leg.</param>
    /// <param name="maker">SSRC of the source on the other leg.</param>
    internal static bool TryTranslate(scoped in RtcpView received, in RtpTimeline sent, uint sender, uint maker, ref RtcpWriter writer)
    {
        var bytes = received.Bytes;
        if (bytes.Length < 12 || bytes.Length - 12 > MaxControl) return false;
        var media = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]);
        var control = bytes[12..];
        switch (received.Type, received.Count)
        {
            case (RtcpType.TransportFeedback, Nack) when media == sent.Ssrc:
                var nacks = Copy(control[..(control.Length / 4 * 4)], writer.Feedback(received.Type, Nack, sender, maker, control.Length / 4 * 4));
                for (var i = 0; i + 4 <= nacks.Length; i += 4)
                    BinaryPrimitives.WriteUInt16BigEndian(nacks[i..], sent.ToSource(BinaryPrimitives.ReadUInt16BigEndian(nacks[i..])));
                return true;
            case (RtcpType.PayloadFeedback, PictureLoss) when media == sent.Ssrc:
                writer.Feedback(received.Type, PictureLoss, sender, maker, 0);
                return true;
            case (RtcpType.PayloadFeedback, FullIntra) when control.Length >= 8:
                var intra = Copy(control[..8], writer.Feedback(received.Type, FullIntra, sender, 0, 8));
                BinaryPrimitives.WriteUInt32BigEndian(intra, maker);
                return true;
            case (RtcpType.PayloadFeedback, ApplicationLayer) when control.Length >= 12 && control[..4].SequenceEqual("REMB"u8):
                var bitrate = Copy(control[..12], writer.Feedback(received.Type, ApplicationLayer, sender, 0, 12));
                bitrate[4] = 1;                                             // one SSRC follows
                BinaryPrimitives.WriteUInt32BigEndian(bitrate[8..], maker);
                return true;
            default:
                return false;
        }
    }

    private static Span<byte> Copy(ReadOnlySpan<byte> from, Span<byte> to)
    {
        from.CopyTo(to);
        return to;
    }
}
