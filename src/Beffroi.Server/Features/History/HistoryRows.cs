// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.History.Contract;

namespace Beffroi.Server.Features.History;

/// <summary>What the history says of a call, from its events alone.</summary>
/// <remarks>Pure: the same events give the same rows, now and when the history is rebuilt.</remarks>
internal static class HistoryRows
{
    /// <param name="events">In order, the first a <see cref="CallStarted"/>. Without a <see cref="CallCleared"/> the call was interrupted.</param>
    internal static (HistoryCall Call, IReadOnlyList<HistoryLeg> Legs) From(IReadOnlyList<CallEvent> events)
    {
        var started = (CallStarted)events[0];
        var cleared = events[^1] as CallCleared;
        var legs = Legs(events);
        var answer = events.OfType<CallEstablished>().FirstOrDefault(e => e.With.Kind != PartyKind.Service);
        var ended = events[^1].At;
        var call = new HistoryCall
        {
            Id = started.CallId,
            StartedAt = started.At,
            EndedAt = ended,
            Direction = started.Caller.Kind == PartyKind.External ? CallDirection.Inbound
                : started.Called.Kind == PartyKind.External ? CallDirection.Outbound : CallDirection.Internal,
            CallerNumber = started.Caller.IsMasked ? "" : started.Caller.Number,
            CallerName = started.Caller.IsMasked ? "" : started.Caller.Name,
            CallerPerson = started.Caller.Person,
            CallerSite = started.Caller.Site,
            Dialled = started.Dialled,
            CalledNumber = started.Called.Number,
            CalledName = started.Called.Name,
            CalledPerson = started.Called.Person,
            CalledSite = started.Called.Site,
            CalledOrganisation = started.Called.Organisation,
            Trunk = started.Caller.Trunk ?? started.Called.Trunk ?? answer?.With.Trunk,
            AnsweredByNumber = answer?.With.Number ?? "",
            AnsweredByName = answer?.With.Name ?? "",
            AnsweredByPerson = answer?.With.Person,
            AnsweredBySite = answer?.With.Site,
            Outcome = cleared?.Outcome ?? CallOutcome.Failed,
            Cause = cleared?.Cause ?? "interrupted",
            Status = cleared?.Status ?? 0,
            WaitSeconds = Math.Round(((answer?.At ?? ended) - started.At).TotalSeconds, 3),
            TalkSeconds = cleared?.TalkSeconds ?? (answer is null ? 0 : Math.Round((ended - answer.At).TotalSeconds, 3)),
            Seconds = cleared?.Seconds ?? Math.Round((ended - started.At).TotalSeconds, 3),
            Emergency = started.Emergency,
            Diversions = events.Count(e => e is CallDiverted),
            Transfers = events.Count(e => e is CallTransferred),
            Mos = legs.Where(l => l.Mos > 0).Select(l => l.Mos).DefaultIfEmpty(0).Min(),
        };
        return (call, legs);
    }

    private static IReadOnlyList<HistoryLeg> Legs(IReadOnlyList<CallEvent> events)
    {
        var legs = new Dictionary<Guid, HistoryLeg>();
        HistoryLeg Of(Guid id, CallParty party) => legs.TryGetValue(id, out var known) ? known : new()
        {
            Id = id,
            CallId = events[0].CallId,
            Number = party.IsMasked ? "" : party.Number,
            Name = party.IsMasked ? "" : party.Name,
            Device = party.Device,
            Trunk = party.Trunk,
            Status = 0,
            Cause = "",
            Codec = "",
            PacketsReceived = 0,
            PacketsSent = 0,
            PacketsLost = 0,
            Jitter = 0,
            RoundTrip = 0,
            Mos = 0,
        };
        foreach (var happened in events)
        {
            switch (happened)
            {
                case CallDelivered rang:
                    legs[rang.Leg] = Of(rang.Leg, rang.To) with { RangAt = rang.At };
                    break;
                case CallEstablished answered:
                    legs[answered.Leg] = Of(answered.Leg, answered.With) with { AnsweredAt = answered.At };
                    break;
                case LegCleared gone:
                    var quality = gone.Quality ?? new LegQuality();
                    legs[gone.Leg] = Of(gone.Leg, gone.Party) with
                    {
                        EndedAt = gone.At,
                        Status = gone.Status,
                        Cause = gone.Cause,
                        Codec = quality.Codec,
                        PacketsReceived = quality.PacketsReceived,
                        PacketsSent = quality.PacketsSent,
                        PacketsLost = quality.PacketsLost,
                        Jitter = Math.Round(quality.Jitter, 2),
                        RoundTrip = Math.Round(quality.RoundTrip, 2),
                        Mos = Math.Round(quality.Mos, 2),
                    };
                    break;
            }
        }

        return [.. legs.Values.OrderBy(l => l.RangAt ?? l.AnsweredAt ?? DateTimeOffset.MinValue)];
    }
}
