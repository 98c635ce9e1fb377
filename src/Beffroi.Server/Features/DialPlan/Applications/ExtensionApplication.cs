// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DialPlan.Routing;

namespace Beffroi.Server.Features.DialPlan.Applications;

/// <summary>Rings all devices of an extension; when nobody answers there, goes on as its forwardings say.</summary>
internal sealed class ExtensionApplication(Way.ToExtension way, RingSound? sound, CallPlanner planner) : ICallApplication
{
    public string Name => "extension";

    public async Task RunAsync(ICallContext call, CancellationToken hangup)
    {
        var targets = planner.Phones.TargetsOf(way.Extension, planner.ShownInside(call));
        var outcome = targets.Count == 0
            ? new RingOutcome(RingResult.Unreachable, 480)
            : await call.RingAsync(new RingRequest { Targets = targets, Timeout = way.Ring, WhileRinging = sound?.Clip(call.Language), PlayEarly = sound?.Early ?? false }, hangup);
        switch (outcome.Result)
        {
            case RingResult.Answered or RingResult.Stopped:
                return;
            case RingResult.Deflected when outcome.DeflectedTo is { Length: > 0 } number:
                await call.RouteAsync(number, new Diversion(planner.PartyOf(way.Extension), DiversionReason.Deflection));
                return;
            default:
                await planner.ContinueAsync(call, planner.AfterRinging(way, outcome.Result, call));
                return;
        }
    }
}
