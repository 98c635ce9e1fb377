// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Platform.Journal;

/// <summary>The journal's settings.</summary>
/// <param name="SpoolBytes"><c>Journal:SpoolMegabytes</c>, default 1024: how much is kept on disk while the store is away.</param>
/// <param name="MostInMemory"><c>Journal:MemoryEvents</c>, default 200,000: how many events are kept in memory when the disk is full too.</param>
public sealed record JournalSettings(long SpoolBytes, int MostInMemory);

/// <summary>Plugs in the journal.</summary>
public static class JournalSetup
{
    public static void AddJournal(this WebApplicationBuilder builder)
    {
        var settings = builder.Settings();
        builder.Services.AddSingleton(new JournalSettings((long)settings.Number("Journal:SpoolMegabytes", 1024, 1, 1_000_000) << 20, settings.Number("Journal:MemoryEvents", 200_000, 1_000, 5_000_000)));
        builder.Services.AddSchema<JournalSchema>();
        builder.Services.AddStateWriter<AuditTrailWriter>();
        builder.Services.AddSingleton<AuditTrail>();
        builder.Services.AddSingleton<JournalWriter>();
        builder.Services.AddSingleton<ICallJournal>(services => services.GetRequiredService<JournalWriter>());
        builder.Services.AddSingleton<IJournal>(services => services.GetRequiredService<JournalWriter>());
        builder.Services.AddHostedService(services => services.GetRequiredService<JournalWriter>());
    }

    /// <summary>Registers what writes the state rows of a feature's events.</summary>
    public static void AddStateWriter<T>(this IServiceCollection services) where T : class, IStateWriter => services.AddSingleton<IStateWriter, T>();

    /// <summary>Registers what is derived from the journal.</summary>
    public static void AddProjection<T>(this IServiceCollection services) where T : class, IProjection
    {
        services.AddSingleton<T>();
        services.AddSingleton<IProjection>(provider => provider.GetRequiredService<T>());
    }
}
