// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Media;
using Beffroi.Media.Codecs;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.Voicemail.Contract;

namespace Beffroi.Server.Features.Voicemail;

/// <summary>What a caller lives through when nobody answered: greeting, beep, message.</summary>
internal sealed class DepositApplication(VoicemailBox box, VoicemailStore messages, MessageCounts counts, VoicemailFolder folder, PromptLibrary prompts) : ICallApplication
{
    /// <summary>Shorter sounds are a click and a hang-up.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(6);

    public string Name => "voicemail-deposit";

    public async Task RunAsync(ICallContext call, CancellationToken hangup)
    {
        await call.AnswerAsync();
        var left = TimeSpan.FromSeconds(box.QuotaSeconds - counts.Of(box).Seconds);
        if (left < Shortest || counts.Of(box).Messages >= box.QuotaMessages)
        {
            call.Served("voicemail", "full", box.Number.Reveal());
            await call.PlayAsync(prompts.Find("voicemail-full", box.Language), hangup);
            await call.EndAsync();
            return;
        }

        await call.PlayAsync(await GreetingAsync(call, hangup), hangup);
        await call.PlayAsync(prompts.Find("beep", box.Language), hangup);
        var message = Message(call);
        await messages.AnnounceAsync(message, CancellationToken.None);
        var recorded = await RecordAsync(call, message, left < box.Longest ? left : box.Longest);
        bool kept;
        if (recorded.Duration >= Shortest)
        {
            // Kept although the caller has hung up: no token of the call reaches from here on. What a full disk cut short is a message too.
            kept = await messages.DepositAsync(message with { Seconds = (int)Math.Ceiling(recorded.Duration.TotalSeconds) }, folder.Recording(message.Id), CancellationToken.None)
                && recorded.Failure is null;
            call.Served("voicemail", kept ? "deposited" : "failed", box.Number.Reveal(), recorded.Duration);
        }
        else
        {
            messages.Discard(message.Id);
            kept = recorded.Failure is null;
            if (!kept) call.Served("voicemail", "failed", box.Number.Reveal());
        }

        if (!kept) await call.PlayAsync(prompts.Find("error-service", box.Language), hangup);
        await call.PlayAsync(prompts.Find("goodbye", box.Language), hangup);
        await call.EndAsync();
    }

    private async Task<RecordingResult> RecordAsync(ICallContext call, VoicemailMessage message, TimeSpan longest)
    {
        try
        {
            return await call.RecordAsync(new RecordingOptions { Path = folder.Recording(message.Id), MaxDuration = longest, SilenceEnd = Silence, StopKeys = "#" });
        }
        catch
        {
            messages.Discard(message.Id);       // the call broke before there was anything to keep
            throw;
        }
    }

    private VoicemailMessage Message(ICallContext call) => new(Guid.CreateVersion7(call.Now), box.Id, call.Now,
        call.Caller.IsMasked ? "" : PlainText.Of(call.Caller.Number, VoicemailSchema.MostNumber), call.Caller.IsMasked ? "" : call.Caller.Name, 0, false);

    private async Task<AudioClip> GreetingAsync(ICallContext call, CancellationToken hangup)
    {
        if (box.Greeting && Sound(await messages.SoundAsync(box.Id, hangup)) is { } own) return own;
        var busy = call.Diversions.Count > 0 && call.Diversions[^1].Reason == DiversionReason.UserBusy;
        return prompts.Find(busy ? "voicemail-greeting-busy" : "voicemail-greeting", box.Language);
    }

    /// <summary>A sealed sound, opened, as something to play; null when it is none.</summary>
    internal static AudioClip? Sound(byte[]? wav) =>
        wav is not null && WavFile.TryRead(new MemoryStream(wav), AudioClip.Longest, out var sound, out _) ? new AudioClip(sound.Samples, sound.SampleRate) : null;
}
