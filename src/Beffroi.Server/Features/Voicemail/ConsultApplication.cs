// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Features.Voicemail.Mail;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Voicemail;

/// <summary>Listening to messages by telephone: number (unless it is one's own set), PIN, then message by message.</summary>
/// <param name="number">The box, when it was dialled with the code: a group's, or one's own from elsewhere. Empty: the set's own box, or the caller is asked.</param>
internal sealed class ConsultApplication(Extension by, string number, VoicemailParts parts) : ICallApplication
{
    private const int Tries = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public string Name => "voicemail-consult";

    public async Task RunAsync(ICallContext call, CancellationToken hangup)
    {
        await call.AnswerAsync();
        if (await OpenAsync(call) is { } box)
        {
            try
            {
                await ListenAsync(call, box, hangup);
            }
            catch (Exception away) when (StoreFaults.IsAway(away))
            {
                call.Served("voicemail", "failed", box.Number.Reveal());
                await SayAsync(call, box, "error-service");
            }
        }

        await SayAsync(call, box: null, "goodbye");
        await call.EndAsync();
    }

    /// <summary>The box, once its PIN was given. A box without a PIN opens at its own set alone, a group's at the sets of its members.</summary>
    private async Task<VoicemailBox?> OpenAsync(ICallContext call)
    {
        var box = number.Length > 0 ? BoxOf(number) : BoxOf(by.Number) ?? await AskBoxAsync(call);
        if (box is { HasPin: false } && parts.Boxes.HoldersOf(box).Any(holder => holder.Id == by.Id)) return box;
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var pin = await AskAsync(call, box, "voicemail-enter-pin", 8);
            var closes = false;
            if (box is not null && parts.Lock.TryTake(box.Id, out closes) && await Pin.VerifyAsync(pin, box.PinHash))
            {
                parts.Lock.Right(box.Id);
                return box;
            }

            // A box that does not exist, one that is locked and a wrong PIN sound the same: nobody learns which boxes there are.
            if (closes) call.Served("voicemail", "locked", box!.Number.Reveal());
            call.Served("voicemail", "wrong-pin", box?.Number.Reveal() ?? "");
            await SayAsync(call, box, "voicemail-pin-wrong");
        }

        return null;
    }

    private async Task<VoicemailBox?> AskBoxAsync(ICallContext call) => BoxOf(await AskAsync(call, null, "voicemail-enter-mailbox", 15));

    private VoicemailBox? BoxOf(string digits) => PhoneNumber.TryParse(digits, out var found) ? parts.Boxes.Current.Of(by.OrganisationId, found) : null;

    private async Task ListenAsync(ICallContext call, VoicemailBox box, CancellationToken hangup)
    {
        var messages = await parts.Messages.ListAsync(box.Id, hangup);
        await call.PlayAsync(parts.Prompts.Phrase(VoicemailWords.Counts(messages.Count(m => !m.Heard), messages.Count(m => m.Heard), box.Language), box.Language), hangup);
        foreach (var message in messages)
        {
            if (!await OneAsync(call, box, message, hangup)) return;
        }

        if (messages.Count > 0) await SayAsync(call, box, "voicemail-end-of-messages");
    }

    /// <summary>One message. False when the listener wants to leave.</summary>
    private async Task<bool> OneAsync(ICallContext call, VoicemailBox box, VoicemailMessage message, CancellationToken hangup)
    {
        var who = Caller.Itself($"telephone {by.Number}");
        var now = TimeZoneInfo.ConvertTime(call.Now, parts.Zone.Zone);
        var at = TimeZoneInfo.ConvertTime(message.At, parts.Zone.Zone);
        var intro = parts.Prompts.Phrase(VoicemailWords.Introduction(message.CallerNumber, at.DateTime, DateOnly.FromDateTime(now.DateTime), box.Language), box.Language);
        var sound = DepositApplication.Sound(await parts.Messages.SoundAsync(message.Id, hangup));
        while (true)
        {
            await call.PlayAsync(intro, hangup);
            if (sound is null) await SayAsync(call, box, "error-service");
            else await call.PlayAsync(sound, hangup);
            if (sound is not null) await parts.Messages.HeardAsync(who, message, true, hangup);
            switch (await AskAsync(call, box, "voicemail-menu", 1, end: '\0'))
            {
                case "1":
                    continue;
                case "2":
                    // Gone already is deleted too: somebody who shares the box was faster.
                    var isGone = (await parts.Messages.DeleteAsync(who, message.Id, CancellationToken.None)).Succeeded(out _, out var refusal) || refusal.Kind == RefusalKind.NotFound;
                    await SayAsync(call, box, isGone ? "voicemail-message-deleted" : "error-service");
                    return true;
                case "*" or "":
                    return false;
                default:
                    await SayAsync(call, box, "voicemail-message-saved");
                    return true;
            }
        }
    }

    /// <summary>Says what to type and reads it; whoever knows what to type need not hear it to its end.</summary>
    private async Task<string> AskAsync(ICallContext call, VoicemailBox? box, string prompt, int most, char end = '#')
    {
        var clip = parts.Prompts.Find(prompt, box?.Language ?? call.Language);
        var said = call.PlayAsync(clip);
        var typed = await call.ReadDigitsAsync(most, clip.Duration + Patience, end);
        await said;
        return typed;
    }

    private Task SayAsync(ICallContext call, VoicemailBox? box, string prompt) => call.PlayAsync(parts.Prompts.Find(prompt, box?.Language ?? call.Language));
}

/// <summary>What consulting needs.</summary>
internal sealed record VoicemailParts(VoicemailBook Boxes, VoicemailStore Messages, PinLock Lock, PromptLibrary Prompts, VoicemailZone Zone);
