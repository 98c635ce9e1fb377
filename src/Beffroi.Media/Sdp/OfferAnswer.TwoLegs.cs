// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;

namespace Beffroi.Media.Sdp;

/// <content>Offer and answer carried from one leg of a call to the other, so that as little as possible is transcoded.</content>
public static partial class OfferAnswer
{
    /// <summary>The offer to B for an offer of A: every m-line in its place, A's codecs in A's order, then those that we can transcode to; addresses and ports ours.</summary>
    /// <param name="peersOffer">A's offer.</param>
    /// <param name="localOfB">Our side of B's leg; an m-line without a port there is offered with port 0.</param>
    /// <param name="policyOfB">What B may use.</param>
    /// <param name="previous">What we last sent in B's session, when it has begun: its m-lines and payload types are kept (RFC 3264 §8).</param>
    /// <returns>Null when nothing of it can be carried: A is refused with <see cref="NotAcceptableHere"/>.</returns>
    public static SessionDescription? OfferFor(SessionDescription peersOffer, LocalMedia localOfB, CodecPolicy policyOfB, SessionDescription? previous = null)
    {
        ArgumentNullException.ThrowIfNull(peersOffer);
        ArgumentNullException.ThrowIfNull(localOfB);
        ArgumentNullException.ThrowIfNull(policyOfB);
        var before = previous?.Media ?? [];
        var lines = ImmutableArray.CreateBuilder<MediaDescription>();
        for (var stream = 0; stream < Math.Max(peersOffer.Media.Length, before.Length); stream++)
        {
            var former = stream < before.Length ? before[stream] : null;
            var line = stream < peersOffer.Media.Length && CanAccept(peersOffer, stream, localOfB, policyOfB) && FitsInPlaceOf(former, peersOffer.Media[stream])
                ? OfferedLine(peersOffer, stream, localOfB, policyOfB, former)
                : null;
            lines.Add(line ?? MediaLine.Refused(former ?? peersOffer.Media[stream]));
        }
        return lines.Any(line => line.Port > 0) ? Session(localOfB, lines.DrainToImmutable(), peersOffer.Bandwidths) : null;
    }

    /// <summary>The answer to A for what B chose: B's codec wherever A has it, else one of ours, which is transcoded.</summary>
    /// <param name="offerOfA">What A offered; its m-lines are answered one by one.</param>
    /// <param name="chosenByB">From <see cref="TryApplyAnswer"/> on B's answer (or from an application that takes B's place).</param>
    /// <param name="localOfA">Our side of A's leg.</param>
    /// <param name="policyOfA">What A may use.</param>
    /// <param name="parameters">For A's leg.</param>
    /// <param name="answerOfB">B's own words: bandwidth and feedback of what passes through are taken from them.</param>
    /// <returns>Null when A and B have nothing in common: <see cref="NotAcceptableHere"/>.</returns>
    public static SessionDescription? AnswerFor(SessionDescription offerOfA, MediaLegParameters chosenByB, LocalMedia localOfA, CodecPolicy policyOfA,
        out MediaLegParameters? parameters, SessionDescription? answerOfB = null)
    {
        ArgumentNullException.ThrowIfNull(offerOfA);
        ArgumentNullException.ThrowIfNull(chosenByB);
        ArgumentNullException.ThrowIfNull(localOfA);
        ArgumentNullException.ThrowIfNull(policyOfA);
        var draft = new AnswerDraft(offerOfA, localOfA);
        for (var stream = 0; stream < offerOfA.Media.Length; stream++)
        {
            var media = offerOfA.Media[stream];
            var chosen = stream < chosenByB.Streams.Length ? chosenByB.Streams[stream] : null;
            if (chosen is null or { Disabled: true } || chosen.Kind != media.Kind || !CanAccept(offerOfA, stream, localOfA, policyOfA))
            {
                draft.Refuse(media);
                continue;
            }
            var pairs = FormatMatch.Pair([.. media.RtpFormats().Where(policyOfA.Allows)], chosen.Formats);
            var formats = AnswerFormats(media, chosen, pairs, policyOfA);
            if (formats.IsEmpty) draft.Refuse(media);
            else draft.Accept(media, formats, AnswerTerms(stream, media, chosen, formats, pairs, localOfA, policyOfA, answerOfB));
        }
        draft.TryFinish(out var answer, out parameters, out _, answerOfB?.Bandwidths ?? []);
        return answer;
    }

    private static bool FitsInPlaceOf(MediaDescription? former, MediaDescription media) =>
        former is null || former.Port == 0 || (former.Media.Equals(media.Media, StringComparison.OrdinalIgnoreCase) && former.IsPlainRtp);

