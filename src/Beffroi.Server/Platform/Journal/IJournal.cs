// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Beffroi.Calls;

namespace Beffroi.Server.Platform.Journal;

/// <summary>Where things that happen by themselves (calls, registrations, feature codes) are written down without waiting.</summary>
/// <remarks>Threading: any thread; every method but <see cref="FlushAsync"/> only enqueues.</remarks>
public interface IJournal
{
    /// <summary>Takes an event; the <see cref="IStateWriter"/> of its kind changes the state rows in the same transaction.</summary>
    /// <param name="kind">Stable, <c>feature.what</c>: <c>forwarding.set</c>.</param>
    /// <param name="subject">What it happened to.</param>
    void Append<T>(string kind, Guid subject, T data, JsonTypeInfo<T> json);

    /// <summary>Takes a change of state that is worth no event (a refreshed registration): only its <see cref="IStateWriter"/> runs.</summary>
    void Keep<T>(string kind, Guid subject, T data, JsonTypeInfo<T> json);

    /// <summary>Completes when all that was taken before is written, to the store or, while it is away, to the spool.</summary>
    Task FlushAsync(CancellationToken stop = default);
}

/// <summary>One event as it is stored.</summary>
/// <param name="Data">JSON.</param>
/// <param name="StateOnly">No journal row, only a state row.</param>
public sealed record JournalRecord(string Kind, Guid Subject, int Sequence, DateTimeOffset At, string Data, bool StateOnly = false)
{
    /// <summary>The call event itself while it is at hand; null when the record was read back.</summary>
    [JsonIgnore]
    internal CallEvent? CallEvent { get; init; }

    /// <summary>Shows no data: it holds names and numbers.</summary>
    public override string ToString() => $"{Kind} {Subject}#{Sequence}";
}

/// <summary>What is committed together.</summary>
/// <param name="Number">Ascending within a node; the store remembers the last, so that none is written twice.</param>
public sealed record JournalBatch(long Number, IReadOnlyList<JournalRecord> Records);

/// <summary>Writes the state that an event changes, in the event's transaction.</summary>
/// <remarks>Must be idempotent and depend on the record alone: it may run long after the event, from the spool. Threading: the journal's writer.</remarks>
public interface IStateWriter
{
    /// <summary>The kinds it takes.</summary>
    IReadOnlyCollection<string> Kinds { get; }

    void Write(JournalRecord happened, StoreBatch batch);
}

/// <summary>Derives rows from events after they are committed: may lag, can be rebuilt, never slows a call.</summary>
/// <remarks>Threading: the journal's writer.</remarks>
public interface IProjection
{
    /// <summary>Names its mark in the store.</summary>
    string Name { get; }

    /// <summary>Takes one committed event, in order. Applying an event again must give the same rows. An event whose rows the store refuses is left out and counted: what is thrown must not be met again at the next event.</summary>
    void Apply(JournalRecord happened, long batch, StoreBatch rows);

    /// <summary>The last batch that need not be read again after a restart; lower than <paramref name="batch"/> while something is unfinished.</summary>
    long Mark(long batch);

    /// <summary>Forgets what is unfinished: the events since the mark come again.</summary>
    void Reset();

    /// <summary>All events of former runs were applied: what is still unfinished was cut off by the end of the process. Forgets it, and returns how it is written, piece by piece.</summary>
    IReadOnlyList<Action<StoreBatch>> CaughtUp();
}
