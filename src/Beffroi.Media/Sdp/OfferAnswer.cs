// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Beffroi.Media.Sdp;

/// <summary>
/// Offer and answer: RFC 3264, as pure functions. Streams of <see cref="MediaLegParameters"/> are counted as the m-lines are. What is made here has an
/// o= line without id and version: <see cref="LocalSession.Write"/> puts them in and gives the bytes to send.
/// </summary>
/// <remarks>
/// Media in the clear only: m-lines of RTP/SAVP and RTP/SAVPF, T.38 and all kinds but audio, video and text are refused with port 0. Two legs of a call
/// go through <c>OfferFor</c> and <c>AnswerFor</c>; a leg whose sound we make and take ourselves through <see cref="TryAnswer"/> or <see cref="CreateOffer"/>.
/// Threading: any thread.
/// </remarks>
public static partial class OfferAnswer
{
    /// <summary>Not Acceptable Here: RFC 3261 §21.4.26, what a session description gets that has nothing for us.</summary>
    public const int NotAcceptableHere = 488;

    private const string PlainRtp = "RTP/AVP";
    private const int EventPayloadType = 101;               // what most phones use; nothing depends on it

    /// <summary>How many ports a leg needs for a description of its peer: up to the last m-line that could be carried, at most the policy's limit.</summary>
    public static int StreamCount(SessionDescription description, CodecPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(policy);
        var count = Math.Min(description.Media.Length, policy.MostStreams);
        while (count > 0 && !MediaLine.IsUsable(description, description.Media[count - 1], policy)) count--;
        return count;
    }