    private static MediaDescription? OfferedLine(SessionDescription peersOffer, int stream, LocalMedia local, CodecPolicy policy, MediaDescription? former)
    {
        var media = peersOffer.Media[stream];
        var audio = media.Kind == MediaKind.Audio;
        var theirs = media.RtpFormats();
        var formats = audio ? AudioOffer(theirs, policy) : [.. theirs];
        var numbers = new PayloadTypeMap(former?.RtpFormats() ?? []);
        var numbered = numbers.Number(formats);
        if (!numbered.Any(FormatMatch.IsCodec)) return null;
        return MediaLine.Build(media.Media, audio ? PlainRtp : media.Protocol, local, stream, new LineTerms(numbered, audio ? local.Direction : MediaLine.Both(local.Direction, MediaLine.PeersDirection(peersOffer, media)))
        {
            PacketTimeMs = audio ? MediaLine.PacketTime(media, policy.PacketTimeMs) : MediaLine.Number(media.Attribute("ptime")),
            MaxPacketTimeMs = Math.Clamp(MediaLine.Number(media.Attribute("maxptime")), 0, 1000),
            RtcpMux = local.OfferRtcpMux,
            Bandwidths = media.Bandwidths,
            Carried = MediaLine.CarriedOf(media, numbers.Renumbered),
        });
    }

    /// <summary>A's codecs as far as B may use them; our own after them, if A has one from which we can transcode; events for each clock; A's comfort noise.</summary>
    private static List<RtpFormat> AudioOffer(ImmutableArray<RtpFormat> theirs, CodecPolicy policy)
    {
        var codecs = theirs.Where(format => !format.IsTelephoneEvent && !format.IsComfortNoise && policy.Allows(format)).ToList();
        if (theirs.Any(Codecs.AudioCodecs.CanTranscode))
            codecs.AddRange(policy.OwnFormats().Where(own => !codecs.Exists(codec => codec.HasSameEncodingAs(own))));
        var events = theirs.Where(format => format.IsTelephoneEvent).Select(format => format with { FormatParameters = FormatMatch.Events });
        return WithEvents([.. policy.InOrder(codecs), .. theirs.Where(format => format.IsComfortNoise).Take(1), .. events]);
    }

    /// <summary>The formats of the answer to A, with A's numbers: one audio codec as a rule, every video codec that B took.</summary>
    private static ImmutableArray<RtpFormat> AnswerFormats(MediaDescription media, StreamParameters chosen, List<(RtpFormat Offered, RtpFormat Wanted)> pairs, CodecPolicy policy)
    {
        int? Renumbered(int number) => pairs.Find(pair => pair.Wanted.PayloadType == number).Offered?.PayloadType;
        var shared = pairs.ConvertAll(pair => PayloadTypeMap.FollowApt(pair.Wanted.FormatParameters, Renumbered) is var parameters && parameters == pair.Offered.FormatParameters
            ? pair.Offered
            : pair.Offered with { FormatParameters = parameters });
        if (media.Kind != MediaKind.Audio) return shared.Exists(FormatMatch.IsCodec) ? [.. shared] : [];

        var codecs = shared.Where(FormatMatch.IsCodec).ToList();
        var noise = codecs.Count > 0 ? shared.Where(format => format.IsComfortNoise) : [];
        if (codecs.Count == 0)
        {
            if (!chosen.Formats.Any(Codecs.AudioCodecs.CanTranscode)) return [];
            codecs = [.. policy.InOrder(media.RtpFormats().Where(policy.IsOwn))];
        }
        if (!policy.AnswerWithAll) codecs = [.. codecs.Take(1)];
        return codecs.Count == 0 ? [] : [.. codecs, .. noise, .. FormatMatch.EventsFor(codecs, media.RtpFormats())];
    }

    private static LineTerms AnswerTerms(int stream, MediaDescription media, StreamParameters chosen, ImmutableArray<RtpFormat> formats,
        List<(RtpFormat Offered, RtpFormat Wanted)> pairs, LocalMedia local, CodecPolicy policy, SessionDescription? answerOfB)
    {
        var line = answerOfB is not null && stream < answerOfB.Media.Length ? answerOfB.Media[stream] : null;
        var audio = media.Kind == MediaKind.Audio;
        int? Renumbered(int number) => pairs.Find(pair => pair.Wanted.PayloadType == number).Offered?.PayloadType;
        return new LineTerms(formats, audio ? local.Direction : MediaLine.Both(local.Direction, MediaLine.Turned(chosen.Direction)))
        {
            PacketTimeMs = !audio ? 0 : line is null ? MediaLine.PacketTime(media, policy.PacketTimeMs) : MediaLine.PacketTime(line, policy.PacketTimeMs),
            MaxPacketTimeMs = line is null ? 0 : Math.Clamp(MediaLine.Number(line.Attribute("maxptime")), 0, 1000),
            Bandwidths = line?.Bandwidths ?? [],
            Carried = line is null ? [] : MediaLine.CarriedOf(line, Renumbered),
        };
    }
}
