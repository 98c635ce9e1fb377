// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Forwarding.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.Me;

/// <summary>One of my extensions, what is set for it, and its devices.</summary>
/// <param name="Forwardings">Changed at <c>/api/v1/forwardings/{extension}</c>.</param>
public sealed record MyExtension(Extension Extension, ForwardingRules Forwardings, IReadOnlyList<Device> Devices);

/// <summary>A hunt group of which one of my extensions is a member.</summary>
/// <param name="Extension">The extension, as <c>/api/v1/hunt-groups/{id}/members/{extension}</c> wants it.</param>
public sealed record MyGroup(Guid Id, PhoneNumber Number, string Name, Guid Extension, bool LoggedIn);

/// <summary>A voicemail box that I may hear: mine, or that of a group of mine.</summary>
public sealed record MyBox(Guid Id, PhoneNumber Number, string Name);

/// <summary>What belongs to who is signed in.</summary>
/// <param name="Person">Left out for a service.</param>
public sealed record MeView(
    Guid AccountId, string Name, Role Role, ScopeKind ScopeKind, Guid ScopeId, Person? Person, IReadOnlyList<MyExtension> Extensions, IReadOnlyList<MyGroup> Groups, IReadOnlyList<MyBox> Boxes);

/// <summary>Tells people what is theirs, with the ids that the other endpoints want.</summary>
public static class MeSetup
{
    public static void MapMe(this WebApplication app) => app.MapApi("me", "Me").MapGet("", Get).Needs(Access.SignedIn);

    /// <summary>Shows the account that asks and what is its person's: extensions with devices and forwardings, hunt groups, voicemail boxes.</summary>
    internal static Ok<MeView> Get(Caller caller, IDirectory directory, IHuntGroups groups, IVoicemailBoxes boxes, IForwardings forwardings)
    {
        var now = directory.Current;
        var mine = caller.Person is { } id ? now.ExtensionsOf(id) : [];
        var memberships = groups.Current.All.SelectMany(g => g.Members, (group, member) => (Group: group, Member: member)).Where(m => mine.Any(e => e.Id == m.Member.Extension))
            .OrderBy(m => m.Group.Name, StringComparer.CurrentCultureIgnoreCase).ToList();
        var heard = mine.Select(e => PhoneNumber.TryParse(e.Number, out var number) && boxes.Current.Of(e.OrganisationId, number) is { Group: null } own ? own : null)
            .Concat(memberships.Select(m => boxes.Current.Of(m.Group.OrganisationId, m.Group.Number) is { } shared && shared.Group == m.Group.Id ? shared : null))
            .OfType<VoicemailBox>().DistinctBy(b => b.Id);
        return TypedResults.Ok(new MeView(caller.AccountId, caller.Name, caller.Role, caller.Scope.Kind, caller.Scope.Id, caller.Person is { } person ? now.Persons.GetValueOrDefault(person) : null,
            [.. mine.Select(e => new MyExtension(e, forwardings.Of(e.Id) ?? ForwardingRules.None(e.Id, e.OrganisationId), now.DevicesOf(e.Id)))],
            [.. memberships.Select(m => new MyGroup(m.Group.Id, m.Group.Number, m.Group.Name, m.Member.Extension, m.Member.LoggedIn))],
            [.. heard.Select(b => new MyBox(b.Id, b.Number, b.Name))]));
    }
}
