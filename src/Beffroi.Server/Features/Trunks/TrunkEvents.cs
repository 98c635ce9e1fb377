// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform.Live;

namespace Beffroi.Server.Features.Trunks;

/// <summary>Tells the live channel how trunks fare: to who reads the whole installation.</summary>
/// <remarks>Threading: any thread; only enqueues.</remarks>
internal sealed class TrunkEvents(TrunkStore trunks, LiveEvents live) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        trunks.Fares += Tell;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        trunks.Fares -= Tell;
        return Task.CompletedTask;
    }

    private void Tell(Trunk trunk)
    {
        if (live.IsRead) live.Publish(new LiveEvent("trunk", TrunkApi.View(trunks, trunk), reader => reader.ReadsAll));
    }
}
