// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Privacy;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Platform.Storage;

/// <summary>Something kept in memory that is read from the store before the server answers anybody.</summary>
public interface ILoadable
{
    /// <summary>The entities that it reads: they go into the last known copy, for a start without the store.</summary>
    IReadOnlyList<Type> Kept { get; }

    /// <summary>Puts what the store holds in the place of what memory holds. Called at start, and again when a store that was away at start is taken up: calls go on meanwhile.</summary>
    Task LoadAsync(BeffroiDbContext db, CancellationToken stop);
}

/// <summary>Plugs in the store.</summary>
public static class StorageSetup
{
    public static void AddStorage(this WebApplicationBuilder builder)
    {
        var server = builder.Server();
        builder.Services.AddDbContextFactory<BeffroiDbContext>(options => UseStore(options, server.StorageProvider, server.StorageConnection));
        builder.Services.AddSingleton<SchemaMigrator>();
        builder.Services.AddSingleton<Store>();
        builder.Services.AddSingleton<MasterKey>();
        builder.Services.AddSingleton<StoreState>();
        builder.Services.AddSingleton<LastKnown>();
        builder.Services.AddHostedService<LastKnownKeeper>();
        builder.Services.AddSingleton<StoreTakeUp>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StoreTakeUp>());
    }

    /// <summary>Registers a feature's tables.</summary>
    public static void AddSchema<T>(this IServiceCollection services) where T : class, ISchemaPart => services.AddSingleton<ISchemaPart, T>();

    /// <summary>Registers a singleton that is loaded at start, in the order of registration.</summary>
    public static void AddLoaded<T>(this IServiceCollection services) where T : class, ILoadable
    {
        services.AddSingleton<T>();
        services.AddSingleton<ILoadable>(provider => provider.GetRequiredService<T>());
    }

    internal static void UseStore(DbContextOptionsBuilder options, string provider, string connection)
    {
        options.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking);
        if (provider == "postgres") options.UseNpgsql(connection);
        else options.UseSqlite(SqliteConnectionText(connection));
    }

    /// <summary>5 s of waiting for another writer, foreign keys on.</summary>
    private static string SqliteConnectionText(string connection) =>
        new SqliteConnectionStringBuilder(connection) { DefaultTimeout = 5, ForeignKeys = true }.ToString();

    /// <summary>Migrates the store and loads what is kept in memory, or loads the last known copy when the store does not answer. Call once, before the server runs.</summary>
    /// <exception cref="SettingsException">The store answers and cannot be used.</exception>
    public static Task PrepareStorageAsync(this WebApplication app, CancellationToken stop = default) => app.Services.GetRequiredService<StoreTakeUp>().PrepareAsync(stop);
}
