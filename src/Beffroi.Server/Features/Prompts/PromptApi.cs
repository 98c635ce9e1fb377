// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Media.Codecs;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.Prompts;

/// <summary>A prompt.</summary>
/// <param name="Language">fr or en; <c>moh</c> for music on hold, which has none.</param>
/// <param name="Replaced">True when the town's own recording is played.</param>
/// <param name="Shipped">True when the server brought one.</param>
public sealed record PromptView(string Name, string Language, bool Shipped, bool Replaced);

/// <summary>Announcements: those shipped, and the town's own.</summary>
internal static class PromptApi
{
    internal static void Map(WebApplication app)
    {
        var api = app.MapApi("prompts", "Prompts");
        api.MapGet("", List).Needs(Access.Read);
        api.MapGet("{language}/{name}", Sound).Needs(Access.Read);
        api.MapPut("{language}/{name}", Replace).Needs(Access.AdministerAll);
        api.MapDelete("{language}/{name}", Restore).Needs(Access.AdministerAll);
    }

    /// <summary>Lists prompts.</summary>
    /// <param name="language">fr, en, or moh for music on hold; all when left out.</param>
    internal static Ok<IReadOnlyList<PromptView>> List(PromptFolders folders, string language = "")
    {
        var languages = language is "fr" or "en" or PromptFolders.Music ? [language] : new[] { "fr", "en", PromptFolders.Music };
        return TypedResults.Ok<IReadOnlyList<PromptView>>([.. languages.SelectMany(folders.List)]);
    }

    /// <summary>Gives a prompt's sound as a WAV file.</summary>
    internal static Results<PhysicalFileHttpResult, ProblemHttpResult> Sound(string language, string name, PromptFolders folders) =>
        IsOne(language, name, folders) && folders.Find(language, name) is { } path ? TypedResults.PhysicalFile(path, "audio/wav") : NoPrompt.ToProblem();

    /// <summary>Replaces a prompt, or adds one of the town's own, by an uploaded WAV, Ogg or MP3 file (the request's body). Music on hold is <c>moh/carillon</c>: it has no language.</summary>
    internal static async Task<Results<Ok<PromptView>, ProblemHttpResult>> Replace(
        string language, string name, HttpRequest upload, Caller caller, PromptFolders folders, AudioImport import, PromptLibrary library, Store store, CancellationToken stop)
    {
        if (!IsOne(language, name, folders)) return new Refusal("prompts.bad-name", RefusalKind.Invalid, 400, "A prompt is named by lower-case letters, digits and hyphens, its language is fr or en. Music on hold is moh/carillon.").ToProblem();
        var imported = await import.ImportAsync(upload.Body, folders.Own(language, name), stop);
        if (imported.Fault == AudioImportFault.Busy) return Problems.Unavailable("prompts.import-busy", "Too many sounds are being converted now. Try again in a minute.").ToProblem();
        if (!imported.Succeeded) return new Refusal("prompts.unusable-sound", RefusalKind.Invalid, 400, $"The sound cannot be used: {imported.Fault}.").ToProblem();
        library.Reload();
        return (await NoteAsync(store, caller, "prompts.replaced", folders.View(language, name), stop)).ToOk();
    }

    /// <summary>Goes back to the prompt that was shipped; one of the town's own is gone.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Restore(
        string language, string name, Caller caller, PromptFolders folders, PromptLibrary library, Store store, CancellationToken stop)
    {
        if (!IsOne(language, name, folders) || !File.Exists(folders.Own(language, name))) return NoPrompt.ToProblem();
        File.Delete(folders.Own(language, name));
        library.Reload();
        return (await NoteAsync(store, caller, "prompts.restored", folders.View(language, name), stop)).ToNoContent();
    }

    private static Refusal NoPrompt { get; } = Problems.NotFound("prompts.no-such-prompt", "prompt");

    private static bool IsOne(string language, string name, PromptFolders folders) =>
        DestinationCheck.IsPromptName(name) && (language is "fr" or "en" || (language == PromptFolders.Music && folders.IsShipped(language, name)));

    private static Task<Outcome<PromptView>> NoteAsync(Store store, Caller caller, string action, PromptView view, CancellationToken stop) => store.ChangeAsync<PromptView>(caller, change =>
    {
        change.Audit(action, Guid.Empty, $"{view.Language}/{view.Name}", null, view);
        return Task.FromResult<Outcome<PromptView>>(view);
    }, stop);
}
