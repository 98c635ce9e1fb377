// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using Beffroi.Calls;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Features.Voicemail.Mail;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Privacy;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Features.Voicemail;

/// <summary>Where voicemail keeps its files.</summary>
internal sealed record VoicemailFolder(string Path)
{
    public string Temporary => System.IO.Path.Combine(Path, "recording");

    /// <summary>The sealed sound of a message or of a box's greeting.</summary>
    public string Sealed(Guid id) => System.IO.Path.Combine(Path, $"{id:N}.sealed");

    /// <summary>A message that the store does not know yet.</summary>
    public string Waiting(Guid id) => System.IO.Path.Combine(Path, $"{id:N}.waiting");

    public void Make()
    {
        foreach (var folder in new[] { Path, Temporary })
            System.IO.Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var left in System.IO.Directory.EnumerateFiles(Temporary)) File.Delete(left);          // of calls that ended with the process
    }
}

/// <summary>Messages and greetings: sealed files beside rows of the store.</summary>
/// <remarks>
/// A message is first two sealed files (sound, and who left it when); it is safe from then on, whatever the store does. The row follows,
/// at once or when the store is back (<see cref="TakeInWaitingAsync"/>). Threading: any thread.
/// </remarks>
internal sealed class VoicemailStore(Store store, VoicemailBook boxes, MessageCounts counts, ContentSeal seal, VoicemailFolder folder, MailOptions mail)
{
    /// <summary>Takes a message from the recorded file, which it deletes.</summary>
    public async Task DepositAsync(VoicemailMessage message, string recorded, CancellationToken stop)
    {
        var sound = await File.ReadAllBytesAsync(recorded, stop);
        await WriteAsync(folder.Sealed(message.Id), seal.Seal(message.Id, sound), stop);
        await WriteAsync(folder.Waiting(message.Id), seal.Seal(message.Id, JsonSerializer.SerializeToUtf8Bytes(message)), stop);
        File.Delete(recorded);
        await TakeInAsync(message, stop);
    }

    /// <summary>Takes in messages whose rows could not be written when they came. Called now and then.</summary>
    public async Task TakeInWaitingAsync(CancellationToken stop)
    {
        foreach (var path in System.IO.Directory.EnumerateFiles(folder.Path, "*.waiting"))
        {
            if (!Guid.TryParseExact(Path.GetFileNameWithoutExtension(path), "N", out var id) || !seal.TryOpen(id, await File.ReadAllBytesAsync(path, stop), out var text)) continue;
            if (JsonSerializer.Deserialize<VoicemailMessage>(text) is { } message && !await TakeInAsync(message, stop)) return;
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
        Gone(id, messages);
        File.Delete(folder.Sealed(id));
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

    public Task WriteGreetingAsync(Guid box, byte[] sound, CancellationToken stop) => WriteAsync(folder.Sealed(box), seal.Seal(box, sound), stop);

    public void DeleteGreeting(Guid box) => File.Delete(folder.Sealed(box));

    private static Refusal NoMessage { get; } = Problems.NotFound("voicemail.no-such-message", "message");

    /// <summary>True when the row is there now, or can never be because the box is gone; false while the store does not take it: the files stay then.</summary>
    private async Task<bool> TakeInAsync(VoicemailMessage message, CancellationToken stop)
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
        if (!outcome.Succeeded(out _, out _) && !isGone) return false;
        if (isGone) File.Delete(folder.Sealed(message.Id));
        File.Delete(folder.Waiting(message.Id));
        return true;
    }

    private void Gone(Guid box, IReadOnlyList<VoicemailMessage> messages)
    {
        foreach (var message in messages) File.Delete(folder.Sealed(message.Id));
        counts.Note(box, messages, []);
    }

    /// <summary>In one step, so that a crash leaves the former file or the whole new one.</summary>
    private static async Task WriteAsync(string path, byte[] bytes, CancellationToken stop)
    {
        var unique = $"{path}.{Guid.NewGuid():N}";
        await File.WriteAllBytesAsync(unique, bytes, stop);
        File.Move(unique, path, overwrite: true);
    }
}
