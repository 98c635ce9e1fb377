// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Platform.Live;

/// <summary>The loops in the background (mail of voicemail, keep-alives of trunks, the copy of the settings): one that broke is shown.</summary>
/// <remarks>A broken loop does not stop the server (<see cref="BackgroundServiceExceptionBehavior.Ignore"/>): a telephone system that rings without its mail is better than none, and one that stops
/// at the same message after every restart would be none for good. Threading: any thread.</remarks>
internal sealed class LoopHealth(IServiceProvider services) : IHealthSource
{
    public ValueTask<IReadOnlyList<HealthNote>> CheckAsync(CancellationToken stop) => ValueTask.FromResult<IReadOnlyList<HealthNote>>(
    [
        .. services.GetServices<IHostedService>().OfType<BackgroundService>().Where(loop => loop.ExecuteTask is { IsFaulted: true }).Select(loop => new HealthNote(
            "server", false, $"The part {loop.GetType().Name} broke and does its work no more. See the log, and start the server again. The reason: {loop.ExecuteTask!.Exception!.InnerException?.Message}",
            $"La partie {loop.GetType().Name} s'est arrêtée sur une erreur. Voyez le journal du serveur, puis redémarrez-le. La raison : {loop.ExecuteTask!.Exception!.InnerException?.Message}")),
    ]);
}
