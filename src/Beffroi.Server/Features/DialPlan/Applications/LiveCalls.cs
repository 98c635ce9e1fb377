// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;

namespace Beffroi.Server.Features.DialPlan.Applications;

/// <summary>The exchange, found when first needed: it needs the router to exist, and applications of the router need it.</summary>
internal sealed class LiveCalls(IServiceProvider services) : ILiveCalls
{
    private readonly Lazy<Exchange?> _exchange = new(services.GetService<Exchange>);

    public IEnumerable<CallView> Live => _exchange.Value?.Live ?? [];

    public CallView? FindRinging(Func<CallParty, bool> wanted) => _exchange.Value?.FindRinging(wanted);

    public Guid? FindParked(string slot, Guid organisation) => _exchange.Value?.FindParked(slot, organisation);

    public Task<Refusal?> ParkAsync(Guid call, Guid byLeg, string code) =>
        _exchange.Value?.TransferAsync(call, byLeg, code, untilTaken: true) ?? Task.FromResult<Refusal?>(Routing.Refusals.Unreachable);
}

/// <summary>What holds while neither Registration nor Trunks is plugged in: no phone rings, no trunk is there.</summary>
internal sealed class NoLines : IExtensionPhones, ITrunkLines
{
    public IReadOnlyList<Calls.Applications.RingTarget> TargetsOf(Directory.Contract.Extension extension, RingAs how) => [];

    public IEnumerable<Calls.Applications.RingTarget> For(OutsideCall call) => [];

    public IReadOnlyList<TrunkPreview> Preview(OutsideCall call) => [];
}
