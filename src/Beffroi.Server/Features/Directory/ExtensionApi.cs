// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.Directory;

/// <summary>An extension to add or change.</summary>
/// <param name="Number">1 to 15 digits, unique within the organisation of the site.</param>
/// <param name="DeleteVoicemail">The extension passes to another person: delete what the former one leaves in its voicemail box. Without it such a change is refused.</param>
public sealed record ExtensionRequest(Guid SiteId, string Number, Guid? PersonId = null, string Name = "", int? Version = null, bool DeleteVoicemail = false);

/// <summary>Extensions (postes).</summary>
internal static class ExtensionApi
{
    internal static void Map(WebApplication app)
    {
        var extensions = app.MapApi("extensions", "Directory");
        extensions.MapGet("", List).Needs(Access.Read);
        extensions.MapGet("{id:guid}", Get).Needs(Access.Read);
        extensions.MapPost("", Add).Needs(Access.Operate);
        extensions.MapPut("{id:guid}", Edit).Needs(Access.Operate);
        extensions.MapDelete("{id:guid}", Remove).Needs(Access.Operate);
    }

    /// <summary>Lists extensions.</summary>
    /// <param name="number">The beginning of the number.</param>
    /// <param name="skip">How many to leave out.</param>
    /// <param name="take">How many to give, 1 to 1000.</param>
    internal static Ok<IReadOnlyList<Extension>> List(Caller caller, IDirectory directory, string number = "", int skip = 0, int take = 500)
    {
        var now = directory.Current;
        var found = now.Extensions.Values.Where(e => e.Number.StartsWith(number, StringComparison.Ordinal) && now.Covers(caller.Scope, e)).OrderBy(e => e.Number, StringComparer.Ordinal);
        return TypedResults.Ok<IReadOnlyList<Extension>>([.. found.Skip(Math.Max(0, skip)).Take(Math.Clamp(take, 1, 1000))]);
    }

    /// <summary>Shows an extension.</summary>
    internal static Results<Ok<Extension>, ProblemHttpResult> Get(Guid id, Caller caller, DirectoryStore directory) => directory.Find(caller, directory.Current.Extensions, id).ToOk();

    /// <summary>Adds an extension.</summary>
    internal static async Task<Results<Created<Extension>, ProblemHttpResult>> Add(ExtensionRequest request, Caller caller, DirectoryStore directory, INumberCheck numbers, CancellationToken stop)
    {
        if (Check(request).Refused(out var wrong)) return wrong.ToProblem();
        var outcome = await directory.AddAsync<Extension>(caller, (now, change) => Place(now, request, null, numbers).Succeeded(out var site, out var refusal)
            ? new Extension { Id = Guid.CreateVersion7(change.Now), OrganisationId = site.OrganisationId, SiteId = site.Id, Number = request.Number, PersonId = request.PersonId, Name = request.Name.Trim() }
            : refusal, stop);
        return outcome.ToCreated(e => $"/api/v1/extensions/{e.Id}");
    }

    /// <summary>Changes an extension: its number, which its voicemail box follows, its person, its site within the organisation.</summary>
    internal static async Task<Results<Ok<Extension>, ProblemHttpResult>> Edit(
        Guid id, ExtensionRequest request, Caller caller, DirectoryStore directory, INumberCheck numbers, INumberContent contents, CancellationToken stop)
    {
        if (Check(request).Refused(out var wrong)) return wrong.ToProblem();
        var outcome = await directory.EditAsync<Extension>(caller, directory.Current.Extensions, id, request.Version, (before, now, _) =>
        {
            if (!Place(now, request, before, numbers).Succeeded(out var site, out var refusal)) return refusal;
            if (site.OrganisationId != before.OrganisationId) return new Refusal("directory.stays-in-organisation", RefusalKind.Conflict, 500, "An extension cannot move to another organisation.");
            return before with { SiteId = site.Id, Number = request.Number, PersonId = request.PersonId, Name = request.Name.Trim(), Version = before.Version + 1 };
        }, stop, (before, after, change) => contents.PassAsync(change, before, after, directory.Current.DisplayName(after), request.DeleteVoicemail, stop));
        return outcome.ToOk();
    }

    /// <summary>Removes an extension that has no device any more.</summary>
    /// <param name="deleteVoicemail">Delete its voicemail box too, with all messages. Without it an extension that has one is not removed.</param>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(
        Guid id, Caller caller, DirectoryStore directory, INumberContent contents, CancellationToken stop, bool deleteVoicemail = false) =>
        (await directory.RemoveAsync(caller, directory.Current.Extensions, id, (gone, now) => now.DevicesOf(gone.Id).Count > 0 ? "devices" : null, stop,
            (gone, change) => contents.LeaveAsync(change, gone, deleteVoicemail, stop))).ToNoContent();

    private static FieldErrors Check(ExtensionRequest request) => new FieldErrors().Digits("number", request.Number, 15).Text("name", request.Name, 120, required: false);

    private static Outcome<Site> Place(DirectorySnapshot now, ExtensionRequest request, Extension? before, INumberCheck numbers)
    {
        if (!now.Sites.TryGetValue(request.SiteId, out var site)) return new Refusal("directory.no-such-site", RefusalKind.Invalid, 400, "There is no such site.");
        if (request.PersonId is { } person && now.Persons.GetValueOrDefault(person)?.OrganisationId != site.OrganisationId)
            return new Refusal("directory.no-such-person", RefusalKind.Invalid, 400, "There is no such person in the organisation of the site.");
        if (request.Number != before?.Number && numbers.Check(site.OrganisationId, request.Number, before?.Id ?? Guid.Empty) is { } conflict) return conflict;
        return site;
    }
}
