// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Features.Directory;

/// <summary>The directory as accounts see it.</summary>
internal sealed class AccountNodes(IDirectory directory) : IAccountNodes
{
    public bool IsNode(Scope scope) => scope.Kind switch
    {
        ScopeKind.Organisation => directory.Current.Organisations.ContainsKey(scope.Id),
        ScopeKind.Site => directory.Current.Sites.ContainsKey(scope.Id),
        ScopeKind.Unit => directory.Current.Units.ContainsKey(scope.Id),
        _ => scope == Scope.Everything,
    };

    public Guid? OrganisationOfPerson(Guid person) => directory.Current.Persons.GetValueOrDefault(person)?.OrganisationId;
}
