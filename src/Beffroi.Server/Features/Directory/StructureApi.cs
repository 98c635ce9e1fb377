// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.Directory;

public sealed record OrganisationRequest(string Name, int? Version = null);

public sealed record SiteRequest(Guid OrganisationId, string Name, string Address = "", int? Version = null);

public sealed record UnitRequest(Guid OrganisationId, string Name, Guid? ParentId = null, int? Version = null);

/// <summary>Organisations, sites and units.</summary>
internal static class StructureApi
{
    internal static void Map(WebApplication app)
    {
        var organisations = app.MapApi("organisations", "Directory");
        organisations.MapGet("", ListOrganisations).Needs(Access.Read);
        organisations.MapGet("{id:guid}", GetOrganisation).Needs(Access.Read);
        organisations.MapPost("", AddOrganisation).Needs(Access.AdministerAll);
        organisations.MapPut("{id:guid}", EditOrganisation).Needs(Access.Administer);
        organisations.MapDelete("{id:guid}", RemoveOrganisation).Needs(Access.AdministerAll);
        var sites = app.MapApi("sites", "Directory");
        sites.MapGet("", ListSites).Needs(Access.Read);
        sites.MapGet("{id:guid}", GetSite).Needs(Access.Read);
        sites.MapPost("", AddSite).Needs(Access.Administer);
        sites.MapPut("{id:guid}", EditSite).Needs(Access.Administer);
        sites.MapDelete("{id:guid}", RemoveSite).Needs(Access.Administer);
        var units = app.MapApi("units", "Directory");
        units.MapGet("", ListUnits).Needs(Access.Read);
        units.MapGet("{id:guid}", GetUnit).Needs(Access.Read);
        units.MapPost("", AddUnit).Needs(Access.Administer);
        units.MapPut("{id:guid}", EditUnit).Needs(Access.Administer);
        units.MapDelete("{id:guid}", RemoveUnit).Needs(Access.Administer);
    }

    /// <summary>Lists the organisations within the scope.</summary>
    internal static Ok<IReadOnlyList<Organisation>> ListOrganisations(Caller caller, IDirectory directory)
    {
        var now = directory.Current;
        return TypedResults.Ok<IReadOnlyList<Organisation>>([.. now.Organisations.Values.Where(o => now.Covers(caller.Scope, o)).OrderBy(o => o.Name, StringComparer.Ordinal)]);
    }

    /// <summary>Shows an organisation.</summary>
    internal static Results<Ok<Organisation>, ProblemHttpResult> GetOrganisation(Guid id, Caller caller, DirectoryStore directory) => directory.Find(caller, directory.Current.Organisations, id).ToOk();

    /// <summary>Adds an organisation: a commune, a métropole, an association of communes.</summary>
    internal static async Task<Results<Created<Organisation>, ProblemHttpResult>> AddOrganisation(OrganisationRequest request, Caller caller, DirectoryStore directory, CancellationToken stop) =>
        new FieldErrors().Text("name", request.Name, 120).Refused(out var wrong)
            ? wrong.ToProblem()
            : (await directory.AddAsync<Organisation>(caller, (_, change) => new Organisation { Id = Guid.CreateVersion7(change.Now), Name = request.Name.Trim() }, stop)).ToCreated(o => $"/api/v1/organisations/{o.Id}");

    /// <summary>Renames an organisation.</summary>
    internal static async Task<Results<Ok<Organisation>, ProblemHttpResult>> EditOrganisation(Guid id, OrganisationRequest request, Caller caller, DirectoryStore directory, CancellationToken stop) =>
        new FieldErrors().Text("name", request.Name, 120).Refused(out var wrong)
            ? wrong.ToProblem()
            : (await directory.EditAsync(caller, directory.Current.Organisations, id, request.Version, (before, _, _) => before with { Name = request.Name.Trim(), Version = before.Version + 1 }, stop)).ToOk();

    /// <summary>Removes an organisation that has no site and no unit any more.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveOrganisation(Guid id, Caller caller, DirectoryStore directory, CancellationToken stop) =>
        (await directory.RemoveAsync(caller, directory.Current.Organisations, id, (gone, now) =>
            now.Sites.Values.Any(s => s.OrganisationId == gone.Id) ? "sites" : now.Units.Values.Any(u => u.OrganisationId == gone.Id) ? "units" : null, stop)).ToNoContent();

    /// <summary>Lists the sites within the scope.</summary>
    internal static Ok<IReadOnlyList<Site>> ListSites(Caller caller, IDirectory directory)
    {
        var now = directory.Current;
        return TypedResults.Ok<IReadOnlyList<Site>>([.. now.Sites.Values.Where(s => now.Covers(caller.Scope, s)).OrderBy(s => s.Name, StringComparer.Ordinal)]);
    }

    /// <summary>Shows a site.</summary>
    internal static Results<Ok<Site>, ProblemHttpResult> GetSite(Guid id, Caller caller, DirectoryStore directory) => directory.Find(caller, directory.Current.Sites, id).ToOk();

    /// <summary>Adds a site to an organisation.</summary>
    internal static async Task<Results<Created<Site>, ProblemHttpResult>> AddSite(SiteRequest request, Caller caller, DirectoryStore directory, CancellationToken stop) =>
        Check(request).Refused(out var wrong)
            ? wrong.ToProblem()
            : (await directory.AddAsync<Site>(caller, (now, change) => !now.Organisations.ContainsKey(request.OrganisationId)
                ? NoSuchOrganisation
                : new Site { Id = Guid.CreateVersion7(change.Now), OrganisationId = request.OrganisationId, Name = request.Name.Trim(), Address = request.Address.Trim() }, stop)).ToCreated(s => $"/api/v1/sites/{s.Id}");

