// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DirectNumbers.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Features.Emergency;

/// <summary>Each site of the demo town shows its own number to the emergency centre.</summary>
internal sealed class EmergencyDemo(EmergencyBook emergency, IDirectNumbers numbers, TimeProvider time) : IDemoPart
{
    public Task FillAsync(DemoFacts town, Caller caller, CancellationToken stop)
    {
        var direct = numbers.Current;
        var routes = new[] { town.Hall, town.Workshop, town.Library }.Select(site => new EmergencyRoute(Guid.CreateVersion7(time.GetUtcNow()), town.Town.Id, site.Id, "", PhoneNumber.None,
            direct.OfSite(site.Id) is { IsEmpty: false } own ? own : PhoneNumber.Of(town.MainNumber), null, 0));
        return emergency.AddManyAsync(caller, [.. routes], stop);
    }
}
