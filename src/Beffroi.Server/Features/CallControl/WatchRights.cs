// SPDX-License-Identifier: EUPL-1.2
using System.Threading.Channels;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Sip.EventPackages;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Which device may watch which extension. Requests inside a subscription's dialog are not challenged, so whoever loses the right is sent off at the change of the directory:
/// a telephone that was disabled, or whose extension went to another organisation.</summary>
/// <remarks>Threading: the questions any thread; one loop reviews, changes that come together once.</remarks>
internal sealed class WatchRights(IDirectory directory, Lazy<Notifier> notifier) : BackgroundService
{
    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>The lamp of an extension: any enabled device of its organisation.</summary>
    internal static bool MaySeeLamp(DirectorySnapshot now, string subscriber, string resource) =>
        TryBoth(now, subscriber, resource, out var own, out var watched) && own.OrganisationId == watched.OrganisationId;

    /// <summary>Waiting messages, and the keys for do not disturb and forwardings: the extension's own devices.</summary>
    internal static bool IsItsOwn(DirectorySnapshot now, string subscriber, string resource) =>
        TryBoth(now, subscriber, resource, out var own, out var watched) && own.Id == watched.Id;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        directory.Changed += OnChanged;
        return base.StartAsync(cancellationToken);
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        directory.Changed -= OnChanged;
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var _ in _due.Reader.ReadAllAsync(stoppingToken)) notifier.Value.Review();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private void OnChanged(DirectorySnapshot now) => _due.Writer.TryWrite(true);

    private static bool TryBoth(DirectorySnapshot now, string subscriber, string resource, out Extension own, out Extension watched)
    {
        own = watched = null!;
        if (!now.TryDevice(subscriber, out var device) || !device.Enabled || !now.Extensions.TryGetValue(Guid.Parse(resource), out var found)) return false;
        (own, watched) = (now.ExtensionOf(device), found);
        return true;
    }
}
