// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.Directory;

/// <summary>A person to add or change.</summary>
/// <param name="Version">The version that the change is based on; a newer one in the store refuses it.</param>
public sealed record PersonRequest(Guid SiteId, string GivenName, string FamilyName, Guid? UnitId = null, string Function = "", string Email = "", string Language = "fr", int? Version = null);

/// <summary>A person with what belongs to it.</summary>
public sealed record PersonView(Person Person, IReadOnlyList<string> Extensions);

/// <summary>One page of a longer list.</summary>
/// <param name="Total">How many there are in all.</param>
public sealed record PersonPage(IReadOnlyList<PersonView> Items, int Total);

/// <summary>Persons. The example to follow for a feature's endpoints: see docs/guide/adding-a-feature.md.</summary>
internal static class PersonApi
{
    internal static void Map(WebApplication app)
    {
        var persons = app.MapApi("persons", "Directory");
        persons.MapGet("", List).Needs(Access.Read);
        persons.MapGet("{id:guid}", Get).Needs(Access.Read);
        persons.MapPost("", Add).Needs(Access.Operate);
        persons.MapPut("{id:guid}", Edit).Needs(Access.Operate);
        persons.MapDelete("{id:guid}", Remove).Needs(Access.Operate);
        persons.MapPost("import", Import).Needs(Access.Administer).Accepts<string>("text/csv");
    }

    /// <summary>Finds persons by name or extension.</summary>
    /// <param name="search">Part of a name without regard to accents or case, or the beginning of an extension.</param>
    /// <param name="skip">How many to leave out.</param>
    /// <param name="take">How many to give, 1 to 500.</param>
    internal static Ok<PersonPage> List(Caller caller, IDirectory directory, string? search = null, int skip = 0, int take = 100)
    {
        var now = directory.Current;
        var found = now.Persons.Values.Where(p => now.Covers(caller.Scope, p) && Matches(now, p, search?.Trim() ?? "")).ToList();
        var page = found.OrderBy(p => p.FamilyName, PersonNames.Order).ThenBy(p => p.GivenName, PersonNames.Order).Skip(Math.Max(0, skip)).Take(Math.Clamp(take, 1, 500));
        return TypedResults.Ok(new PersonPage([.. page.Select(p => View(now, p))], found.Count));
    }

    /// <summary>Shows one person.</summary>
    internal static Results<Ok<PersonView>, ProblemHttpResult> Get(Guid id, Caller caller, IDirectory directory)
    {
        var now = directory.Current;
        return now.Persons.TryGetValue(id, out var person) && now.Covers(caller.Scope, person)
            ? TypedResults.Ok(View(now, person))
            : Problems.NotFound("directory.no-such-person", "person").ToProblem();
    }

    /// <summary>Adds a person.</summary>
    internal static async Task<Results<Created<Person>, ProblemHttpResult>> Add(PersonRequest request, Caller caller, DirectoryStore directory, CancellationToken stop)
    {
        if (Check(request).Refused(out var wrong)) return wrong.ToProblem();
        var outcome = await directory.AddAsync<Person>(caller, (now, change) => Place(now, request).Succeeded(out var site, out var refusal)
            ? Fill(new Person { Id = Guid.CreateVersion7(change.Now), OrganisationId = site.OrganisationId, SiteId = site.Id, GivenName = "", FamilyName = "" }, request)
            : refusal, stop);
        return outcome.ToCreated(p => $"/api/v1/persons/{p.Id}");
    }

    /// <summary>Changes a person. The person stays in the organisation.</summary>
    internal static async Task<Results<Ok<Person>, ProblemHttpResult>> Edit(Guid id, PersonRequest request, Caller caller, DirectoryStore directory, CancellationToken stop)
    {
        if (Check(request).Refused(out var wrong)) return wrong.ToProblem();
        var outcome = await directory.EditAsync<Person>(caller, directory.Current.Persons, id, request.Version, (before, now, _) =>
        {
            if (!Place(now, request).Succeeded(out var site, out var refusal)) return refusal;
            if (site.OrganisationId != before.OrganisationId) return new Refusal("directory.stays-in-organisation", RefusalKind.Conflict, 500, "A person cannot move to another organisation.");
            return Fill(before with { SiteId = site.Id, Version = before.Version + 1 }, request);
        }, stop);
        return outcome.ToOk();
    }

    /// <summary>Removes a person who has neither extension nor account any more.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Caller caller, DirectoryStore directory, AccountStore accounts, CancellationToken stop) =>
        (await directory.RemoveAsync(caller, directory.Current.Persons, id, (gone, now) =>
            now.ExtensionsOf(gone.Id).Count > 0 ? "extensions" : accounts.Accounts.Any(a => a.PersonId == gone.Id) ? "an account" : null, stop)).ToNoContent();

    /// <summary>Imports persons with their extensions and devices from CSV. Writes all lines or none; names every bad line.</summary>
    /// <remarks>Columns, separated by ; or , and named in the first line: given_name, family_name, site, and as wished extension, unit, function, email, organisation, sip_username, device.
    /// The secrets of the devices made are in the answer and nowhere else.</remarks>
    internal static async Task<Results<Ok<ImportResult>, ProblemHttpResult>> Import(HttpRequest request, Caller caller, PersonImport import, CancellationToken stop)
    {
        using var reader = new StreamReader(request.Body, System.Text.Encoding.UTF8);
        return (await import.RunAsync(caller, await reader.ReadToEndAsync(stop), stop)).ToOk();
    }

    private static FieldErrors Check(PersonRequest request) => new FieldErrors()
        .Text("givenName", request.GivenName, 80, required: false).Text("familyName", request.FamilyName, 80)
        .Text("function", request.Function, 120, required: false).Text("email", request.Email, 200, required: false)
        .Check("language", request.Language is "fr" or "en", "must be fr or en");

    /// <summary>The site, when it and the unit exist in one organisation.</summary>
    private static Outcome<Site> Place(DirectorySnapshot now, PersonRequest request)
    {
        if (!now.Sites.TryGetValue(request.SiteId, out var site)) return new Refusal("directory.no-such-site", RefusalKind.Invalid, 400, "There is no such site.");
        if (request.UnitId is { } unit && now.Units.GetValueOrDefault(unit)?.OrganisationId != site.OrganisationId)
            return new Refusal("directory.no-such-unit", RefusalKind.Invalid, 400, "There is no such unit in the organisation of the site.");
        return site;
    }

    private static Person Fill(Person person, PersonRequest request) => person with
    {
        UnitId = request.UnitId,
        GivenName = request.GivenName.Trim(),
        FamilyName = request.FamilyName.Trim(),
        Function = request.Function.Trim(),
        Email = request.Email.Trim(),
        Language = request.Language,
    };

    private static bool Matches(DirectorySnapshot now, Person person, string search) => search.Length == 0
        || PersonNames.Contains(person.DisplayName, search)
        || now.ExtensionsOf(person.Id).Any(e => e.Number.StartsWith(search, StringComparison.Ordinal));

    private static PersonView View(DirectorySnapshot now, Person person) => new(person, [.. now.ExtensionsOf(person.Id).Select(e => e.Number)]);
}
