// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Calls;

/// <summary>One at a time, in order: the messages of one owner.</summary>
/// <remarks>
/// Threading: <see cref="Tell"/> from any thread. The thread that finds the box idle empties it, so an undisturbed message costs no
/// thread switch; a message told while another is being taken waits its turn, whoever told it, so the owner needs no lock. A message told by
/// the owner to itself is taken after the present one. See docs/adr/0003-inline-mailbox.md.
/// </remarks>
internal sealed class Mailbox<T>(Action<T> take)
{
    private readonly Queue<T> _waiting = new();
    private bool _busy;

    public void Tell(T message)
    {
        lock (_waiting)
        {
            _waiting.Enqueue(message);
            if (_busy) return;
            _busy = true;
        }

        Empty();
    }

    private void Empty()
    {
        while (true)
        {
            T message;
            lock (_waiting)
            {
                if (!_waiting.TryDequeue(out message!))
                {
                    _busy = false;
                    return;
                }
            }

            take(message);
        }
    }
}
