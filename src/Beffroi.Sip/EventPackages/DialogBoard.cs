// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;

namespace Beffroi.Sip.EventPackages;

/// <summary>The dialogs of every resource now: written by calls, read by the dialog package.</summary>
/// <remarks>Threading: any thread; values are immutable.</remarks>
public sealed class DialogBoard
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ImmutableArray<DialogState>> _dialogs = new(StringComparer.Ordinal);

    /// <summary>Called after a change with the resource, outside the lock: connect it to <see cref="Notifier.Changed"/>.</summary>
    public Action<string>? WhenChanged { get; set; }

    /// <summary>Resources that have a dialog now.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _dialogs.Count;
        }
    }

    public ImmutableArray<DialogState> Of(string resource)
    {
        lock (_lock) return _dialogs.GetValueOrDefault(resource, []);
    }

    /// <summary>Adds or replaces a dialog; a terminated one leaves.</summary>
    public void Put(string resource, DialogState dialog)
    {
        ArgumentNullException.ThrowIfNull(dialog);
        lock (_lock)
        {
            var now = _dialogs.GetValueOrDefault(resource, []);
            var at = IndexOf(now, dialog.Id);
            if (dialog.Phase == DialogPhase.Terminated)
            {
                if (at < 0) return;
                now = now.RemoveAt(at);
            }
            else if (at < 0) now = now.Add(dialog);
            else if (now[at].Equals(dialog)) return;
            else now = now.SetItem(at, dialog);
            if (now.IsEmpty) _dialogs.Remove(resource);
            else _dialogs[resource] = now;
        }
        WhenChanged?.Invoke(resource);
    }

    internal static int IndexOf(ImmutableArray<DialogState> dialogs, string id)
    {
        for (var at = 0; at < dialogs.Length; at++)
            if (dialogs[at].Id == id)
                return at;
        return -1;
    }
}
