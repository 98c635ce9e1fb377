// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Routing;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Trunks.Contract;

namespace Beffroi.Server.Features.DialPlan.Routing;

/// <summary>Who calls, resolved once: on whose rights the call goes, what may be shown of the caller, and where the call has been.</summary>
/// <param name="Organisation">Whose internal numbers are meant; null for a stranger before a direct number says so.</param>
/// <param name="Rights">The extension whose calling class counts: the caller's, or of who forwards or transfers.</param>
/// <param name="Caller">The caller's extension; null from outside.</param>
internal sealed record CallOrigin(DateTimeOffset At, Guid? Organisation, Extension? Rights, Extension? Caller, CallParty Party, bool FromTrunk, IReadOnlyList<Diversion> Diversions)
{
    /// <summary>null: as the line is set; else what the caller asked for this one call.</summary>
    public bool? Withhold { get; init; }

    /// <summary>The number comes from a rule of the town, not from what somebody dialled.</summary>
    public bool SetByRule { get; init; }

    /// <summary>Dialled with <see cref="FeatureAction.CallWithPin"/>: the class with PIN of <see cref="Rights"/> counts, and the PIN is asked where it does.</summary>
    public bool WithPin { get; init; }

    /// <summary>Forwardings met in this one resolution, on top of <see cref="Diversions"/>.</summary>
    public IReadOnlyList<CallParty> Passed { get; init; } = [];

    /// <summary>Direct numbers met in this one resolution, oldest first: rules may lead from one to the other, and back.</summary>
    public IReadOnlyList<PhoneNumber> Entered { get; init; } = [];

    /// <summary>The call came in by a trunk for the internal calls of this organisation (<see cref="Trunk.InternalFor"/>): its internal numbers may be called, and nothing leads the call
    /// out by a trunk again, whoever forwards it. Who takes the call may send it on by their own rights.</summary>
    public Guid? InternalFor { get; init; }

    public int Hops => Diversions.Count + Passed.Count;

    /// <summary>Whether the call has been at this extension, and not only at one of another organisation that has the same number.</summary>
    public bool HasBeenAt(Extension extension) =>
        Passed.Any(p => Is(p, extension)) || Diversions.Any(d => d.From.Kind == PartyKind.Internal && Is(d.From, extension));

    private static bool Is(CallParty party, Extension extension) => party.Extension is { } id ? id == extension.Id : party.Number == extension.Number;

    public static CallOrigin Of(CallRequest request, DirectorySnapshot directory, TrunksSnapshot trunks)
    {
        var caller = request.FromTrunk ? null : ExtensionOf(request.Caller, directory);
        var rights = request.OnBehalfOf is { } behalf ? ExtensionOf(behalf, directory) : caller;
        if (rights is null && request.Diversions.Count > 0) rights = ExtensionOf(request.Diversions[^1].From, directory);
        // Who sends a call on names a number of its own organisation, whoever called.
        return new CallOrigin(request.At, (rights ?? caller)?.OrganisationId, rights, caller, request.Caller, request.FromTrunk, request.Diversions)
        {
            // The key or menu of a telephone that hides the number asks as the feature code does.
            Withhold = request.Caller is { Kind: PartyKind.Internal, Withheld: true } ? true : null,
            InternalFor = (request.FromTrunk || request.Diversions.Count > 0) && request.Caller.Trunk is { } by && trunks.TryGet(by, out var trunk) ? trunk.InternalFor : null,
        };
    }

    /// <summary>The extension of a party: by its device, else by itself, else among its person's extensions, else by its number alone.</summary>
    internal static Extension? ExtensionOf(CallParty party, DirectorySnapshot directory)
    {
        if (party.Kind != PartyKind.Internal) return null;
        if (party.Device is { } username && directory.TryDevice(username, out var device)) return directory.ExtensionOf(device);
        if (party.Extension is { } id && directory.Extensions.TryGetValue(id, out var known)) return known;
        if (party.Person is { } person)
        {
            var own = directory.ExtensionsOf(person);
            return own.FirstOrDefault(e => e.Number == party.Number) ?? (own.Count > 0 ? own[0] : null);
        }

        return directory.TryExtension(party.Number, out var extension) ? extension : null;
    }

    /// <summary>What may be shown of an extension.</summary>
    public static CallerNumbers NumbersOf(Extension extension, bool withheld, DirectorySnapshot directory, DirectNumbers.Contract.DirectNumberInventory direct)
    {
        var number = PhoneNumber.Of(extension.Number);
        return new CallerNumbers(directory.DisplayName(extension), number, direct.OfExtension(extension.OrganisationId, number),
            direct.OfSite(extension.SiteId), direct.OfOrganisation(extension.OrganisationId), withheld);
    }
}
