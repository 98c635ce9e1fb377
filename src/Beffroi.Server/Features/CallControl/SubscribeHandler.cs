// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.EventPackages;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;

namespace Beffroi.Server.Features.CallControl;

/// <summary>SUBSCRIBE (RFC 6665): a device watches an extension's lamp (RFC 4235) or its own waiting messages (RFC 3842), or keeps its own keys as the server has them (as-feature-event).</summary>
internal sealed class SubscribeHandler(DeviceGate gate, TrunkGate trunks, Lazy<Notifier> notifier, IDirectory directory) : ISipRequestHandler
{
    public SipMethod Method => SipMethod.Subscribe;

    public void Handle(ServerTransaction transaction)
    {
        if (trunks.Refuses(transaction)) return;
        if (!notifier.Value.Knows(transaction.Request))
        {
            transaction.Respond(SipStatus.BadEvent, null, [new SipHeader(SipHeaderName.AllowEvents, notifier.Value.AllowEvents)]);
            return;
        }

        if (!gate.TryEnter(transaction.Request, transaction.Flow, out var device, out var status, out var challenge))
        {
            transaction.RespondOnce(status, challenge);
            return;
        }

        // Resources are extensions' ids, so that communes with the same short numbers never see each other's lamps.
        var now = directory.Current;
        var own = now.ExtensionOf(device);
        var user = transaction.Request.RequestUri?.User ?? "";
        var watched = user == device.SipUsername ? own : now.TryExtension(own.OrganisationId, user, out var found) ? found : null;
        if (watched is null) transaction.Respond(SipStatus.NotFound);
        else notifier.Value.Subscribe(transaction, device.SipUsername, watched.Id.ToString("N"));
    }
}
