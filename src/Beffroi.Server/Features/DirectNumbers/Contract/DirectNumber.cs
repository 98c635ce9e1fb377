// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.DirectNumbers.Contract;

/// <summary>Whose calls to the outside show a direct number when the caller has none of their own.</summary>
public enum Presentation
{
    /// <summary>Only the calls of the extension it leads to.</summary>
    Own,

    /// <summary>Calls from its site.</summary>
    Site,

    /// <summary>Calls from the whole organisation.</summary>
    Organisation,
}

/// <summary>A number the operator has given to the town (SDA), and where calls to it go. Immutable.</summary>
/// <param name="SiteId">Where it rings or whose calls it is shown for; decides who may change it.</param>
public sealed record DirectNumber(
    Guid Id, Guid OrganisationId, Guid? SiteId, PhoneNumber Number, Destination Destination, Presentation Presentation, string Label, int Version) : IPage;

/// <summary>The inventory: looked up by every call from outside, and by every call to the outside for the number it may show.</summary>
/// <remarks>Threading: immutable.</remarks>
public sealed class DirectNumberInventory
{
    private readonly FrozenDictionary<PhoneNumber, DirectNumber> _byNumber;
    private readonly FrozenDictionary<(Guid Organisation, PhoneNumber Extension), PhoneNumber> _ofExtension;
    private readonly FrozenDictionary<Guid, PhoneNumber> _ofSite;
    private readonly FrozenDictionary<Guid, PhoneNumber> _ofOrganisation;

    public DirectNumberInventory(IEnumerable<DirectNumber> numbers)
    {
        var all = numbers.OrderBy(n => n.Number.Reveal(), StringComparer.Ordinal).ToList();
        _byNumber = all.ToFrozenDictionary(n => n.Number);
        // Several numbers may lead to one extension: the lowest is shown, so that the answer does not depend on the order of loading.
        _ofExtension = First(all.Where(n => n.Destination.Kind == DestinationKind.Number), n => (n.OrganisationId, n.Destination.Number));
        _ofSite = First(all.Where(n => n is { Presentation: Presentation.Site, SiteId: not null }), n => n.SiteId!.Value);
        _ofOrganisation = First(all.Where(n => n.Presentation == Presentation.Organisation), n => n.OrganisationId);
    }

    public static DirectNumberInventory Empty { get; } = new([]);

    public int Count => _byNumber.Count;

    public bool TryGet(PhoneNumber number, out DirectNumber found) => _byNumber.TryGetValue(number, out found!);

    /// <summary>Whether the town may show this number to the public network.</summary>
    public bool IsOurs(PhoneNumber number) => _byNumber.ContainsKey(number);

    /// <summary>The direct number of an extension, none when it has none.</summary>
    public PhoneNumber OfExtension(Guid organisation, PhoneNumber extension) => _ofExtension.GetValueOrDefault((organisation, extension));

    public PhoneNumber OfSite(Guid? site) => site is { } known ? _ofSite.GetValueOrDefault(known) : PhoneNumber.None;

    public PhoneNumber OfOrganisation(Guid organisation) => _ofOrganisation.GetValueOrDefault(organisation);

    private static FrozenDictionary<TKey, PhoneNumber> First<TKey>(IEnumerable<DirectNumber> numbers, Func<DirectNumber, TKey> key) where TKey : notnull
    {
        var first = new Dictionary<TKey, PhoneNumber>();
        foreach (var number in numbers) first.TryAdd(key(number), number.Number);
        return first.ToFrozenDictionary();
    }
}

/// <summary>The direct numbers as other features see them.</summary>
public interface IDirectNumbers
{
    /// <summary>What is known now; any thread, never waits.</summary>
    DirectNumberInventory Current { get; }
}
