// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Platform.Journal;

namespace Beffroi.Server.Features.History;

/// <summary>Gathers a call's events until it is cleared, then writes its rows. May be rebuilt from the journal at any time.</summary>
/// <remarks>Threading: the journal's writer.</remarks>
internal sealed class HistoryProjection : IProjection
{
    private const string UpsertCall = """
        INSERT INTO history_calls (id, started_at, ended_at, direction, caller_number, caller_name, caller_person, caller_site, dialled, called_number, called_name, called_person, called_site, trunk,
            answered_by_number, answered_by_name, answered_by_person, answered_by_site, outcome, cause, status, wait_seconds, talk_seconds, seconds, emergency, diversions, transfers, mos, called_organisation)
        VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, @p13, @p14, @p15, @p16, @p17, @p18, @p19, @p20, @p21, @p22, @p23, @p24, @p25, @p26, @p27, @p28)
        ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, answered_by_number = excluded.answered_by_number, answered_by_name = excluded.answered_by_name,
            answered_by_person = excluded.answered_by_person, answered_by_site = excluded.answered_by_site, outcome = excluded.outcome, cause = excluded.cause, status = excluded.status,
            wait_seconds = excluded.wait_seconds, talk_seconds = excluded.talk_seconds, seconds = excluded.seconds, diversions = excluded.diversions, transfers = excluded.transfers, mos = excluded.mos
        """;

    private const string UpsertLeg = """
        INSERT INTO history_legs (id, call_id, number, name, device, rang_at, answered_at, ended_at, status, cause, codec, packets_received, packets_sent, packets_lost, jitter, round_trip, mos, trunk)
        VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, @p13, @p14, @p15, @p16, @p17)
        ON CONFLICT (id) DO UPDATE SET rang_at = excluded.rang_at, answered_at = excluded.answered_at, ended_at = excluded.ended_at, status = excluded.status, cause = excluded.cause, codec = excluded.codec,
            packets_received = excluded.packets_received, packets_sent = excluded.packets_sent, packets_lost = excluded.packets_lost, jitter = excluded.jitter, round_trip = excluded.round_trip, mos = excluded.mos
        """;

    private readonly Dictionary<Guid, (long FirstBatch, List<CallEvent> Events)> _open = [];

    public string Name => "history";

    public void Apply(JournalRecord happened, long batch, StoreBatch rows)
    {
        if (CallRecords.Read(happened) is not { } callEvent) return;
        if (callEvent is CallStarted) _open[callEvent.CallId] = (batch, []);
        if (!_open.TryGetValue(callEvent.CallId, out var call)) return;
        call.Events.Add(callEvent);
        if (callEvent is not CallCleared) return;
        _open.Remove(callEvent.CallId);
        Write(call.Events, rows);
    }

    /// <summary>Before the first batch of the oldest call that is still open.</summary>
    public long Mark(long batch) => _open.Count == 0 ? batch : Math.Min(batch, _open.Values.Min(c => c.FirstBatch) - 1);

    public void Reset() => _open.Clear();

    public IReadOnlyList<Action<StoreBatch>> CaughtUp()
    {
        var left = _open.Values.Select(call => (Action<StoreBatch>)(rows => Write(call.Events, rows))).ToList();
        _open.Clear();
        return left;
    }

    private static void Write(List<CallEvent> events, StoreBatch rows)
    {
        var (c, legs) = HistoryRows.From(events);
        rows.Execute(UpsertCall, c.Id, c.StartedAt.UtcDateTime, c.EndedAt.UtcDateTime, c.Direction.ToString(), Clip(c.CallerNumber), Clip(c.CallerName), c.CallerPerson, c.CallerSite, Clip(c.Dialled), Clip(c.CalledNumber),
            Clip(c.CalledName), c.CalledPerson, c.CalledSite, c.Trunk, Clip(c.AnsweredByNumber), Clip(c.AnsweredByName), c.AnsweredByPerson, c.AnsweredBySite, c.Outcome.ToString(), Clip(c.Cause), c.Status, c.WaitSeconds,
            c.TalkSeconds, c.Seconds, c.Emergency, c.Diversions, c.Transfers, c.Mos, c.CalledOrganisation);
        foreach (var l in legs)
            rows.Execute(UpsertLeg, l.Id, l.CallId, Clip(l.Number), Clip(l.Name), l.Device is null ? null : Clip(l.Device), l.RangAt?.UtcDateTime, l.AnsweredAt?.UtcDateTime, l.EndedAt?.UtcDateTime, l.Status, Clip(l.Cause), Clip(l.Codec),
                l.PacketsReceived, l.PacketsSent, l.PacketsLost, l.Jitter, l.RoundTrip, l.Mos, l.Trunk);
    }

    /// <summary>What outsiders wrote (a cause, a codec's name, the texts of a journal of before) does not fit every column.</summary>
    private static string Clip(string text) => PlainText.Of(text, HistorySchema.MostText);
}
