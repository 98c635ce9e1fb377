// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Platform.Live;

/// <summary>One line of the live state: a count or a word, never a name or a number of somebody.</summary>
/// <param name="Id">Stable: <c>registrations</c>, <c>calls</c>, <c>trunks</c>.</param>
/// <param name="IsWell">False: shown as a warning, in words and by shape.</param>
public sealed record LiveFact(string Id, string French, string English, string FrenchValue, string EnglishValue, bool IsWell = true);

/// <summary>A part that has something to show on the start page. Registered by <see cref="LiveSetup.AddLive{T}"/>.</summary>
public interface ILiveSource
{
    /// <summary>As it is now. Any thread; must not wait.</summary>
    IEnumerable<LiveFact> Facts { get; }
}

/// <summary>The live state as the start page's script asks for it.</summary>
public sealed record LiveView(string Status, IReadOnlyList<LiveFact> Facts);

/// <summary>Plugs in health, metrics, the live state and the start page.</summary>
public static class LiveSetup
{
    public static void AddLive(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Health>();
        builder.Services.AddHealth<StorageHealth>();
        builder.Services.AddHealth<DiskHealth>();
        builder.Services.AddMetrics<PlatformMetrics>();
        builder.Services.AddLive<DiskHealth>();
        builder.Services.AddLive<StoreFact>();
        builder.Services.AddJson(LiveJson.Default);
    }

    public static void AddHealth<T>(this IServiceCollection services) where T : class, IHealthSource => services.AddSingleton<IHealthSource, T>();

    public static void AddMetrics<T>(this IServiceCollection services) where T : class, IMetricSource => services.AddSingleton<IMetricSource, T>();

    public static void AddLive<T>(this IServiceCollection services) where T : class, ILiveSource => services.AddSingleton<ILiveSource, T>();

    public static void MapLive(this WebApplication app)
    {
        app.MapGet("/health/live", Alive).Needs(Access.Public).WithTags("Health");
        app.MapGet("/health/ready", Ready).Needs(Access.Public).WithTags("Health");
        app.MapGet("/metrics", Metrics).Needs(Access.Public).WithTags("Health");
        app.MapGet("/api/v1/state", State).Needs(Access.Public).WithTags("Health");
        StartPage.Map(app);
    }

    /// <summary>Says that the process runs.</summary>
    internal static Ok<string> Alive() => TypedResults.Ok("ok");

    /// <summary>Says whether calls are served, and what is degraded, in words. 503 when calls cannot be served.</summary>
    internal static async Task<JsonHttpResult<HealthReport>> Ready(Health health, CancellationToken stop)
    {
        var report = await health.CheckAsync(stop);
        return TypedResults.Json(report, statusCode: report.Status == "down" ? 503 : 200);
    }

    /// <summary>Gives the figures for Prometheus.</summary>
    internal static ContentHttpResult Metrics(IEnumerable<IMetricSource> sources)
    {
        var metrics = new MetricWriter();
        foreach (var source in sources) source.Write(metrics);
        return TypedResults.Text(metrics.ToString(), "text/plain; version=0.0.4");
    }

    /// <summary>Gives the live state in counts: registrations, calls, trunks, store, disk.</summary>
    internal static async Task<Ok<LiveView>> State(Health health, IEnumerable<ILiveSource> sources, CancellationToken stop) =>
        TypedResults.Ok(new LiveView((await health.CheckAsync(stop)).Status, [.. sources.SelectMany(s => s.Facts)]));

    private sealed class StoreFact(JournalWriter journal, StoreState store) : ILiveSource
    {
        public IEnumerable<LiveFact> Facts =>
        [
            store.Source == StoreSource.Nothing ? Fact("Indisponible depuis le démarrage, sans copie des réglages : aucun appel n'est servi", "Not available since the start, and no copy of the settings: no call is served")
                : store.Source == StoreSource.Copy ? Fact("Indisponible depuis le démarrage : les appels passent avec la dernière copie des réglages", "Not available since the start: calls go on with the last copy of the settings")
                : journal.State.IsAway ? Fact("Indisponible : les appels continuent, l'historique attend sur le disque", "Not available: calls go on, the history waits on disk")
                : Fact("En service", "In service", true),
        ];

        private static LiveFact Fact(string french, string english, bool isWell = false) => new("store", "Base de données", "Database", french, english, isWell);
    }
}
