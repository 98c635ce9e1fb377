// SPDX-License-Identifier: EUPL-1.2
using System.Net.Mail;
using Beffroi.Calls;
using Beffroi.Media.Codecs;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.Voicemail;

/// <summary>A voicemail box to add or change.</summary>
/// <param name="Number">An extension, whose person then owns it, or a hunt group, whose members share it.</param>
/// <param name="LongestS">Longest message, 10 to 600 seconds.</param>
/// <param name="QuotaSeconds">All messages together, 60 to 36000.</param>
/// <param name="KeepDays">Older messages are deleted; 0: never.</param>
/// <param name="Email">Where new messages are announced; empty: nowhere.</param>
/// <param name="EmailSound">Attach the message: it then leaves the sealed store.</param>
public sealed record BoxRequest(
    Guid OrganisationId, string Number, int LongestS = 180, int QuotaSeconds = 1800, int QuotaMessages = 50, int KeepDays = 90, string Language = "fr", string Email = "",
    bool EmailSound = false, int? Version = null);

/// <summary>A box and how full it is.</summary>
/// <param name="Person">Whose it is: who has the extension now; null: nobody's alone.</param>
public sealed record BoxView(VoicemailBox Box, Guid? Person, int NewMessages, int OldMessages, int Seconds);

/// <param name="Pin">4 to 8 digits; null takes the PIN away.</param>
public sealed record PinRequest(string? Pin);

public sealed record HeardRequest(bool Heard);

/// <summary>Voicemail: boxes are managed within a scope; messages are heard by their owners only, never by administrators.</summary>
internal static class VoicemailApi
{
    internal static void Map(WebApplication app)
    {
        var api = app.MapApi("voicemail", "Voicemail");
        api.MapGet("boxes", List).Needs(Access.SignedIn);
        api.MapGet("boxes/{id:guid}", Get).Needs(Access.SignedIn);
        api.MapPost("boxes", Add).Needs(Access.Operate);
        api.MapPut("boxes/{id:guid}", Edit).Needs(Access.Operate);
        api.MapDelete("boxes/{id:guid}", Remove).Needs(Access.Operate);
        api.MapPut("boxes/{id:guid}/pin", SetPin).Needs(Access.SignedIn);
        api.MapPost("boxes/{id:guid}/greeting", SetGreeting).Needs(Access.SignedIn).DisableAntiforgery();
        api.MapDelete("boxes/{id:guid}/greeting", RemoveGreeting).Needs(Access.SignedIn);
        api.MapGet("boxes/{id:guid}/messages", Messages).Needs(Access.SignedIn);
        api.MapGet("messages/{id:guid}/sound", Sound).Needs(Access.SignedIn);
        api.MapPut("messages/{id:guid}", Heard).Needs(Access.SignedIn);
        api.MapDelete("messages/{id:guid}", Delete).Needs(Access.SignedIn);
    }

    /// <summary>Lists boxes: one's own, or those within the scope, with how full they are.</summary>
    internal static Ok<IReadOnlyList<BoxView>> List(Caller caller, VoicemailBook boxes, MessageCounts counts) =>
        TypedResults.Ok<IReadOnlyList<BoxView>>([.. boxes.Visible(caller).Select(b => View(b, boxes, counts))]);

    /// <summary>Shows a box: one's own, or one within the scope, with how full it is.</summary>
    internal static Results<Ok<BoxView>, ProblemHttpResult> Get(Guid id, Caller caller, VoicemailBook boxes, MessageCounts counts) =>
        boxes.Find(caller, id).Succeeded(out var box, out var refusal) ? TypedResults.Ok(View(box, boxes, counts)) : refusal.ToProblem();

    /// <summary>Adds a box to an extension or a hunt group.</summary>
    internal static async Task<Results<Created<VoicemailBox>, ProblemHttpResult>> Add(
        BoxRequest request, Caller caller, VoicemailBook boxes, IDirectory directory, IHuntGroups groups, TimeProvider time, CancellationToken stop)
    {
        if (Read(request, directory, groups, out var page).Refused(out var wrong)) return wrong.ToProblem();
        return (await boxes.AddAsync(caller, page with { Id = Guid.CreateVersion7(time.GetUtcNow()) }, stop)).ToCreated(b => $"/api/v1/voicemail/boxes/{b.Id}");
    }

