// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;

namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>An internal number and what owns it.</summary>
/// <param name="Owner">The name that people know: "Jeanne Martin", "Accueil".</param>
public sealed record OwnedNumber(PhoneNumber Number, string Owner);

/// <summary>A feature that gives internal numbers to things (extensions, groups). Registered as a service; <see cref="INumberCheck"/> asks all of them.</summary>
public interface INumberOwner
{
    /// <summary>Every number of an organisation.</summary>
    IEnumerable<OwnedNumber> Numbers(Guid organisation);

    /// <summary>What has exactly these digits, or null.</summary>
    /// <param name="self">The thing that asks: it does not count.</param>
    OwnedNumber? Find(Guid organisation, string digits, Guid self);
}

/// <summary>The one check of every number that is given, by whichever feature: one that could never be reached, or would hide another, is refused at once.</summary>
/// <remarks>Threading: any thread; call it inside the change, so that two changes cannot both pass.</remarks>
public interface INumberCheck
{
    /// <summary>Why an internal number cannot be given, or null: it is somebody's, an emergency number (also behind the outside prefix) or a feature code.</summary>
    /// <param name="self">What it is given to, when that has a number already.</param>
    Refusal? Check(Guid organisation, string digits, Guid self = default);

    /// <summary>Why an organisation cannot dial like this, or null: a code or the prefix would make a number unreachable that can be reached now.</summary>
    Refusal? CheckPlan(Guid organisation, string outsidePrefix, FeatureCodes codes);

    /// <summary>The refusal for a number that collides; <c>dial-plan.number-conflict</c>.</summary>
    Refusal Refuse(string because);
}