    /// <summary>An offer of our own sound: one audio m-line. For calls that begin here, late offers and applications.</summary>
    /// <param name="local">Stream 0 (or that of the audio m-line of <paramref name="previous"/>) needs a port.</param>
    /// <param name="policy">Its own codecs are offered, in its order.</param>
    /// <param name="previous">What we last sent in this session: its other m-lines stay, with port 0 (RFC 3264 §8).</param>
    public static SessionDescription CreateOffer(LocalMedia local, CodecPolicy policy, SessionDescription? previous = null)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(policy);
        var before = previous?.Media ?? [];
        var at = Math.Max(0, before.IndexOf(before.FirstOrDefault(media => media.Kind == MediaKind.Audio && media.IsPlainRtp)!));
        if (at < before.Length && before[at].Kind != MediaKind.Audio) at = before.Length;
        var lines = before.Select(MediaLine.Refused).ToList();
        var formats = WithEvents([.. policy.OwnFormats()]);
        var former = at < before.Length ? before[at].RtpFormats() : [];
        var line = MediaLine.Build("audio", at < before.Length ? before[at].Protocol : PlainRtp, local, at, new LineTerms(new PayloadTypeMap(former).Number(formats), local.Direction)
        {
            PacketTimeMs = policy.PacketTimeMs,
            RtcpMux = local.OfferRtcpMux,
        });
        if (at < lines.Count) lines[at] = line;
        else lines.Add(line);
        return Session(local, [.. lines], []);
    }

    /// <summary>Says again what we said last, with another direction or other ports: hold and retrieve without the other leg (RFC 3264 §8.4).</summary>
    public static SessionDescription Reoffer(SessionDescription previous, LocalMedia local)
    {
        ArgumentNullException.ThrowIfNull(previous);
        ArgumentNullException.ThrowIfNull(local);
        var lines = previous.Media.Select((media, stream) => media.Port == 0 || local.PortOf(stream) == 0 ? MediaLine.Refused(media) : media with
        {
            Port = local.PortOf(stream),
            Attributes = [.. media.Attributes.Where(a => a.Value is not null || !IsDirection(a)), new SdpAttribute(MediaLine.Name(local.Direction))],
        });
        return Session(local, [.. lines], previous.Bandwidths);
    }

    /// <summary>Answers an offer whose sound we take and make ourselves (messages, voicemail): the first audio m-line we can serve; all others get port 0.</summary>
    /// <param name="status">What to refuse the request with when this is false.</param>
    public static bool TryAnswer(SessionDescription offer, LocalMedia local, CodecPolicy policy, [NotNullWhen(true)] out SessionDescription? answer,
        [NotNullWhen(true)] out MediaLegParameters? parameters, out int status)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(policy);
        var draft = new AnswerDraft(offer, local);
        for (var stream = 0; stream < offer.Media.Length; stream++)
        {
            var media = offer.Media[stream];
            var formats = draft.Accepted > 0 || media.Kind != MediaKind.Audio || !CanAccept(offer, stream, local, policy) ? [] : OwnSelection(media.RtpFormats(), policy);
            if (formats.IsEmpty) draft.Refuse(media);
            else draft.Accept(media, formats, new LineTerms(formats, local.Direction) { PacketTimeMs = MediaLine.PacketTime(media, policy.PacketTimeMs) });
        }
        return draft.TryFinish(out answer, out parameters, out status);
    }

    /// <summary>Takes the answer to our offer. False when nothing of it can be used: the session must end.</summary>
    /// <remarks>
    /// Deviation: an answer with fewer m-lines than the offer, against RFC 3264 §6, has its missing ones taken for refused, since the call can go on with the others. Where the peer numbers a codec differently, the
    /// list has it twice: first the peer's number, with which we send, then ours, with which it sends.
    /// </remarks>
    public static bool TryApplyAnswer(SessionDescription ourOffer, SessionDescription answer, [NotNullWhen(true)] out MediaLegParameters? parameters)
    {
        ArgumentNullException.ThrowIfNull(ourOffer);
        ArgumentNullException.ThrowIfNull(answer);
        var streams = ImmutableArray.CreateBuilder<StreamParameters>(ourOffer.Media.Length);
        for (var stream = 0; stream < ourOffer.Media.Length; stream++)
        {
            var ours = ourOffer.Media[stream];
            streams.Add(stream < answer.Media.Length && ours.Port > 0 ? Applied(ourOffer, ours, answer, answer.Media[stream]) : MediaLine.Disabled(ours));
        }
        var wanted = ourOffer.Media.Any(media => media.Port > 0);
        parameters = wanted && streams.All(stream => stream.Disabled) ? null : new MediaLegParameters(streams.MoveToImmutable());
        return parameters is not null;
    }

    private static StreamParameters Applied(SessionDescription ourOffer, MediaDescription ours, SessionDescription answer, MediaDescription theirs)
    {
        if (!MediaLine.IsUsable(answer, theirs, policy: null) || !ours.Media.Equals(theirs.Media, StringComparison.OrdinalIgnoreCase)) return MediaLine.Disabled(ours);
        var formats = AnsweredFormats(ours.RtpFormats(), Explained(theirs, ours));
        if (!formats.Any(FormatMatch.IsCodec)) return MediaLine.Disabled(ours);
        var direction = MediaLine.Both(ourOffer.DirectionOf(ours), MediaLine.Turned(MediaLine.PeersDirection(answer, theirs)));
        var mux = ours.Has("rtcp-mux") && theirs.Has("rtcp-mux");
        return MediaLine.Parameters(answer, theirs, direction, formats, mux, MediaLine.PacketTime(theirs, MediaLine.PacketTime(ours, 20)));
    }

    /// <summary>An answer that leaves out the rtpmap of a dynamic number means the one of the offer.</summary>
    private static ImmutableArray<RtpFormat> Explained(MediaDescription theirs, MediaDescription ours)
    {
        var known = theirs.RtpFormats();
        var offered = ours.RtpFormats();
        return [.. theirs.Formats.Select(text => known.FirstOrDefault(f => MediaLine.Number(text) == f.PayloadType && text.Length <= 3)
            ?? offered.FirstOrDefault(f => f.PayloadType >= StaticPayloadTypes.FirstDynamic && f.PayloadType == MediaLine.Number(text))).OfType<RtpFormat>().Distinct()];
    }

    private static ImmutableArray<RtpFormat> AnsweredFormats(ImmutableArray<RtpFormat> offered, ImmutableArray<RtpFormat> answered)
    {
        var agreed = ImmutableArray.CreateBuilder<RtpFormat>();
        var ours = new List<RtpFormat>();
        foreach (var format in answered)
        {
            if (FormatMatch.Find(offered, format) is not { } counterpart) continue;
            agreed.Add(format);
            if (counterpart.PayloadType != format.PayloadType) ours.Add(counterpart);
        }
        agreed.AddRange(ours.Where(format => answered.All(a => a.PayloadType != format.PayloadType)));
        return agreed.DrainToImmutable();
    }

    /// <summary>What we say yes to in an m-line whose sound is ours to make: one codec (or all), its events, noise if wanted.</summary>
    private static ImmutableArray<RtpFormat> OwnSelection(ImmutableArray<RtpFormat> offered, CodecPolicy policy)
    {
        var codecs = policy.InOrder(offered.Where(policy.IsOwn)).Take(policy.AnswerWithAll ? int.MaxValue : 1).ToList();
        if (codecs.Count == 0) return [];
        var noise = policy.ComfortNoise ? offered.Where(format => format.IsComfortNoise).Take(1) : [];
        return [.. codecs, .. noise, .. FormatMatch.EventsFor(codecs, offered)];
    }

    private static bool CanAccept(SessionDescription offer, int stream, LocalMedia local, CodecPolicy policy) =>
        stream < policy.MostStreams && local.PortOf(stream) > 0 && MediaLine.IsUsable(offer, offer.Media[stream], policy);

    /// <summary>Adds a telephone-event for each clock among the codecs that has none yet: RFC 4733 §2.1.</summary>
    private static List<RtpFormat> WithEvents(List<RtpFormat> formats)
    {
        var missing = formats.Where(FormatMatch.IsCodec).Select(format => format.ClockRate).Where(clock => clock is 8000 or 16000 or 48000).Distinct()
            .Where(clock => !formats.Exists(format => format.IsTelephoneEvent && format.ClockRate == clock)).ToList();
        foreach (var clock in missing) formats.Add(new RtpFormat(EventPayloadType, "telephone-event", clock, 1, FormatMatch.Events));
        return formats;
    }

    private static bool IsDirection(SdpAttribute attribute) => attribute.Is("sendrecv") || attribute.Is("sendonly") || attribute.Is("recvonly") || attribute.Is("inactive");

    private static SessionDescription Session(LocalMedia local, ImmutableArray<MediaDescription> media, ImmutableArray<SdpBandwidth> bandwidths) => new()
    {
        Origin = new SdpOrigin("-", "0", "0", "IN", MediaLine.AddressType(local.Address), local.Address.ToString()),
        Connection = SdpConnection.Of(local.Address),
        Bandwidths = bandwidths,
        Media = media,
    };

    /// <summary>An answer as it grows, m-line by m-line.</summary>
    private sealed class AnswerDraft(SessionDescription offer, LocalMedia local)
    {
        private readonly ImmutableArray<MediaDescription>.Builder _lines = ImmutableArray.CreateBuilder<MediaDescription>();
        private readonly ImmutableArray<StreamParameters>.Builder _streams = ImmutableArray.CreateBuilder<StreamParameters>();

        internal int Accepted { get; private set; }

        internal void Refuse(MediaDescription media)
        {
            _lines.Add(MediaLine.Refused(media));
            _streams.Add(MediaLine.Disabled(media));
        }

        /// <param name="media">The m-line of the offer.</param>
        /// <param name="sending">The formats as the engine shall send them.</param>
        /// <param name="terms">What we wish; the direction is cut to what the peer allows.</param>
        internal void Accept(MediaDescription media, ImmutableArray<RtpFormat> sending, LineTerms terms)
        {
            Accepted++;
            var mux = media.Has("rtcp-mux");
            var direction = MediaLine.Both(MediaLine.Turned(MediaLine.PeersDirection(offer, media)), terms.Direction);
            var packetTime = MediaLine.PacketTime(media, terms.PacketTimeMs == 0 ? 20 : terms.PacketTimeMs);
            _lines.Add(MediaLine.Build(media.Media, media.Protocol, local, _lines.Count, terms with { Direction = direction, RtcpMux = mux }));
            _streams.Add(MediaLine.Parameters(offer, media, direction, sending, mux, packetTime));
        }

        internal bool TryFinish([NotNullWhen(true)] out SessionDescription? answer, [NotNullWhen(true)] out MediaLegParameters? parameters, out int status, ImmutableArray<SdpBandwidth> bandwidths = default)
        {
            var asked = offer.Media.Any(media => media.Port > 0);
            (answer, parameters, status) = (null, null, NotAcceptableHere);
            if (asked && Accepted == 0) return false;
            answer = Session(local, _lines.DrainToImmutable(), bandwidths.IsDefault ? [] : bandwidths);
            parameters = new MediaLegParameters(_streams.DrainToImmutable());
            status = 0;
            return true;
        }
    }
}
