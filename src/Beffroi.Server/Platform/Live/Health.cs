// SPDX-License-Identifier: EUPL-1.2
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Platform.Live;

/// <summary>Something that is not as it should be.</summary>
/// <param name="Part">Which part: <c>storage</c>, <c>trunks</c>.</param>
/// <param name="Stops">True when calls cannot be served at all: the server is not ready.</param>
/// <param name="Text">In English words, for the person who must mend it: what, since when, what to do. The first sentence is shown to everybody: no address, no detail.</param>
/// <param name="French">The same in French.</param>
public sealed record HealthNote(string Part, bool Stops, string Text, string French);

/// <summary>A part that knows whether it is well. Registered by <see cref="LiveSetup.AddHealth{T}"/>.</summary>
public interface IHealthSource
{
    /// <summary>Nothing when all is well. Must answer within two seconds.</summary>
    ValueTask<IReadOnlyList<HealthNote>> CheckAsync(CancellationToken stop);
}

/// <summary>What /health/ready answers.</summary>
/// <param name="Status"><c>ok</c>, <c>degraded</c> (calls go on) or <c>down</c>.</param>
public sealed record HealthReport(string Status, IReadOnlyList<HealthNote> Notes)
{
    /// <summary>The report as this reader may see it: an administrator all of it, anybody else the first sentence of each note, which holds no address and no driver's words.</summary>
    public HealthReport For(ClaimsPrincipal reader) => reader.Identity?.IsAuthenticated == true && reader.Role() == Role.Administrator
        ? this
        : this with { Notes = [.. Notes.Select(n => n with { Text = FirstSentence(n.Text), French = FirstSentence(n.French) })] };

    /// <summary>Changes when a trouble comes, goes or is another one; not with every figure in it.</summary>
    public string Mark() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', Notes.Select(n => $"{n.Part} {new string([.. FirstSentence(n.Text).Where(c => !char.IsAsciiDigit(c))])}")))))[..16];

    private static string FirstSentence(string text) => text.IndexOf(". ", StringComparison.Ordinal) is var end and > 0 ? text[..(end + 1)] : text;
}

/// <summary>Asks every part. Threading: any thread.</summary>
public sealed class Health(IEnumerable<IHealthSource> sources)
{
    public async Task<HealthReport> CheckAsync(CancellationToken stop)
    {
        var notes = new List<HealthNote>();
        foreach (var source in sources) notes.AddRange(await source.CheckAsync(stop));
        return new(notes.Any(n => n.Stops) ? "down" : notes.Count > 0 ? "degraded" : "ok", notes);
    }
}

