// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using Beffroi.Calls;
using Beffroi.Media.Codecs;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Features.Voicemail.Mail;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Privacy;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Features.Voicemail;

/// <summary>Messages and greetings: sealed files beside rows of the store.</summary>
/// <remarks>
/// A message is first two sealed files (sound, and who left it when); it is safe from then on, whatever the store does. The row follows,
/// at once or when the store is back (<see cref="TakeInWaitingAsync"/>). Threading: any thread.
/// </remarks>
internal sealed partial class VoicemailStore(
    Store store, VoicemailBook boxes, MessageCounts counts, ContentSeal seal, VoicemailFolder folder, MailOptions mail, ILogger<VoicemailStore> log)
{
    /// <summary>Writes down, before anybody speaks, whose message the recording will be: when there is no room left for its sealed copy, the recording is understood all the same. Never throws for the disk.</summary>
    public async Task AnnounceAsync(VoicemailMessage message, CancellationToken stop)
    {
        try
        {
            await folder.WriteAsync(folder.Announced(message.Id), SealedNote(message), stop);
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            NotKept(log, message.Id, full.Message);
        }
    }

    /// <summary>Takes a message from the recorded file, which it deletes.</summary>
    /// <returns>False when the disk has no room for the sealed copy: the recording stays, and <see cref="TakeInLeftAsync"/> tries again.</returns>
    public async Task<bool> DepositAsync(VoicemailMessage message, string recorded, CancellationToken stop)
    {
        try
        {
            var sound = await File.ReadAllBytesAsync(recorded, stop);
            await folder.WriteAsync(folder.Sealed(message.Id), seal.Seal(message.Id, sound), stop);
            await folder.WriteAsync(folder.Waiting(message.Id), SealedNote(message), stop);
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            NotKept(log, message.Id, full.Message);
            folder.LeaveForLater(message.Id);
            return false;
        }

        folder.Forget(message.Id);
        try
        {
            await TakeInAsync(message, stop);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            Waits(log, message.Id, fault);          // its files are safe: the keeper takes it in, or sets it aside
        }

        return true;
    }

    /// <summary>Throws away a recording that is no message.</summary>
    public void Discard(Guid id) => folder.Forget(id);

    /// <summary>Takes in messages whose rows could not be written when they came. Called now and then. One that cannot be taken in for what it is is set aside, and the others are taken in.</summary>
    public async Task TakeInWaitingAsync(CancellationToken stop)
    {
        foreach (var path in System.IO.Directory.EnumerateFiles(folder.Path, "*.waiting"))
        {
            if (!Guid.TryParseExact(Path.GetFileNameWithoutExtension(path), "N", out var id) || !seal.TryOpen(id, await File.ReadAllBytesAsync(path, stop), out var text)) continue;
            try
            {
                if (JsonSerializer.Deserialize<VoicemailMessage>(text) is not { } message || await TakeInAsync(message, stop) is not { } refusal) continue;
                if (refusal.Kind == RefusalKind.Unavailable) return;
                if (refusal.Kind == RefusalKind.Invalid) SetAside(id, refusal.Detail, null);
            }
            catch (Exception fault) when (fault is not OperationCanceledException && !StoreFaults.IsAway(fault))
            {
                SetAside(id, fault.Message, fault);
            }
        }
    }

    /// <summary>Seals recordings for which there was no room, once there is. Called now and then.</summary>
    public async Task TakeInLeftAsync(CancellationToken stop)
    {
        foreach (var path in System.IO.Directory.EnumerateFiles(folder.Temporary, "*.left"))
        {
            if (!Guid.TryParseExact(Path.GetFileNameWithoutExtension(path), "N", out var id) || !seal.TryOpen(id, await File.ReadAllBytesAsync(path, stop), out var text)) continue;
            var recorded = folder.Recording(id);
            if (!File.Exists(recorded)) folder.Forget(id);
            if (!File.Exists(recorded)) continue;
            await using (var sound = File.OpenRead(recorded))
            {
                if (JsonSerializer.Deserialize<VoicemailMessage>(text) is not { } message || !WavFile.TryRead(sound, AudioClip.Longest, out var heard, out _)) continue;
                sound.Close();
                if (!await DepositAsync(message with { Seconds = (int)Math.Ceiling((double)heard.Samples.Length / heard.SampleRate) }, recorded, stop)) return;
            }
        }
    }

    public async Task<IReadOnlyList<VoicemailMessage>> ListAsync(Guid box, CancellationToken stop)
    {
        await using var db = await store.ReadAsync(stop);
        return await db.Set<VoicemailMessage>().Where(m => m.BoxId == box).OrderBy(m => m.Heard).ThenBy(m => m.At).Take(1000).ToListAsync(stop);
    }

    public async Task<VoicemailMessage?> FindAsync(Guid id, CancellationToken stop)
    {
        await using var db = await store.ReadAsync(stop);
        return await db.Set<VoicemailMessage>().FirstOrDefaultAsync(m => m.Id == id, stop);
    }

    /// <summary>The sound as a WAV file; null when it is missing or was sealed under another key.</summary>
    public async Task<byte[]?> SoundAsync(Guid id, CancellationToken stop)
    {
        var path = folder.Sealed(id);
        return File.Exists(path) && seal.TryOpen(id, await File.ReadAllBytesAsync(path, stop), out var sound) ? sound : null;
    }

    public Task<Outcome<VoicemailMessage>> HeardAsync(Caller caller, VoicemailMessage message, bool heard, CancellationToken stop) => store.ChangeAsync<VoicemailMessage>(caller, async change =>
    {
        if (await change.Db.Set<VoicemailMessage>().AsNoTracking().FirstOrDefaultAsync(m => m.Id == message.Id, stop) is not { } before) return NoMessage;
        if (before.Heard == heard) return before;
        var after = before with { Heard = heard };
        change.Replace(before, after);
        change.OnSaved(() => counts.Note(after.BoxId, [before], [after]));
        return after;
    }, stop);

    public Task<Outcome<VoicemailMessage>> DeleteAsync(Caller caller, Guid id, CancellationToken stop) => store.ChangeAsync<VoicemailMessage>(caller, async change =>
    {
        if (await change.Db.Set<VoicemailMessage>().FirstOrDefaultAsync(m => m.Id == id, stop) is not { } message) return NoMessage;
        change.Db.Remove(message);
        change.Audit("voicemail.message-deleted", id, boxes.Pages.GetValueOrDefault(message.BoxId)?.Name ?? "", null, null);
        change.OnSaved(() => Gone(message.BoxId, [message]));
        return message;
    }, stop);

    /// <summary>Removes a box with its messages and its greeting.</summary>
    public async Task<Outcome<VoicemailBox>> RemoveBoxAsync(Caller caller, Guid id, CancellationToken stop)
    {
        var messages = boxes.Pages.ContainsKey(id) ? await ListAsync(id, stop) : [];
        var outcome = await boxes.RemoveAsync(caller, id, stop);
        if (!outcome.Succeeded(out _, out _)) return outcome;
        Forget(id, messages);
        return outcome;
    }

    /// <summary>Deletes messages older than their box keeps them.</summary>
    public async Task ForgetOldAsync(DateTimeOffset now, CancellationToken stop)
    {
        foreach (var box in boxes.Pages.Values.Where(b => b.KeepDays > 0))
        {
            if (counts.Of(box).Messages == 0) continue;
            foreach (var message in (await ListAsync(box.Id, stop)).Where(m => m.At < now - TimeSpan.FromDays(box.KeepDays)))
                await DeleteAsync(Caller.Itself("voicemail retention"), message.Id, stop);
        }
    }

    public Task WriteGreetingAsync(Guid box, byte[] sound, CancellationToken stop) => folder.WriteAsync(folder.Sealed(box), seal.Seal(box, sound), stop);

    public void DeleteGreeting(Guid box) => File.Delete(folder.Sealed(box));

    private static Refusal NoMessage { get; } = Problems.NotFound("voicemail.no-such-message", "message");

    /// <summary>Null when the row is there now, or can never be because the box is gone; else why the store does not take it: the files stay then.</summary>
    private async Task<Refusal?> TakeInAsync(VoicemailMessage message, CancellationToken stop)
    {
        var outcome = await store.ChangeAsync<Done>(Caller.Itself("voicemail"), async change =>
        {
            if (await change.Db.Set<VoicemailMessage>().AnyAsync(m => m.Id == message.Id, stop)) return default(Done);
            change.Db.Add(message);
            if (mail.IsOn && boxes.Pages.GetValueOrDefault(message.BoxId)?.Email.Length > 0) change.Db.Add(new VoicemailMail(message.Id, message.BoxId, 0, change.Now));
            change.OnSaved(() => counts.Note(message.BoxId, [], [message]));
            return default(Done);
        }, stop);
        var isGone = !boxes.Pages.ContainsKey(message.BoxId);
        if (!outcome.Succeeded(out _, out var refusal) && !isGone) return refusal;
        if (isGone) File.Delete(folder.Sealed(message.Id));
        File.Delete(folder.Waiting(message.Id));
        return null;
    }

    private void SetAside(Guid id, string why, Exception? fault)
    {
        folder.SetAside(id);
        IsAside(log, id, why, fault);
    }

    private byte[] SealedNote(VoicemailMessage message) => seal.Seal(message.Id, JsonSerializer.SerializeToUtf8Bytes(message));

    /// <summary>After the commit that removed a box: its sounds go too.</summary>
    internal void Forget(Guid box, IReadOnlyList<VoicemailMessage> messages)
    {
        Gone(box, messages);
        DeleteGreeting(box);
    }

    private void Gone(Guid box, IReadOnlyList<VoicemailMessage> messages)
    {
        foreach (var message in messages) File.Delete(folder.Sealed(message.Id));
        counts.Note(box, messages, []);
    }

    [LoggerMessage(5310, LogLevel.Error, "There is no room for voicemail message {Message} ({Problem}): its recording stays until there is.")]
    private static partial void NotKept(ILogger log, Guid message, string problem);

    [LoggerMessage(5311, LogLevel.Warning, "Voicemail message {Message} is on disk and waits for its row.")]
    private static partial void Waits(ILogger log, Guid message, Exception fault);

    [LoggerMessage(5312, LogLevel.Error, "The store cannot take voicemail message {Message} ({Why}): it is set aside in the voicemail folder.")]
    private static partial void IsAside(ILogger log, Guid message, string why, Exception? fault);
}
