// SPDX-License-Identifier: EUPL-1.2
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Platform.Storage;

/// <summary>Writes the last known copy: two seconds after a change of settings, a minute after registrations changed, and at the end.</summary>
/// <remarks>Threading: one loop. Stopped after the journal's writer, so that the last registrations are in the store.</remarks>
internal sealed partial class LastKnownKeeper(LastKnown copy, StoreState state, IDbContextFactory<BeffroiDbContext> contexts, TimeProvider time, ILogger<LastKnownKeeper> log) : BackgroundService
{
    internal static readonly TimeSpan Round = TimeSpan.FromSeconds(2);
    internal static readonly TimeSpan ForState = TimeSpan.FromMinutes(1);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (state.HasChange(alsoState: true)) await TryWriteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!copy.Exists) state.SettingsChanged();
        var last = time.GetUtcNow();
        using var timer = new PeriodicTimer(Round, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (!state.HasChange(alsoState: time.GetUtcNow() - last >= ForState)) continue;
                await TryWriteAsync(stoppingToken);
                last = time.GetUtcNow();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    /// <summary>Leaves the change standing when it fails: the next round tries again.</summary>
    private async Task TryWriteAsync(CancellationToken stop)
    {
        if (!state.IsTakenUp) return;
        state.Copying();
        try
        {
            await using var db = await contexts.CreateDbContextAsync(stop);
            await copy.WriteAsync(db, stop);
        }
        catch (Exception fault) when (StoreFaults.IsAway(fault) || fault is UnauthorizedAccessException)
        {
            state.StateChanged();
            NotWritten(log, fault.Message);
        }
    }

    [LoggerMessage(3010, LogLevel.Warning, "The last known copy of the settings was not written: {Reason}")]
    private static partial void NotWritten(ILogger log, string reason);
}