/// <summary>The store and the journal.</summary>
internal sealed class StorageHealth(IDbContextFactory<BeffroiDbContext> contexts, JournalWriter journal, StoreState store) : IHealthSource
{
    public async ValueTask<IReadOnlyList<HealthNote>> CheckAsync(CancellationToken stop)
    {
        var notes = new List<HealthNote>();
        var state = journal.State;
        if (store.Source == StoreSource.Nothing)
            notes.Add(new("storage", true, $"The store did not answer at start and there is no copy of the settings: nothing is served until it answers. It is tried again all the time. The last time: {store.Because}",
                $"La base de données n'a pas répondu au démarrage et il n'y a pas de copie des réglages : rien n'est servi avant qu'elle réponde. Le serveur réessaie sans cesse. La dernière fois : {store.Because}"));
        else if (store is { IsTakenUp: true, IsComplete: false })
            notes.Add(new("storage", true, "The store has just answered and is being filled.", "La base de données vient de répondre et se remplit."));
        else if (store.Source == StoreSource.Copy)
            notes.Add(new("storage", false, $"The store did not answer at start: calls are served from the copy of {store.CopyOf:u}, changes of settings are refused. {state.SpooledBytes} bytes of events wait on disk. It is tried again all the time. The last time: {store.Because}",
                $"La base de données n'a pas répondu au démarrage : les appels sont servis d'après la copie du {store.CopyOf:u}, les changements de réglages sont refusés. {state.SpooledBytes} octets d'événements attendent sur le disque. Le serveur réessaie sans cesse. La dernière fois : {store.Because}"));
        else if (state.AwayBecause is { } because)
            notes.Add(new("storage", false, $"The store takes nothing since {state.AwaySince:u}. Calls go on; {state.SpooledBytes} bytes of events wait on disk, {state.InMemory} events in memory. The reason: {because}",
                $"La base de données ne prend plus rien depuis {state.AwaySince:u}. Les appels continuent ; {state.SpooledBytes} octets d'événements attendent sur le disque, {state.InMemory} événements en mémoire. La raison : {because}"));
        else if (!await AnswersAsync(stop))
            notes.Add(new("storage", false, "The store does not answer. Calls go on; changes of settings are refused.",
                "La base de données ne répond pas. Les appels continuent ; les changements de réglages sont refusés."));
        if (state.SpoolBroken is { } broken) notes.Add(new("journal", false, $"Events cannot be kept on disk: make room in the data folder. The reason: {broken}",
            $"Les événements ne peuvent pas être gardés sur le disque : faites de la place dans le dossier des données. La raison : {broken}"));
        if (state.Dropped > 0) notes.Add(new("journal", false, $"{state.Dropped} events were lost since the start because store, disk and memory were full.",
            $"{state.Dropped} événements ont été perdus depuis le démarrage : base, disque et mémoire étaient pleins."));
        if (state.Rejected > 0) notes.Add(new("journal", false, $"{state.Rejected} events were refused by the store since the start: see the log.",
            $"La base a refusé {state.Rejected} événements depuis le démarrage : voyez le journal du serveur."));
        if (state.Damaged > 0) notes.Add(new("journal", false, $"{state.Damaged} lines of events kept on disk could not be read since the start: what they held is lost. Look after the disk of the data folder.",
            $"{state.Damaged} lignes d'événements gardées sur le disque étaient illisibles depuis le démarrage : leur contenu est perdu. Vérifiez le disque du dossier des données."));
        if (state.StandingProjection is { } standing) notes.Add(new("history", false, $"The projection {standing} is not written now: see the log. Its events are safe in the journal.",
            $"La projection {standing} n'est plus tenue : voyez le journal du serveur. Ses événements sont à l'abri dans le journal."));
        if (state.Skipped > 0) notes.Add(new("history", false, $"{state.Skipped} events could not be taken into the history since the start: see the log. They are safe in the journal.",
            $"{state.Skipped} événements n'ont pas pu entrer dans l'historique depuis le démarrage : voyez le journal du serveur. Ils sont à l'abri dans le journal."));
        return notes;
    }

    private async Task<bool> AnswersAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            await using var db = await contexts.CreateDbContextAsync(limit.Token);
            return await db.Database.CanConnectAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return false;
        }
    }
}

/// <summary>Room on the disk of the data folder.</summary>
internal sealed class DiskHealth(ServerSettings server) : IHealthSource, ILiveSource
{
    private const long Least = 500L << 20;

    public ValueTask<IReadOnlyList<HealthNote>> CheckAsync(CancellationToken stop) => ValueTask.FromResult<IReadOnlyList<HealthNote>>(Free() < Least
        ? [new("disk", false, $"Only {Free() >> 20} MiB are free in the data folder: make room for recordings and the journal. It is {server.DataFolder}",
            $"Il ne reste que {Free() >> 20} Mio dans le dossier des données : faites de la place pour les messages et le journal. C'est {server.DataFolder}")]
        : []);

    public IEnumerable<LiveFact> Facts
    {
        get
        {
            var free = Free();
            yield return new("disk", "Espace disque libre", "Free disk space", $"{free >> 30} Gio", $"{free >> 30} GiB", free >= Least);
        }
    }

    private long Free() => new DriveInfo(server.DataFolder).AvailableFreeSpace;
}

[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(LiveView))]
[JsonSerializable(typeof(LiveWord))]
internal sealed partial class LiveJson : JsonSerializerContext;
