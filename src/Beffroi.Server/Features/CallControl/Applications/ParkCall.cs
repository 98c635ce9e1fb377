// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Server.Features.CallControl.Contract;

namespace Beffroi.Server.Features.CallControl.Applications;

/// <summary>Puts the caller into a park slot, from where any telephone retrieves it; after a while the call goes back to whoever parked it.</summary>
internal sealed class ParkCall(Exchange exchange, string? wanted, CallControlOptions options) : ICallApplication
{
    public string Name => "park";

    public async Task RunAsync(ICallContext call, CancellationToken hangup)
    {
        ArgumentNullException.ThrowIfNull(call);
        var slot = wanted ?? FreeSlot();
        if (slot is null || exchange.FindParked(slot) is not null)
        {
            await call.EndAsync(new Refusal("park.no-slot", RefusalKind.Conflict, 486, "The park slot is taken, or all are."));
            return;
        }

        if (await call.ParkAsync(slot, options.ParkTime)) return;
        hangup.ThrowIfCancellationRequested();
        if (call.ParkedBy is { Kind: PartyKind.Internal } back)
            await call.RouteAsync(back.Number, new Diversion(new CallParty(PartyKind.Service, slot, "park"), DiversionReason.NoAnswer));
        else
            await call.EndAsync(new Refusal("park.not-retrieved", RefusalKind.Unavailable, 480, "Nobody retrieved the call."));
    }

    private string? FreeSlot()
    {
        for (var slot = options.FirstParkSlot; slot <= options.LastParkSlot; slot++)
        {
            var name = slot.ToString(CultureInfo.InvariantCulture);
            if (exchange.FindParked(name) is null) return name;
        }

        return null;
    }
}

/// <summary>Takes the call that waits in a slot.</summary>
internal sealed class RetrieveCall(Exchange exchange, string slot) : ICallApplication
{
    public string Name => "retrieve";

    public async Task RunAsync(ICallContext call, CancellationToken hangup)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (exchange.FindParked(slot) is { } parked && await call.TakeAsync(parked, slot)) return;
        await call.EndAsync(new Refusal("park.empty-slot", RefusalKind.NotFound, 404, "Nothing is parked there."));
    }
}
