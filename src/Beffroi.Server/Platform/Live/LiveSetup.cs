// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
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
/// <param name="Trouble">Changes when a note of /health/ready comes or goes: time to read them again.</param>
/// <param name="Notices">What stands to be looked after, within the reader's scope; left out for who may not manage.</param>
public sealed record LiveView(string Status, IReadOnlyList<LiveFact> Facts, string Trouble, IReadOnlyList<LiveNotice>? Notices = null);

/// <summary>Plugs in health, metrics, the live state and the start page.</summary>
public static class LiveSetup
{
    public static void AddLive(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Health>();
        builder.Services.AddSingleton<LiveEvents>();
        builder.Services.AddSingleton<LiveChannel>();
        builder.Services.AddSingleton(services => new Lazy<LiveChannel>(services.GetRequiredService<LiveChannel>));
        builder.Services.AddHealth<StorageHealth>();
        builder.Services.AddHealth<DiskHealth>();
        builder.Services.AddHealth<LoopHealth>();
        builder.Services.Configure<HostOptions>(host => host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore);
        builder.Services.AddMetrics<PlatformMetrics>();
        builder.Services.AddLive<DiskHealth>();
        builder.Services.AddLive<StoreFact>();
        builder.Services.AddJson(LiveJson.Default);
    }

    public static void AddHealth<T>(this IServiceCollection services) where T : class, IHealthSource => services.AddSingleton<IHealthSource, T>();

    public static void AddMetrics<T>(this IServiceCollection services) where T : class, IMetricSource => services.AddSingleton<IMetricSource, T>();

    public static void AddLive<T>(this IServiceCollection services) where T : class, ILiveSource => services.AddSingleton<ILiveSource, T>();

    public static void AddNotices<T>(this IServiceCollection services) where T : class, INoticeSource => services.AddSingleton<INoticeSource, T>();

    public static void MapLive(this WebApplication app)
    {
        app.MapGet("/health/live", Alive).Needs(Access.Public).WithTags("Health");
        app.MapGet("/health/ready", Ready).Needs(Access.Public).WithTags("Health");
        app.MapGet("/metrics", Metrics).Needs(Access.Public).WithTags("Health");
        app.MapGet("/api/v1/state", State).Needs(Access.Public).WithTags("Health");
        app.MapGet("/api/v1/live", Live).Needs(Access.Public).WithTags("Health");
        StartPage.Map(app);
    }

    /// <summary>Says that the process runs.</summary>
    internal static Ok<string> Alive() => TypedResults.Ok("ok");

    /// <summary>Says whether calls are served, and what is degraded, in words; to administrators with the reasons. 503 when calls cannot be served.</summary>
    internal static async Task<JsonHttpResult<HealthReport>> Ready(HttpContext context, Health health, CancellationToken stop)
    {
        var report = (await health.CheckAsync(stop)).For(context.User);
        return TypedResults.Json(report, statusCode: report.Status == "down" ? 503 : 200);
    }

    /// <summary>Gives the figures for Prometheus.</summary>
    internal static ContentHttpResult Metrics(IEnumerable<IMetricSource> sources)
    {
        var metrics = new MetricWriter();
        foreach (var source in sources) source.Write(metrics);
        return TypedResults.Text(metrics.ToString(), "text/plain; version=0.0.4");
    }

    /// <summary>Gives the live state in counts: registrations, calls, trunks, store, disk. Those who manage also get what stands to be looked after.</summary>
    internal static async Task<Ok<LiveView>> State(HttpContext context, LiveChannel live, CancellationToken stop) => TypedResults.Ok(await live.ViewAsync(context.User, stop));

    /// <summary>Gives the live state as server-sent events (<c>event: state</c>): at once, as soon as something changes that cannot wait, and every five seconds.</summary>
    /// <remarks>With <c>events=true</c>, to who is signed in, also what happens within the scope, or to one's own telephones: <c>call</c> (as <c>/calls/{id}</c> shows it, until its phase is
    /// <c>ended</c>), <c>registration</c>, <c>trunk</c> (as <c>/trunks/{id}</c> shows it). Events are not sent again: each connection begins with <c>resync</c>, after which the lists are to be read
    /// once. Who does not keep up gets <c>lost</c> and is let go.</remarks>
    /// <param name="events">True: events too.</param>
    internal static Results<ServerSentEventsResult<object>, ProblemHttpResult> Live(HttpContext context, LiveChannel live, IHostApplicationLifetime server, bool events = false)
    {
        var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, server.ApplicationStopping);
        context.Response.RegisterForDispose(ends);
        return live.Follow(context.User, events, ends.Token) is { } states
            ? TypedResults.ServerSentEvents(states)
            : new Refusal("live.too-many-readers", RefusalKind.Unavailable, 503, "Too many follow the live state now: ask /api/v1/state.").ToProblem();
    }

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