    /// <summary>Changes a box; its messages, greeting and PIN stay.</summary>
    internal static async Task<Results<Ok<VoicemailBox>, ProblemHttpResult>> Edit(
        Guid id, BoxRequest request, Caller caller, VoicemailBook boxes, IDirectory directory, IHuntGroups groups, CancellationToken stop)
    {
        if (Read(request, directory, groups, out var page).Refused(out var wrong)) return wrong.ToProblem();
        return (await boxes.EditAsync(caller, id, request.Version, before => before.OrganisationId != page.OrganisationId || before.Number != page.Number
            ? new Refusal("voicemail.number-stays", RefusalKind.Conflict, 500, "A box keeps its number: its messages belong to whoever has it.")
            : page with { Id = id, Greeting = before.Greeting, PinHash = before.PinHash, Version = before.Version + 1 }, stop)).ToOk();
    }

    /// <summary>Removes a box with all its messages.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Caller caller, VoicemailStore messages, CancellationToken stop) =>
        (await messages.RemoveBoxAsync(caller, id, stop)).ToNoContent();

    /// <summary>Sets or takes away a box's PIN, and opens a box that wrong PINs have locked.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> SetPin(Guid id, PinRequest request, Caller caller, VoicemailBook boxes, PinLock locks, CancellationToken stop)
    {
        if (!boxes.Find(caller, id).Succeeded(out var box, out var refusal)) return refusal.ToProblem();
        if (!boxes.MayManage(caller, box)) return NotAllowed.ToProblem();
        if (request.Pin is { } pin)
        {
            var errors = new FieldErrors().Check("pin", Pin.IsValid(pin), "must be 4 to 8 digits").Check("pin", !Pin.IsTooEasy(pin, box.Number.Reveal()), "is one that everybody tries first");
            if (errors.Refused(out var wrong)) return wrong.ToProblem();
        }

        var hash = request.Pin is null ? null : Pin.Hash(request.Pin);
        var outcome = await boxes.EditAsync(caller, id, null, before => before with { PinHash = hash, Version = before.Version + 1 }, stop);
        if (outcome.Succeeded(out _, out _)) locks.Right(id);
        return outcome.ToNoContent();
    }

