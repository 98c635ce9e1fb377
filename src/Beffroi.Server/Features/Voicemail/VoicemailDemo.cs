// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Features.Voicemail;

/// <summary>Boxes of the demo town: the reception's, shared by its members, the mayor's and the registrar's. The other extensions are left without, to show both.</summary>
internal sealed class VoicemailDemo(VoicemailBook boxes, IDirectory directory, IHuntGroups groups, TimeProvider time) : IDemoPart
{
    public Task FillAsync(DemoFacts town, Caller caller, CancellationToken stop)
    {
        var now = directory.Current;
        var made = new List<VoicemailBox>();
        if (groups.Current.Of(town.Town.Id, PhoneNumber.Of("600")) is { } reception) made.Add(Box(town, "600", reception.Id, reception.Name));
        foreach (var number in new[] { "1005", "1008" })
            if (now.TryExtension(town.Town.Id, number, out var extension)) made.Add(Box(town, number, null, now.DisplayName(extension)));
        return boxes.AddManyAsync(caller, made, stop);
    }

    private VoicemailBox Box(DemoFacts town, string number, Guid? group, string name) => new(Guid.CreateVersion7(time.GetUtcNow()), town.Town.Id, PhoneNumber.Of(number), group, name,
        false, TimeSpan.FromMinutes(3), 1800, 50, 90, "fr", "", false, 0);
}
