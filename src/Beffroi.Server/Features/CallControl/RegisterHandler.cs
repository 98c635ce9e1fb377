// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Registration.Contract;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;

namespace Beffroi.Server.Features.CallControl;

/// <summary>REGISTER: the device proves itself, then its bindings change (RFC 3261 §10.3).</summary>
internal sealed class RegisterHandler(DeviceGate gate, TrunkGate trunks, IRegistrations registrations, OwnDomains domains, IHostApplicationLifetime lifetime) : ISipRequestHandler
{
    public SipMethod Method => SipMethod.Register;

    public void Handle(ServerTransaction transaction)
    {
        if (trunks.Refuses(transaction)) return;
        var request = transaction.Request;
        if (request.RequestUri is not { } uri || !domains.IsOwn(uri))
        {
            // RFC 3261 §10.3 step 1: not our domain, and we are no proxy.
            transaction.Respond(SipStatus.NotFound);
            return;
        }

        if (!gate.TryEnter(request, transaction.Flow, out var device, out var status, out var challenge))
        {
            transaction.RespondOnce(status, challenge);
            return;
        }

        // RFC 3261 §10.3 step 3: a device registers its own address-of-record only.
        if (request.To.Uri is not { } record || !string.Equals(record.User, device.SipUsername, StringComparison.Ordinal))
        {
            transaction.Respond(SipStatus.Forbidden);
            return;
        }

        var outcome = registrations.Register(device, request, transaction.Flow);
        transaction.Respond(outcome.Status, null, [.. outcome.Headers]);
        // A connection that a binding came over is the way to the device: it is not closed for being idle, and where it is the only way its end ends the
        // binding (RFC 5626 §4.2.2). When the server itself stops, bindings stay: they survive a restart.
        if (transaction.Flow.IsReliable && outcome.Bindings.Any(b => b.Flow == transaction.Flow) && !transaction.Flow.IsKept)
        {
            transaction.Flow.IsKept = true;
            transaction.Flow.Closed += flow =>
            {
                if (!lifetime.ApplicationStopping.IsCancellationRequested) registrations.FlowClosed(device.Id, flow);
            };
        }
    }
}
