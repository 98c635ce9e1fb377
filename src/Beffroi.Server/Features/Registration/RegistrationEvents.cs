// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Registration.Contract;
using Beffroi.Server.Platform.Live;

namespace Beffroi.Server.Features.Registration;

/// <summary>A device came, went or ran out.</summary>
/// <param name="IsRegistered">Whether it can be rung now.</param>
public sealed record RegistrationEvent(Guid Device, string SipUsername, Guid Extension, string Number, string Name, bool IsRegistered);

/// <summary>Tells the live channel of registrations: to who reads within the scope, and to the device's person.</summary>
/// <remarks>Threading: any thread; only enqueues.</remarks>
internal sealed class RegistrationEvents(IRegistrations registrations, IDirectory directory, LiveEvents live) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        registrations.Changed += Tell;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        registrations.Changed -= Tell;
        return Task.CompletedTask;
    }

    private void Tell(RegistrationChanged changed)
    {
        var now = directory.Current;
        if (!live.IsRead || !now.Devices.TryGetValue(changed.Device, out var device)) return;
        var of = now.ExtensionOf(device);
        live.Publish(new LiveEvent("registration", new RegistrationEvent(device.Id, device.SipUsername, of.Id, of.Number, now.DisplayName(of), changed.IsRegistered),
            reader => reader.Reads ? now.Covers(reader.Scope, device) : reader.Person is { } person && of.PersonId == person));
    }
}
