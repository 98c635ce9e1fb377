// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Platform.Storage;

/// <summary>What the server lives from.</summary>
public enum StoreSource
{
    /// <summary>Nothing is known: the store did not answer at start and there is no copy. No call can be served.</summary>
    Nothing,

    /// <summary>The last known copy on disk: calls are served, changes of settings are refused.</summary>
    Copy,

    /// <summary>The store: it was taken up. It may be away for a while afterwards; memory goes on.</summary>
    Store,
}

/// <summary>Whether the store was taken up since the start, and what was changed since the last copy. Threading: any thread.</summary>
public sealed class StoreState
{
    private volatile StoreSource _source = StoreSource.Nothing;
    private volatile string _because = "";
    private int _settingsChanged;
    private int _stateChanged;

    public StoreSource Source => _source;

    /// <summary>True once everything in memory is the store's.</summary>
    public bool IsTakenUp => _source == StoreSource.Store;

    /// <summary>True once what fills an empty store is done too.</summary>
    public bool IsComplete { get; internal set; }

    /// <summary>Why the store is not taken up.</summary>
    public string Because => _because;

    /// <summary>When the copy was made that the server lives from.</summary>
    public DateTimeOffset CopyOf { get; private set; }

    /// <summary>After the store was taken up later than at start; on the thread that did it.</summary>
    public event Action? TakenUp;

    /// <summary>A person changed something that the copy holds.</summary>
    public void SettingsChanged() => Interlocked.Exchange(ref _settingsChanged, 1);

    /// <summary>Something changed by itself that the copy holds: a registration.</summary>
    public void StateChanged() => Interlocked.Exchange(ref _stateChanged, 1);

    /// <summary>Any thread may read it between <see cref="SettingsChanged"/> and the next copy.</summary>
    internal bool HasChange(bool alsoState) => Volatile.Read(ref _settingsChanged) == 1 || (alsoState && Volatile.Read(ref _stateChanged) == 1);

    internal void Copying()
    {
        Interlocked.Exchange(ref _settingsChanged, 0);
        Interlocked.Exchange(ref _stateChanged, 0);
    }

    internal void LivesFrom(StoreSource source, string because, DateTimeOffset copyOf = default)
    {
        (_because, CopyOf) = (because, copyOf);
        _source = source;
    }

    internal void SayTakenUp() => TakenUp?.Invoke();
}

/// <summary>The store may answer, but it was not brought to this release's schema and taken up yet: as good as away.</summary>
public sealed class StoreNotTakenUpException(string because) : IOException($"The store was not taken up yet: {because}");
