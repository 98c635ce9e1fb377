// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using Beffroi.Calls;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.EventPackages;
using Beffroi.Sip.Messages;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Keeps the lamps: turns the live calls into the dialogs of extensions (RFC 4235). A dialog that rings is told with its Call-ID and tags, so that whoever sees
/// the lamp may pick the call up by Replaces, as by *8 and the number; one in conversation is not, so that nobody can step into it.</summary>
/// <remarks>Threading: runs inside a call's mailbox, so one call at a time per entry; only tables change here, NOTIFYs are sent later.</remarks>
internal sealed class CallWatch(IDirectory directory, DialogBoard board, OwnDomains domains)
{
    private readonly ConcurrentDictionary<Guid, List<Shown>> _shown = new();

    /// <summary>What the board says of a leg now.</summary>
    private readonly record struct Shown(Guid Leg, string Resource, string Dialog, Guid Extension, DialogPhase Phase, bool Held, string Remote, LegDialog Ringing);

    /// <summary>Calls that are watched now.</summary>
    public int Calls => _shown.Count;

    public void OnCallChanged(CallView view)
    {
        var shown = _shown.GetOrAdd(view.Id, static _ => new(2));
        var now = directory.Current;
        for (var i = 0; i < view.Legs.Count; i++)
        {
            if (view.Legs[i].Party.Device is { } username && now.TryDevice(username, out var device)) Put(shown, view, view.Legs[i], device.ExtensionId);
        }

        Forget(shown, view);
        if (view.Phase == CallPhase.Ended) _shown.TryRemove(view.Id, out _);
    }

    /// <summary>Runs several times in every call: nothing is made while the lamp stays as it is.</summary>
    private void Put(List<Shown> shown, CallView view, LegView leg, Guid extension)
    {
        var opposite = leg.Inbound ? view.Called : view.Caller;
        var remote = opposite.IsMasked ? "" : opposite.Number;
        var phase = leg.State switch
        {
            "Connected" => DialogPhase.Confirmed,
            "Ringing" => DialogPhase.Early,
            _ => DialogPhase.Trying,
        };
        var at = IndexOf(shown, leg.Id);
        var before = at < 0 ? default : shown[at];
        if (at >= 0 && before.Extension == extension && before.Phase == phase && before.Held == leg.Holding && before.Remote == remote && before.Ringing == leg.Ringing) return;
        var next = before.Extension == extension && at >= 0
            ? before with { Phase = phase, Held = leg.Holding, Remote = remote, Ringing = leg.Ringing }
            : new Shown(leg.Id, extension.ToString("N"), leg.Id.ToString("N"), extension, phase, leg.Holding, remote, leg.Ringing);
        if (at >= 0) shown[at] = next;
        else shown.Add(next);
        board.Put(next.Resource, new DialogState
        {
            Id = next.Dialog,
            Phase = phase,
            IsInitiator = leg.Inbound,
            Remote = remote.Length == 0 ? null : new NameAddress(SipUri.Of(remote, domains.Realm)),
            IsHeld = leg.Holding,
            CallId = leg.Ringing.CallId,
            LocalTag = leg.Ringing.LocalTag,
            RemoteTag = leg.Ringing.RemoteTag,
        });
    }

    /// <summary>Legs that are gone from the view leave the board.</summary>
    private void Forget(List<Shown> shown, CallView view)
    {
        for (var i = shown.Count - 1; i >= 0; i--)
        {
            var gone = shown[i];
            if (IsIn(view, gone.Leg)) continue;
            board.Put(gone.Resource, new DialogState { Id = gone.Dialog, Phase = DialogPhase.Terminated });
            shown.RemoveAt(i);
        }
    }

    private static int IndexOf(List<Shown> shown, Guid leg)
    {
        for (var i = 0; i < shown.Count; i++)
            if (shown[i].Leg == leg) return i;
        return -1;
    }

    private static bool IsIn(CallView view, Guid leg)
    {
        for (var i = 0; i < view.Legs.Count; i++)
            if (view.Legs[i].Id == leg) return true;
        return false;
    }
}
