// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.DirectNumbers.Contract;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Features.DirectNumbers;

/// <summary>The demo town's hundred numbers, 01 99 00 10 00 to 10 99: the first is the town hall's, those of extensions follow, 80 and 90 are of the two other sites.</summary>
internal sealed class DirectNumberDemo(DirectNumberBook numbers, IDirectory directory, TimeProvider time) : IDemoPart
{
    internal const string WorkshopNumber = "+33199001080", LibraryNumber = "+33199001090";

    public async Task FillAsync(DemoFacts town, Caller caller, CancellationToken stop)
    {
        var first = long.Parse(town.MainNumber.AsSpan(1), CultureInfo.InvariantCulture);
        await numbers.AddManyAsync(caller, [.. Enumerable.Range(0, 100).Select(step => Number(town, string.Create(CultureInfo.InvariantCulture, $"+{first + step}")))], stop);
    }

    private DirectNumber Number(DemoFacts town, string number)
    {
        var made = new DirectNumber(Guid.CreateVersion7(time.GetUtcNow()), town.Town.Id, null, PhoneNumber.Of(number), Destination.Nowhere, Presentation.Own, "", 0);
        if (number == town.MainNumber)
            return made with { SiteId = town.Hall.Id, Destination = new Destination(DestinationKind.Number, "600"), Presentation = Presentation.Organisation, Label = "Mairie" };
        if (number == WorkshopNumber) return made with { SiteId = town.Workshop.Id, Destination = new Destination(DestinationKind.Number, "1018"), Presentation = Presentation.Site, Label = town.Workshop.Name };
        if (number == LibraryNumber) return made with { SiteId = town.Library.Id, Destination = new Destination(DestinationKind.Number, "1023"), Presentation = Presentation.Site, Label = town.Library.Name };
        var now = directory.Current;
        return now.TryExtension(town.Town.Id, number[^4..], out var extension)
            ? made with { SiteId = extension.SiteId, Destination = new Destination(DestinationKind.Number, extension.Number), Label = now.DisplayName(extension) }
            : made;
    }
}
