// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;

namespace Beffroi.Server.Features.CallControl.Applications;

/// <summary>Takes the oldest call that rings one of the parties meant: one extension, or a group of colleagues.</summary>
internal sealed class PickupCall(Exchange exchange, string from, Func<ICallContext, Func<CallParty, bool>> whose) : ICallApplication
{
    public string Name => "pickup";

    public async Task RunAsync(ICallContext call, CancellationToken hangup)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (exchange.FindRinging(whose(call)) is { } ringing && await call.TakeAsync(ringing.Id, from)) return;
        await call.EndAsync(new Refusal("pickup.nothing-rings", RefusalKind.NotFound, 404, "Nothing rings there."));
    }
}
