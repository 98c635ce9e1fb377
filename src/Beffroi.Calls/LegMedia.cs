// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Beffroi.Media;
using Beffroi.Media.Sdp;

namespace Beffroi.Calls;

/// <summary>The sound of one leg and where its offer/answer stands (RFC 3264).</summary>
/// <remarks>
/// Threading: belongs to the mailbox of the leg's call. Ports are taken when the first description of ours is written, not before: a call that
/// is refused or abandoned while ringing takes none for its caller.
/// </remarks>
internal sealed class LegMedia(Exchange exchange, CallLeg leg, CodecPolicy policy)
{
    private LocalSession _local = new();
    private SessionDescription? _remote;
    private SessionDescription? _remoteBefore;
    private SessionDescription? _ourOffer;
    private SessionDescription? _settled;
    private bool _theirOfferIsOpen;

    public CodecPolicy Policy => policy;

    /// <summary>Null until our first description.</summary>
    public MediaLeg? Leg { get; private set; }

    /// <summary>What was settled last; null before.</summary>
    public MediaLegParameters? Parameters { get; private set; }

    /// <summary>The peer has offered, now or before.</summary>
    public bool HasOffer => _remote is not null;

    /// <summary>Both sides have said what they speak.</summary>
    public bool IsDescribed => Parameters is not null && Leg is not null;

    /// <summary>The peer keeps us on hold: it wants to send only, or nothing (RFC 3264 §8.4).</summary>
    public bool PeerHolds => Parameters is { Streams: [{ Disabled: false, Direction: MediaDirection.ReceiveOnly or MediaDirection.Inactive }, ..] };

    /// <summary>The peer's offer; it stays open until <see cref="TryDescribe"/>.</summary>
    /// <param name="sdp">Anything from the wire.</param>
    /// <param name="status">400 when it cannot be read, 488 when nothing in it can be carried.</param>
    public bool TryTakeOffer(ReadOnlyMemory<byte> sdp, out int status)
    {
        status = 400;
        if (!SessionDescription.TryParse(sdp.Span, out var offer)) return false;
        status = 488;
        if (OfferAnswer.StreamCount(offer, policy) == 0) return false;
        _remoteBefore = _theirOfferIsOpen ? _remoteBefore : _remote;
        _remote = offer;
        _theirOfferIsOpen = true;
        return true;
    }

    /// <summary>The peer's offer was refused: the session stays as it was, and so does what other parties are offered on its behalf.</summary>
    public void RefuseOffer()
    {
        if (!_theirOfferIsOpen) return;
        _theirOfferIsOpen = false;
        _remote = _remoteBefore;
    }

    /// <summary>Our description for the peer: the answer to its open offer, our last one when nothing is open, or an offer of ours.</summary>
    /// <param name="other">The leg it will be joined to: its codec is preferred, so that nothing is transcoded.</param>
    public bool TryDescribe(LegMedia? other, [NotNullWhen(true)] out byte[]? sdp)
    {
        sdp = null;
        if (!_theirOfferIsOpen)
        {
            if (_local.Last is not null)
            {
                sdp = _local.Write(_local.Last);
                return true;
            }

            return TryOffer(other, out sdp);
        }

        if (!TryOpen(OfferAnswer.StreamCount(_remote!, policy))) return false;
        SessionDescription? answer;
        MediaLegParameters? parameters;
        if (other?.Parameters is { } chosen) answer = OfferAnswer.AnswerFor(_remote!, chosen, Local(), policy, out parameters, other._remote);
        else OfferAnswer.TryAnswer(_remote!, Local(), policy, out answer, out parameters, out _);
        if (answer is null || parameters is null) return false;
        _theirOfferIsOpen = false;
        sdp = _local.Write(answer);
        Settle(parameters);
        return true;
    }

    /// <summary>An offer of ours, made after what the other party speaks.</summary>
    public bool TryOffer(LegMedia? other, [NotNullWhen(true)] out byte[]? sdp)
    {
        sdp = null;
        var theirs = other?._remote;
        if (!TryOpen(theirs is null ? 1 : OfferAnswer.StreamCount(theirs, policy))) return false;
        var offer = theirs is null
            ? OfferAnswer.CreateOffer(Local(), policy, _local.Last)
            : OfferAnswer.OfferFor(SettledFirst(theirs, other!.Parameters), Local(), policy, _local.Last);
        if (offer is null) return false;
        sdp = _local.Write(offer);
        _ourOffer = _local.Last;
        return true;
    }

    /// <summary>The peer asks for an offer in mid-call: what we said last is offered again (RFC 3261 §14.2), both ways whatever was before, so that a
    /// peer that held can take back, and one that wants to hold says so in its answer.</summary>
    public byte[] OfferAgain()
    {
        if ((_settled ?? _local.Last) is not { } last) return TryOffer(null, out var first) ? first : [];
        var offer = _local.Write(OfferAnswer.Reoffer(last, Local()));
        _ourOffer = _local.Last;
        return offer;
    }

    /// <summary>Our offer was refused, or its answer cannot be used: the session stays as it was.</summary>
    public void DropOffer() => _ourOffer = null;

    /// <summary>The answer to our offer. The same answer may come twice: in a 183 and in the 200.</summary>
    public bool TryTakeAnswer(ReadOnlyMemory<byte> sdp)
    {
        var offer = _ourOffer ?? _local.Last;
        if (offer is null || !SessionDescription.TryParse(sdp.Span, out var answer)) return false;
        if (!OfferAnswer.TryApplyAnswer(offer, answer, out var parameters)) return false;
        _remote = answer;
        Settle(parameters);
        return true;
    }