    /// <summary>Changes a site's name or address. A site stays in its organisation.</summary>
    internal static async Task<Results<Ok<Site>, ProblemHttpResult>> EditSite(Guid id, SiteRequest request, Caller caller, DirectoryStore directory, CancellationToken stop) =>
        Check(request).Refused(out var wrong)
            ? wrong.ToProblem()
            : (await directory.EditAsync(caller, directory.Current.Sites, id, request.Version, (before, _, _) => before.OrganisationId != request.OrganisationId
                ? StaysInOrganisation
                : (Outcome<Site>)(before with { Name = request.Name.Trim(), Address = request.Address.Trim(), Version = before.Version + 1 }), stop)).ToOk();

    /// <summary>Removes a site where nobody and nothing is any more.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveSite(Guid id, Caller caller, DirectoryStore directory, CancellationToken stop) =>
        (await directory.RemoveAsync(caller, directory.Current.Sites, id, (gone, now) =>
            now.Persons.Values.Any(p => p.SiteId == gone.Id) ? "persons" : now.Extensions.Values.Any(e => e.SiteId == gone.Id) ? "extensions" : null, stop)).ToNoContent();

    /// <summary>Lists the units (directions, services) within the scope.</summary>
    internal static Ok<IReadOnlyList<OrganisationUnit>> ListUnits(Caller caller, IDirectory directory)
    {
        var now = directory.Current;
        return TypedResults.Ok<IReadOnlyList<OrganisationUnit>>([.. now.Units.Values.Where(u => now.Covers(caller.Scope, u)).OrderBy(u => u.Name, StringComparer.Ordinal)]);
    }

    /// <summary>Shows a unit.</summary>
    internal static Results<Ok<OrganisationUnit>, ProblemHttpResult> GetUnit(Guid id, Caller caller, DirectoryStore directory) => directory.Find(caller, directory.Current.Units, id).ToOk();

    /// <summary>Adds a unit.</summary>
    internal static async Task<Results<Created<OrganisationUnit>, ProblemHttpResult>> AddUnit(UnitRequest request, Caller caller, DirectoryStore directory, CancellationToken stop) =>
        new FieldErrors().Text("name", request.Name, 120).Refused(out var wrong)
            ? wrong.ToProblem()
            : (await directory.AddAsync<OrganisationUnit>(caller, (now, change) =>
            {
                if (!now.Organisations.ContainsKey(request.OrganisationId)) return NoSuchOrganisation;
                if (!IsParent(now, request, null)) return NoSuchParent;
                return new OrganisationUnit { Id = Guid.CreateVersion7(change.Now), OrganisationId = request.OrganisationId, ParentId = request.ParentId, Name = request.Name.Trim() };
            }, stop)).ToCreated(u => $"/api/v1/units/{u.Id}");

    /// <summary>Renames a unit or hangs it elsewhere in the tree.</summary>
    internal static async Task<Results<Ok<OrganisationUnit>, ProblemHttpResult>> EditUnit(Guid id, UnitRequest request, Caller caller, DirectoryStore directory, CancellationToken stop) =>
        new FieldErrors().Text("name", request.Name, 120).Refused(out var wrong)
            ? wrong.ToProblem()
            : (await directory.EditAsync<OrganisationUnit>(caller, directory.Current.Units, id, request.Version, (before, now, _) =>
            {
                if (before.OrganisationId != request.OrganisationId) return StaysInOrganisation;
                if (!IsParent(now, request, id)) return NoSuchParent;
                return before with { Name = request.Name.Trim(), ParentId = request.ParentId, Version = before.Version + 1 };
            }, stop)).ToOk();

    /// <summary>Removes a unit that has neither persons nor units below it.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveUnit(Guid id, Caller caller, DirectoryStore directory, CancellationToken stop) =>
        (await directory.RemoveAsync(caller, directory.Current.Units, id, (gone, now) =>
            now.Persons.Values.Any(p => p.UnitId == gone.Id) ? "persons" : now.Units.Values.Any(u => u.ParentId == gone.Id) ? "units" : null, stop)).ToNoContent();

    private static FieldErrors Check(SiteRequest request) => new FieldErrors().Text("name", request.Name, 120).Text("address", request.Address, 400, required: false);

    /// <summary>A parent is of the same organisation and not below the unit itself: the tree has no loop.</summary>
    private static bool IsParent(DirectorySnapshot now, UnitRequest request, Guid? self) => request.ParentId is not { } parent
        || (now.Units.TryGetValue(parent, out var unit) && unit.OrganisationId == request.OrganisationId && (self is not { } id || !now.IsWithin(parent, id)));

    private static Refusal NoSuchOrganisation { get; } = new("directory.no-such-organisation", RefusalKind.Invalid, 400, "There is no such organisation.");

    private static Refusal NoSuchParent { get; } = new("directory.no-such-parent", RefusalKind.Invalid, 400, "The unit above must be of the same organisation and not below this one.");

    private static Refusal StaysInOrganisation { get; } = new("directory.stays-in-organisation", RefusalKind.Conflict, 500, "It cannot move to another organisation: make it there anew.");
}
