// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.EventPackages;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;

namespace Beffroi.Server.Features.CallControl;

/// <summary>SUBSCRIBE (RFC 6665): a device watches an extension's lamp (RFC 4235) or its own waiting messages (RFC 3842).</summary>
internal sealed class SubscribeHandler(DeviceGate gate, Lazy<Notifier> notifier, IDirectory directory) : ISipRequestHandler
{
    public SipMethod Method => SipMethod.Subscribe;

    public void Handle(ServerTransaction transaction)
    {
        if (!notifier.Value.Knows(transaction.Request))
        {
            transaction.Respond(SipStatus.BadEvent, null, [new SipHeader(SipHeaderName.AllowEvents, notifier.Value.AllowEvents)]);
            return;
        }

        if (!gate.TryEnter(transaction.Request, transaction.Flow, proxy: false, out var device, out var status, out var challenge))
        {
            transaction.Respond(status, null, challenge);
            return;
        }

        // Resources are extensions' ids, so that communes with the same short numbers never see each other's lamps.
        var now = directory.Current;
        var own = now.ExtensionOf(device);
        var user = transaction.Request.RequestUri?.User ?? "";
        var watched = user == device.SipUsername ? own : now.TryExtension(own.OrganisationId, user, out var found) ? found : null;
        if (watched is null) transaction.Respond(SipStatus.NotFound);
        else notifier.Value.Subscribe(transaction, own.Id.ToString("N"), watched.Id.ToString("N"));
    }
}

/// <summary>Keeps the lamps: turns the live calls into the dialogs of extensions.</summary>
internal sealed class CallWatch(IDirectory directory, DialogBoard board, OwnDomains domains)
{
    /// <summary>Runs inside a call's mailbox: only tables change, NOTIFYs are sent later.</summary>
    public void OnCallChanged(CallView view)
    {
        var now = directory.Current;
        foreach (var leg in view.Legs) Put(now, view, leg);
        Forget(now, view);
    }

    private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, List<(string Resource, string Id)>> _shown = new();

    private void Put(DirectorySnapshot now, CallView view, LegView leg)
    {
        if (leg.Party.Device is not { } username || !now.TryDevice(username, out var device)) return;
        var resource = device.ExtensionId.ToString("N");
        var id = leg.Id.ToString("N");
        var opposite = leg.Inbound ? view.Called : view.Caller;
        board.Put(resource, new DialogState
        {
            Id = id,
            Phase = leg.State switch { "Connected" => DialogPhase.Confirmed, "Ringing" => DialogPhase.Early, _ => DialogPhase.Trying },
            IsInitiator = leg.Inbound,
            Remote = opposite.Withheld || opposite.Number.Length == 0 ? null : new NameAddress(SipUri.Of(opposite.Number, domains.Realm)),
            IsHeld = leg.Holding,
        });
        var shown = _shown.GetOrAdd(view.Id, _ => []);
        lock (shown)
        {
            if (!shown.Contains((resource, id))) shown.Add((resource, id));
        }
    }

    /// <summary>Legs that are gone from the view leave the board.</summary>
    private void Forget(DirectorySnapshot now, CallView view)
    {
        _ = now;
        if (!_shown.TryGetValue(view.Id, out var shown)) return;
        lock (shown)
        {
            for (var i = shown.Count - 1; i >= 0; i--)
            {
                var (resource, id) = shown[i];
                if (view.Legs.Any(l => l.Id.ToString("N") == id)) continue;
                board.Put(resource, new DialogState { Id = id, Phase = DialogPhase.Terminated });
                shown.RemoveAt(i);
            }
        }

        if (view.Phase == CallPhase.Ended) _shown.TryRemove(view.Id, out _);
    }
}
