// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DirectNumbers.Contract;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.DirectNumbers;

/// <summary>The inventory of direct numbers (SDA).</summary>
internal sealed class DirectNumberBook(Store store, INumberCheck check) : Book<DirectNumber>(store, "direct-numbers", "number"), IDirectNumbers
{
    private volatile DirectNumberInventory _current = DirectNumberInventory.Empty;

    public DirectNumberInventory Current => _current;

    protected override string Label(DirectNumber page) => NumberingPlan.French.Display(page.Number);

    protected override bool Covers(Caller caller, DirectNumber page) => caller.Scope.Covers(page.OrganisationId, page.SiteId);

    protected override void Swapped(FrozenDictionary<Guid, DirectNumber> pages) => _current = new DirectNumberInventory(pages.Values);

    /// <summary>A direct number is given once in the whole installation. Looked up and not compared pair by pair: a range of 1,000 in an inventory of 10,000.</summary>
    protected override Refusal? Check(DirectNumber page, IReadOnlyCollection<DirectNumber> all) => _current.TryGet(page.Number, out var other) && other.Id != page.Id
        ? check.Refuse($"The number {NumberingPlan.French.Display(page.Number)} is in the inventory already.")
        : null;
}
