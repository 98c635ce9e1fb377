// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Live;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Features.Emergency;

/// <summary>The emergency calls that nobody looks after yet: told at once to whoever looks at the live state, and shown until somebody says so.</summary>
/// <remarks>Threading: any thread. A call never waits: the alert is journalled, and waits on disk with the journal while the store is away.</remarks>
internal sealed partial class EmergencyDesk(IDirectory directory, IJournal journal, Lazy<LiveChannel> live, ServerSettings server, ILogger<EmergencyDesk> log) : ILoadable, ILiveSource, INoticeSource
{
    private readonly ConcurrentDictionary<Guid, EmergencyAlert> _unseen = [];

    public IReadOnlyList<Type> Kept { get; } = [typeof(EmergencyAlert)];

    public IEnumerable<LiveFact> Facts
    {
        get
        {
            var count = _unseen.Count.ToString(CultureInfo.InvariantCulture);
            yield return _unseen.IsEmpty
                ? new("emergency", "Appels d'urgence à prendre en charge", "Emergency calls to look after", "Aucun", "None")
                : new("emergency", "Appels d'urgence à prendre en charge", "Emergency calls to look after", count, count, false);
        }
    }

    public async Task LoadAsync(BeffroiDbContext db, CancellationToken stop)
    {
        foreach (var alert in await db.Set<EmergencyAlert>().Where(a => a.SeenAt == null).ToListAsync(stop)) _unseen.TryAdd(alert.Id, alert);
        var known = _unseen.Keys.ToList();
        foreach (var seen in await db.Set<EmergencyAlert>().Where(a => a.SeenAt != null && known.Contains(a.Id)).Select(a => a.Id).ToListAsync(stop)) _unseen.TryRemove(seen, out _);
    }

    public IEnumerable<LiveNotice> NoticesFor(Role role, Scope scope) => _unseen.Values.Where(a => Covers(scope, a)).Select(a =>
    {
        var site = a.SiteId is { } id ? directory.Current.Sites.GetValueOrDefault(id)?.Name : null;
        var at = TimeZoneInfo.ConvertTime(a.At, server.Zone);
        return new LiveNotice(a.Id.ToString(), a.At,
            $"Appel au {a.Number} à {at:HH:mm:ss} par {a.Name} (poste {a.Extension}){(site is null ? "" : $", {site}")}",
            $"Call to {a.Number} at {at:HH:mm:ss} by {a.Name} (extension {a.Extension}){(site is null ? "" : $", {site}")}",
            Access.Operate.Roles.Contains(role) ? $"/api/v1/emergency/calls/{a.Id}/seen" : null);
    });

    /// <summary>A call lies within its organisation and its site, and within the unit of who made it.</summary>
    internal bool Covers(Scope scope, EmergencyAlert alert)
    {
        if (scope.Kind == ScopeKind.Everything) return true;
        if (alert.OrganisationId is not { } organisation) return false;
        var now = directory.Current;
        return scope.Kind == ScopeKind.Unit ? now.TryExtension(organisation, alert.Extension, out var by) && now.Covers(scope, by) : scope.Covers(organisation, alert.SiteId);
    }

    internal void Begin(EmergencyCall call)
    {
        var alert = new EmergencyAlert(call.CallId, call.At, call.Number, call.Extension, call.Name.Length > 200 ? call.Name[..200] : call.Name, call.Organisation, call.Site, call.Presented, null, "");
        Called(log, call.Number, call.CallId);
        _unseen[alert.Id] = alert;
        journal.Append(EmergencyAlertWriter.Kind, alert.Id, alert, EmergencyJson.Default.EmergencyAlert);
        live.Value.Changed();
    }

    internal void Seen(Guid alert)
    {
        if (_unseen.TryRemove(alert, out _)) live.Value.Changed();
    }

    [LoggerMessage(5200, LogLevel.Warning, "Emergency call to {Number}: {Call}.")]
    private static partial void Called(ILogger log, string number, Guid call);
}

/// <summary>Writes the alert in the transaction of its event.</summary>
internal sealed class EmergencyAlertWriter : IStateWriter
{
    internal const string Kind = "emergency.called";

    private const string Insert = """
        INSERT INTO emergency_alerts (id, at, number, extension, name, organisation_id, site_id, presented, seen_at, seen_by) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9)
        ON CONFLICT (id) DO NOTHING
        """;

    public IReadOnlyCollection<string> Kinds { get; } = [Kind];

    public void Write(JournalRecord happened, StoreBatch batch)
    {
        var a = JsonSerializer.Deserialize(happened.Data, EmergencyJson.Default.EmergencyAlert)!;
        batch.Execute(Insert, a.Id, a.At.UtcDateTime, a.Number, a.Extension, a.Name, a.OrganisationId, a.SiteId, a.Presented.Reveal(), null, "");
    }
}

[JsonSerializable(typeof(EmergencyAlert))]
internal sealed partial class EmergencyJson : JsonSerializerContext;