    /// <summary>Replaces the greeting by an uploaded WAV, Ogg or MP3 file (the request's body).</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> SetGreeting(
        Guid id, HttpRequest upload, Caller caller, VoicemailBook boxes, VoicemailStore messages, VoicemailFolder folder, AudioImport import, CancellationToken stop)
    {
        if (!boxes.Find(caller, id).Succeeded(out var box, out var refusal)) return refusal.ToProblem();
        if (!boxes.MayManage(caller, box)) return NotAllowed.ToProblem();
        var path = Path.Combine(folder.Temporary, $"{Guid.NewGuid():N}.wav");
        try
        {
            var imported = await import.ImportAsync(upload.Body, path, stop);
            if (imported.Fault == AudioImportFault.Busy) return Problems.Unavailable("voicemail.import-busy", "Too many sounds are being converted now. Try again in a minute.").ToProblem();
            if (!imported.Succeeded) return new Refusal("voicemail.unusable-sound", RefusalKind.Invalid, 400, $"The sound cannot be used: {imported.Fault}.").ToProblem();
            if (imported.Duration > TimeSpan.FromMinutes(2)) return new Refusal("voicemail.greeting-too-long", RefusalKind.Invalid, 400, "A greeting is at most 2 minutes long.").ToProblem();
            await messages.WriteGreetingAsync(id, await File.ReadAllBytesAsync(path, stop), stop);
        }
        finally
        {
            File.Delete(path);
        }

        return (await boxes.EditAsync(caller, id, null, before => before with { Greeting = true, Version = before.Version + 1 }, stop)).ToNoContent();
    }

    /// <summary>Goes back to the common greeting.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveGreeting(Guid id, Caller caller, VoicemailBook boxes, VoicemailStore messages, CancellationToken stop)
    {
        if (!boxes.Find(caller, id).Succeeded(out var box, out var refusal)) return refusal.ToProblem();
        if (!boxes.MayManage(caller, box)) return NotAllowed.ToProblem();
        var outcome = await boxes.EditAsync(caller, id, null, before => before with { Greeting = false, Version = before.Version + 1 }, stop);
        if (outcome.Succeeded(out _, out _)) messages.DeleteGreeting(id);
        return outcome.ToNoContent();
    }

    /// <summary>Lists a box's messages, new ones first: to its owners only.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<VoicemailMessage>>, ProblemHttpResult>> Messages(Guid id, Caller caller, VoicemailBook boxes, VoicemailStore messages, CancellationToken stop) =>
        boxes.Pages.TryGetValue(id, out var box) && boxes.MayHear(caller, box) ? TypedResults.Ok(await messages.ListAsync(id, stop)) : NoBox.ToProblem();

    /// <summary>Gives a message's sound, as a WAV file: to its owners only.</summary>
    internal static async Task<Results<FileContentHttpResult, ProblemHttpResult>> Sound(Guid id, Caller caller, VoicemailBook boxes, VoicemailStore messages, CancellationToken stop)
    {
        if (await OwnAsync(id, caller, boxes, messages, stop) is null || await messages.SoundAsync(id, stop) is not { } sound) return NoMessage.ToProblem();
        return TypedResults.File(sound, "audio/wav", $"{id:N}.wav");
    }

    /// <summary>Notes a message as heard or as new again.</summary>
    internal static async Task<Results<Ok<VoicemailMessage>, ProblemHttpResult>> Heard(
        Guid id, HeardRequest request, Caller caller, VoicemailBook boxes, VoicemailStore messages, CancellationToken stop) =>
        await OwnAsync(id, caller, boxes, messages, stop) is { } message ? (await messages.HeardAsync(caller, message, request.Heard, stop)).ToOk() : NoMessage.ToProblem();

    /// <summary>Deletes a message for good.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Caller caller, VoicemailBook boxes, VoicemailStore messages, CancellationToken stop) =>
        await OwnAsync(id, caller, boxes, messages, stop) is { } message ? (await messages.DeleteAsync(caller, message.Id, stop)).ToNoContent() : NoMessage.ToProblem();

    private static BoxView View(VoicemailBox box, VoicemailBook boxes, MessageCounts counts) =>
        counts.Of(box) switch { var content => new BoxView(box, boxes.ExtensionOf(box)?.PersonId, content.New, content.Old, content.Seconds) };

    private static Refusal NoBox { get; } = Problems.NotFound("voicemail.no-such-box", "voicemail box");

    private static Refusal NoMessage { get; } = Problems.NotFound("voicemail.no-such-message", "message");

    private static Refusal NotAllowed { get; } = new("identity.not-allowed", RefusalKind.Forbidden, 403, "Auditors change nothing.");

    private static async Task<VoicemailMessage?> OwnAsync(Guid id, Caller caller, VoicemailBook boxes, VoicemailStore messages, CancellationToken stop) =>
        await messages.FindAsync(id, stop) is { } message && boxes.Pages.TryGetValue(message.BoxId, out var box) && boxes.MayHear(caller, box) ? message : null;

    private static FieldErrors Read(BoxRequest request, IDirectory directory, IHuntGroups groups, out VoicemailBox page)
    {
        var now = directory.Current;
        var errors = new FieldErrors().Digits("number", request.Number, 15).Range("longestS", request.LongestS, 10, 600).Range("quotaSeconds", request.QuotaSeconds, 60, 36_000)
            .Range("quotaMessages", request.QuotaMessages, 1, 1000).Range("keepDays", request.KeepDays, 0, 3650).Check("language", request.Language is "fr" or "en", "must be fr or en")
            .Check("email", string.IsNullOrEmpty(request.Email) || (request.Email.Length <= 200 && MailAddress.TryCreate(request.Email, out _)), "is no e-mail address");
        _ = PhoneNumber.TryParse(request.Number, out var number);
        var extension = now.TryExtension(request.OrganisationId, request.Number ?? "", out var found) ? found : null;
        var group = extension is null ? groups.Current.Of(request.OrganisationId, number) : null;
        errors.Check("number", extension is not null || group is not null, "is neither an extension nor a hunt group of the organisation");
        var name = extension is not null ? now.DisplayName(extension) : group?.Name ?? "";
        page = new VoicemailBox(Guid.Empty, request.OrganisationId, number, group?.Id, name, false, TimeSpan.FromSeconds(request.LongestS), request.QuotaSeconds,
            request.QuotaMessages, request.KeepDays, request.Language, request.Email?.Trim() ?? "", request.EmailSound, 0);
        return errors;
    }
}