    /// <summary>The open offer asks for something that the other party has to agree to: a stream more or less, or a codec it does not speak.</summary>
    public bool OfferChangesMedia(LegMedia other)
    {
        if (!_theirOfferIsOpen || Parameters is not { } now || other.Parameters is not { } theirs) return false;
        var media = _remote!.Media;
        for (var i = 0; i < media.Length; i++)
        {
            var wanted = media[i].Port != 0 && media[i].IsPlainRtp;
            var had = i < now.Streams.Length && !now.Streams[i].Disabled;
            if (wanted != had) return true;
        }

        var spoken = theirs.Streams.FirstOrDefault(s => s is { Disabled: false, Kind: MediaKind.Audio })?.Formats.FirstOrDefault(f => !f.IsTelephoneEvent);
        return spoken is not null && !media.Any(m => m.Kind == MediaKind.Audio && m.RtpFormats().Any(f => f.HasSameEncodingAs(spoken)));
    }

    /// <summary>Gives the ports back.</summary>
    /// <returns>How it sounded; null when nothing was ever opened.</returns>
    public LegQuality? Close()
    {
        if (Leg is not { } open) return null;
        Leg = null;
        var heard = open.Statistics;
        open.Close();
        return new LegQuality
        {
            Codec = heard.Codec ?? "",
            PacketsReceived = heard.PacketsReceived,
            PacketsSent = heard.PacketsSent,
            PacketsLost = heard.Lost,
            Jitter = Math.Round(heard.JitterMs, 1),
            RoundTrip = Math.Round(heard.RoundTripMs ?? 0, 1),
            Mos = Math.Round(heard.MosReceived ?? 0, 2),
        };
    }

    /// <summary>A party that is answered already goes on with its codec: it is offered first, so that the other one chooses it too.</summary>
    private static SessionDescription SettledFirst(SessionDescription theirs, MediaLegParameters? settled)
    {
        var spoken = settled?.Streams.FirstOrDefault(s => s is { Disabled: false, Kind: MediaKind.Audio })?.Formats.FirstOrDefault(f => f is { IsTelephoneEvent: false, IsComfortNoise: false });
        if (spoken is null) return theirs;
        var number = spoken.PayloadType.ToString(CultureInfo.InvariantCulture);
        return theirs with
        {
            Media = [.. theirs.Media.Select(m => m.Kind == MediaKind.Audio && m.Formats.Contains(number) ? m with { Formats = m.Formats.Remove(number).Insert(0, number) } : m)],
        };
    }

    /// <summary>Null when nothing was settled.</summary>
    public LegMediaSnapshot? WriteDown() =>
        Leg is null || Parameters is null ? null : new LegMediaSnapshot(Leg.Snapshot(), _local.Save(), _remote?.ToString(), Parameters);

    /// <summary>Opens the same ports again. False when one is taken.</summary>
    public bool TryTakeUp(LegMediaSnapshot written)
    {
        if (!exchange.Media.TryRestoreLeg(written.Leg, leg, out var made)) return false;
        Leg = made;
        Parameters = written.Parameters;
        Ports = [.. Enumerable.Range(0, written.Leg.Streams.Length).Select(i => made.LocalRtp(i).Port)];
        _local = LocalSession.Restore(written.Local);
        if (written.Remote is { } remote && SessionDescription.TryParse(Encoding.UTF8.GetBytes(remote), out var parsed)) _remote = parsed;
        return true;
    }

    private void Settle(MediaLegParameters parameters)
    {
        Parameters = parameters;
        _settled = _local.Last;
        Leg!.Apply(parameters);
    }

    private bool TryOpen(int streams)
    {
        if (Leg is null)
        {
            var family = Family();
            // Without IPv6 media of our own a phone of both families can still be offered IPv4.
            if (!exchange.Media.TryCreateLeg(leg, family, out var made)
                && (_remote is not null || family == AddressFamily.InterNetwork || !exchange.Media.TryCreateLeg(leg, AddressFamily.InterNetwork, out made))) return false;
            Leg = made;
            Ports = [made.LocalRtp().Port];
        }

        while (Ports.Length < Math.Min(streams, policy.MostStreams) && Leg.TryAddStream(out var stream)) Ports = Ports.Add(Leg.LocalRtp(stream).Port);
        return true;
    }

    private ImmutableArray<int> Ports { get; set; } = [];

    private LocalMedia Local()
    {
        var bound = Leg!.LocalRtp().Address;
        var told = exchange.Options.AdvertisedMedia;
        return new(told is not null && told.AddressFamily == bound.AddressFamily ? told : bound, Ports);
    }

    /// <summary>The family of the peer's own description, else of its signalling, else of the address it is called at; IPv4 when none is known yet.</summary>
    private AddressFamily Family()
    {
        if (_remote is { } remote)
        {
            foreach (var media in remote.Media)
            {
                if (remote.ConnectionOf(media) is { } connection && IPAddress.TryParse(connection.Address, out var address)) return address.AddressFamily;
            }
        }

        var peer = (leg.Session?.Flow?.Remote ?? leg.Target?.Flow?.Remote)?.Address;
        if (peer is null && IPAddress.TryParse(leg.Target?.Uri.Host.Trim('[', ']'), out var contact)) peer = contact;
        return peer is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
    }
}
