// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Platform.Identity;

/// <summary>What an account may name in the directory. The platform asks; the directory answers.</summary>
public interface IAccountNodes
{
    /// <summary>True when the scope's organisation, site or unit is there.</summary>
    bool IsNode(Scope scope);

    /// <summary>The organisation of a person; null when there is no such person.</summary>
    Guid? OrganisationOfPerson(Guid person);
}
