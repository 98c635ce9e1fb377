// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Features.HuntGroups;

/// <summary>The demo town's reception: group 600, all ring together, then the group's voicemail.</summary>
internal sealed class HuntGroupDemo(HuntGroupBook groups, TimeProvider time) : IDemoPart
{
    public Task FillAsync(DemoFacts town, Caller caller, CancellationToken stop)
    {
        var number = PhoneNumber.Of("600");
        return groups.AddAsync(caller, new HuntGroup(Guid.CreateVersion7(time.GetUtcNow()), town.Town.Id, town.Hall.Id, number, "Accueil", HuntStrategy.RingAll,
            TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(45), Destination.VoicemailOf(number), [.. town.Reception.Select((e, order) => new HuntMember(e.Id, order, true))], 0), stop);
    }
}
