// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Calendars.Contract;
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.WelcomeMessage.Contract;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Features.WelcomeMessage;

/// <summary>Who calls the demo town hall hears a message first, free of charge, by its hours.</summary>
internal sealed class WelcomeDemo(WelcomeBook welcomes, TimeProvider time) : IDemoPart
{
    public Task FillAsync(DemoFacts town, Caller caller, CancellationToken stop) => welcomes.AddAsync(caller, new Welcome(
        Guid.CreateVersion7(time.GetUtcNow()), town.Town.Id, PhoneNumber.Of(town.MainNumber), "Accueil de la mairie", WelcomeMoment.BeforeRinging, false, DemoCalendar.Hall,
        "welcome-open", "welcome-closed", Destination.Nowhere, 0), stop);
}
