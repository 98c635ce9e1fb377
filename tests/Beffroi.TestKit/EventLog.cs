// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.TestKit;

/// <summary>Things that happened, in order, which a test can wait for: also those that happened before it asked.</summary>
/// <remarks>Threading: any thread.</remarks>
public sealed class EventLog<T>
{
    private readonly Lock _lock = new();
    private readonly List<T> _events = [];
    private TaskCompletionSource _news = NewSignal();
    private bool _closed;

    public int Count
    {
        get { lock (_lock) return _events.Count; }
    }

    public IReadOnlyList<T> All
    {
        get { lock (_lock) return [.. _events]; }
    }

    public void Add(T happened) => Change(() => _events.Add(happened));

    /// <summary>Nothing more will come: whoever waits is told at once.</summary>
    public void Close() => Change(() => _closed = true);

    /// <summary>The first event from number <paramref name="from"/> on that is <paramref name="wanted"/>. Throws with all that happened when it does not come.</summary>
    public async Task<T> FirstAsync(Func<T, bool> wanted, string what, TimeSpan within, int from = 0)
    {
        using var limit = new CancellationTokenSource(within);
        while (true)
        {
            Task news;
            lock (_lock)
            {
                for (; from < _events.Count; from++)
                    if (wanted(_events[from])) return _events[from];
                if (_closed) throw Missing(what, "it ended");
                news = _news.Task;
            }
            try { await news.WaitAsync(limit.Token); }
            catch (OperationCanceledException) { throw Missing(what, $"{within.TotalSeconds:0.#} s passed"); }
        }
    }

    private void Change(Action change)
    {
        TaskCompletionSource news;
        lock (_lock)
        {
            change();
            (news, _news) = (_news, NewSignal());
        }
        news.TrySetResult();
    }

    private TimeoutException Missing(string what, string why) => new($"{what} did not come: {why}. What came:\n{string.Join('\n', All)}");

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
