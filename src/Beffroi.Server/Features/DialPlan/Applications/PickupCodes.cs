// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DialPlan.Routing;
using Beffroi.Server.Features.Directory.Contract;

namespace Beffroi.Server.Features.DialPlan.Applications;

/// <summary>Pickup ("interception"), park and retrieve by code. A parked call waits under the number of the extension that parked it, so that whoever parks knows where it is.</summary>
internal sealed class PickupCodes(ILiveCalls calls, IDirectory directory, IDialPlans plans, PromptLibrary prompts) : IFeatureCodeService
{
    internal static readonly TimeSpan LongestPark = TimeSpan.FromMinutes(5);

    public IReadOnlyCollection<FeatureAction> Actions => [FeatureAction.PickupDirected, FeatureAction.PickupGroup, FeatureAction.Park, FeatureAction.Retrieve];

    public CallPlan Plan(FeatureAction action, string argument, Extension by) => action switch
    {
        FeatureAction.PickupDirected => Run(new Pickup(this, by, argument), argument),
        FeatureAction.PickupGroup => Run(new Pickup(this, by, null), "*"),
        FeatureAction.Park => Run(new Park(this, by), by.Number),
        _ => Run(new Retrieve(this, by, argument), argument),
    };

    /// <summary>Whether a ringing party may be picked up: that extension, or one of the same pickup group, else of the same unit.</summary>
    internal bool MayTake(Extension by, string? number, CallParty ringing)
    {
        var now = directory.Current;
        if (ExtensionOf(ringing, now) is not { } extension || extension.OrganisationId != by.OrganisationId) return false;
        if (number is not null) return extension.Number == number;
        var group = plans.Line(by.Id)?.PickupGroup ?? "";
        if (group.Length > 0) return plans.Line(extension.Id)?.PickupGroup == group;
        var unit = now.PersonOf(by)?.UnitId;
        return unit is not null && now.PersonOf(extension)?.UnitId == unit;
    }

    /// <summary>By the device that rings, not by the number: organisations may share numbers.</summary>
    private static Extension? ExtensionOf(CallParty party, DirectorySnapshot now) => CallOrigin.ExtensionOf(party, now);

    private static CallPlan.Run Run(ICallApplication application, string number) => new(application, new CallParty(PartyKind.Service, number, ""));

    private sealed class Pickup(PickupCodes codes, Extension by, string? number) : ICallApplication
    {
        public string Name => "pickup";

        public async Task RunAsync(ICallContext call, CancellationToken hangup)
        {
            var found = codes.Calls.FindRinging(party => codes.MayTake(by, number, party));
            if (found is not null && await call.TakeAsync(found.Id, number ?? found.Called.Number)) return;
            await call.SayAndEndAsync(codes.Prompts, "pickup-none");
        }
    }

    private sealed class Retrieve(PickupCodes codes, Extension by, string slot) : ICallApplication
    {
        public string Name => "retrieve";

        public async Task RunAsync(ICallContext call, CancellationToken hangup)
        {
            if (codes.Calls.FindParked(slot, by.OrganisationId) is { } parked && await call.TakeAsync(parked, slot)) return;
            await call.SayAndEndAsync(codes.Prompts, "park-none");
        }
    }

    /// <summary>Reached by transfer: the party transferred waits. Dialled directly: the caller's other call is sent here, and the slot is said.</summary>
    private sealed class Park(PickupCodes codes, Extension by) : ICallApplication
    {
        public string Name => "park";

        public async Task RunAsync(ICallContext call, CancellationToken hangup)
        {
            if (IsBy(call.Caller))
            {
                await SendOtherCallAsync(call);
                return;
            }

            switch (await call.ParkAsync(by.Number, LongestPark, by.OrganisationId))
            {
                case ParkResult.Retrieved:
                    return;
                case ParkResult.SlotTaken:
                    await call.EndAsync(SlotTaken);                          // back to who wanted to park it
                    return;
                default:
                    await call.RouteAsync(by.Number, onBehalfOf: codes.PartyOf(by));     // nobody came for it: back to who parked it
                    return;
            }
        }

        private async Task SendOtherCallAsync(ICallContext call)
        {
            foreach (var other in codes.Calls.Live)
            {
                if (other.Id == call.CallId || other.Phase != CallPhase.Talking || other.Legs.FirstOrDefault(l => IsBy(l.Party)) is not { } leg) continue;
                if (await codes.Calls.ParkAsync(other.Id, leg.Id, call.Dialled) is null) await call.SayAndEndAsync(codes.Prompts, ["park-at", .. SpokenNumber.Digits(by.Number)]);
                else await call.SayAndEndAsync(codes.Prompts, "park-taken");
                return;
            }

            await call.SayAndEndAsync(codes.Prompts, "park-none");
        }

        private bool IsBy(CallParty party) => ExtensionOf(party, codes.Now)?.Id == by.Id;
    }

    private static Refusal SlotTaken { get; } = new("call.park-taken", RefusalKind.Conflict, 486, "Another call waits in this place already.") { Cause = 17 };

    private CallParty PartyOf(Extension extension) => DialPlanEngine.PartyOf(extension, Now);

    private DirectorySnapshot Now => directory.Current;

    private ILiveCalls Calls => calls;

    private PromptLibrary Prompts => prompts;
}
