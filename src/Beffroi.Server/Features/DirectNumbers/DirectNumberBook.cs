// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DirectNumbers.Contract;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.DirectNumbers;

/// <summary>The inventory of direct numbers (SDA).</summary>
internal sealed class DirectNumberBook(Store store) : Book<DirectNumber>(store, "direct-numbers", "number"), IDirectNumbers
{
    private volatile DirectNumberInventory _current = DirectNumberInventory.Empty;

    public DirectNumberInventory Current => _current;

    protected override string Label(DirectNumber page) => NumberingPlan.French.Display(page.Number);

    protected override bool Covers(Caller caller, DirectNumber page) => caller.Scope.Covers(page.OrganisationId, page.SiteId);

    protected override void Swapped(FrozenDictionary<Guid, DirectNumber> pages) => _current = new DirectNumberInventory(pages.Values);

    /// <summary>Adds numbers that nobody has yet, all or none.</summary>
    public Task<Platform.Outcome<int>> AddFreshAsync(Caller caller, IReadOnlyList<DirectNumber> numbers, CancellationToken stop)
    {
        // Checked here and not pair by pair: a range of 1,000 in an inventory of 10,000. The unique index has the last word.
        var inventory = _current;
        return numbers.FirstOrDefault(n => inventory.IsOurs(n.Number)) is { } taken
            ? Task.FromResult<Platform.Outcome<int>>(Taken(taken))
            : AddManyAsync(caller, numbers, stop);
    }

    private static Refusal Taken(DirectNumber number) =>
        new("direct-numbers.taken", RefusalKind.Conflict, 500, $"The number {NumberingPlan.French.Display(number.Number)} is in the inventory already.");
}
