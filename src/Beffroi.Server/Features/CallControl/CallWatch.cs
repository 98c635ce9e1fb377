// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using Beffroi.Calls;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.EventPackages;
using Beffroi.Sip.Messages;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Keeps the lamps: turns the live calls into the dialogs of extensions (RFC 4235).</summary>
/// <remarks>Threading: runs inside a call's mailbox, so one call at a time per entry; only tables change here, NOTIFYs are sent later.</remarks>
internal sealed class CallWatch(IDirectory directory, DialogBoard board, OwnDomains domains)
{
    private readonly ConcurrentDictionary<Guid, List<Shown>> _shown = new();

    /// <summary>What the board says of a leg now.</summary>
    private sealed record Shown(Guid Leg, Guid Extension, DialogPhase Phase, bool Held, string Remote);

    /// <summary>Calls that are watched now.</summary>
    public int Calls => _shown.Count;

    public void OnCallChanged(CallView view)
    {
        var shown = _shown.GetOrAdd(view.Id, static _ => new(2));
        var now = directory.Current;
        foreach (var leg in view.Legs)
        {
            if (leg.Party.Device is { } username && now.TryDevice(username, out var device)) Put(shown, view, leg, device.ExtensionId);
        }

        Forget(shown, view);
        if (view.Phase == CallPhase.Ended) _shown.TryRemove(view.Id, out _);
    }

    private void Put(List<Shown> shown, CallView view, LegView leg, Guid extension)
    {
        var opposite = leg.Inbound ? view.Called : view.Caller;
        var phase = leg.State switch
        {
            "Connected" => DialogPhase.Confirmed,
            "Ringing" => DialogPhase.Early,
            _ => DialogPhase.Trying,
        };
        var next = new Shown(leg.Id, extension, phase, leg.Holding, opposite.Withheld ? "" : opposite.Number);
        var at = shown.FindIndex(s => s.Leg == next.Leg);
        if (at >= 0 && shown[at] == next) return;
        if (at >= 0) shown[at] = next;
        else shown.Add(next);
        board.Put(extension.ToString("N"), new DialogState
        {
            Id = leg.Id.ToString("N"),
            Phase = phase,
            IsInitiator = leg.Inbound,
            Remote = next.Remote.Length == 0 ? null : new NameAddress(SipUri.Of(next.Remote, domains.Realm)),
            IsHeld = leg.Holding,
        });
    }

    /// <summary>Legs that are gone from the view leave the board.</summary>
    private void Forget(List<Shown> shown, CallView view)
    {
        for (var i = shown.Count - 1; i >= 0; i--)
        {
            var gone = shown[i];
            if (view.Legs.Any(l => l.Id == gone.Leg)) continue;
            board.Put(gone.Extension.ToString("N"), new DialogState { Id = gone.Leg.ToString("N"), Phase = DialogPhase.Terminated });
            shown.RemoveAt(i);
        }
    }
}
