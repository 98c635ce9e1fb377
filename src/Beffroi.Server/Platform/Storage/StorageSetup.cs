// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Configuration;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Platform.Storage;

/// <summary>Something kept in memory that is read from the store before the server answers anybody.</summary>
public interface ILoadable
{
    Task LoadAsync(BeffroiDbContext db, CancellationToken stop);
}

/// <summary>Plugs in the store.</summary>
public static partial class StorageSetup
{
    public static void AddStorage(this WebApplicationBuilder builder)
    {
        var server = builder.Server();
        builder.Services.AddDbContextFactory<BeffroiDbContext>(options => UseStore(options, server.StorageProvider, server.StorageConnection));
        builder.Services.AddSingleton<SchemaMigrator>();
        builder.Services.AddSingleton<Store>();
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

    /// <summary>Migrates the store and loads what is kept in memory. Call once, before the server runs.</summary>
    public static async Task PrepareStorageAsync(this WebApplication app, CancellationToken stop = default)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Beffroi.Storage");
        await using var db = await app.Services.GetRequiredService<IDbContextFactory<BeffroiDbContext>>().CreateDbContextAsync(stop);
        foreach (var step in await app.Services.GetRequiredService<SchemaMigrator>().MigrateAsync(db, stop)) StepTaken(log, step);
        if (db.Database.IsSqlite()) File.SetUnixFileMode(db.Database.GetDbConnection().DataSource, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        foreach (var loadable in app.Services.GetServices<ILoadable>()) await loadable.LoadAsync(db, stop);
    }

    [LoggerMessage(3000, LogLevel.Information, "Schema step {Step} taken.")]
    private static partial void StepTaken(ILogger log, string step);
}
