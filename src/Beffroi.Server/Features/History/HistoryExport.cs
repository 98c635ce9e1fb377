// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text;
using Beffroi.Server.Features.History.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Features.History;

/// <summary>Writes the history as CSV: a line per call, or a line per leg with what was measured on it. Read and sent page by page, so that no length is too long.</summary>
/// <remarks>Threading: any thread.</remarks>
internal sealed class HistoryExport(Store store, ITrunks trunks, ServerSettings server)
{
    private const int Page = 500;

    /// <param name="find">The calls wanted, in any order.</param>
    /// <param name="legs">A line per leg; a call without legs has one line.</param>
    public async Task WriteAsync(Stream body, Func<BeffroiDbContext, IQueryable<HistoryCall>> find, bool legs, HistoryWords words, CancellationToken stop)
    {
        await using var writer = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        await WriteAsync(writer, legs ? [.. words.CallColumns, .. words.LegColumns] : words.CallColumns);
        PageCursor? cursor = null;
        do
        {
            await using var db = await store.ReadAsync(stop);
            var calls = await HistoryApi.After(find(db), cursor).Take(Page).ToListAsync(stop);
            var ids = calls.Select(c => c.Id).ToList();
            var ofCalls = legs ? (await db.Set<HistoryLeg>().Where(l => ids.Contains(l.CallId)).ToListAsync(stop)).ToLookup(l => l.CallId) : null;
            foreach (var call in calls)
            {
                if (ofCalls is null) await WriteAsync(writer, Cells(call, words));
                else foreach (var leg in ofCalls[call.Id].OrderBy(l => l.RangAt ?? l.AnsweredAt ?? l.EndedAt).Select(l => (HistoryLeg?)l).DefaultIfEmpty())
                    await WriteAsync(writer, [.. Cells(call, words), call.Id.ToString(), .. leg is null ? new string[words.LegColumns.Count - 1] : Cells(leg, words)]);
            }

            cursor = calls.Count == Page ? new PageCursor(calls[^1].StartedAt, calls[^1].Id) : null;
        }
        while (cursor is not null);
    }

    private string[] Cells(HistoryCall c, HistoryWords words) =>
    [
        Time(c.StartedAt), words.Of(c.Direction), c.CallerNumber, c.CallerName, c.Dialled, c.CalledNumber, c.CalledName, c.AnsweredByNumber, c.AnsweredByName, words.Of(c.Outcome), words.OfCause(c.Cause),
        words.Number(c.WaitSeconds), words.Number(c.TalkSeconds), words.Number(c.Seconds), words.Number(c.Diversions), words.Number(c.Transfers), words.Number(c.Mos),
    ];

    private string[] Cells(HistoryLeg l, HistoryWords words) =>
    [
        l.Number, l.Name, l.Device ?? "", l.Trunk is { } id ? trunks.Current.TryGet(id, out var trunk) ? trunk.Name : id.ToString() : "", Time(l.RangAt), Time(l.AnsweredAt), Time(l.EndedAt), words.Number(l.Status),
        words.OfCause(l.Cause), l.Codec, words.Number(l.PacketsReceived), words.Number(l.PacketsSent), words.Number(l.PacketsLost), words.Number(Loss(l)), words.Number(l.Jitter), words.Number(l.RoundTrip), words.Number(l.Mos),
    ];

    /// <summary>In hundredths of what was to come.</summary>
    private static double Loss(HistoryLeg leg) => leg.PacketsReceived + leg.PacketsLost is > 0 and var sent ? 100.0 * leg.PacketsLost / sent : 0;

    private string Time(DateTimeOffset? at) => at is { } known ? TimeZoneInfo.ConvertTime(known, server.Zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "";

    private static Task WriteAsync(StreamWriter writer, IReadOnlyList<string> cells) => writer.WriteAsync(string.Join(';', cells.Select(CsvTable.Cell)) + "\r\n");
}
