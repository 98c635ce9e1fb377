// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.HuntGroups;

/// <summary>All hunt groups, and who is logged in to them.</summary>
internal sealed class HuntGroupBook(Store store, INumberCheck numbers, IDirectory directory, Lazy<INumberContent> contents)
    : Book<HuntGroup>(store, "hunt-groups", "group"), IHuntGroups, INumberOwner
{
    private volatile HuntGroupNumbers _current = HuntGroupNumbers.Empty;

    public HuntGroupNumbers Current => _current;

    public event Action? Changed;

    /// <summary>Logs a member in or out. Nothing is written when it was so already.</summary>
    public Task<Outcome<HuntGroup>> LogAsync(Caller caller, Guid group, Guid extension, bool loggedIn, CancellationToken stop) => EditAsync(caller, group, null, before =>
    {
        if (before.Members.FirstOrDefault(m => m.Extension == extension) is not { } member)
            return new Refusal("hunt-groups.not-a-member", RefusalKind.NotFound, 404, "The extension is not a member of the group.");
        if (member.LoggedIn == loggedIn) return before;
        return before with { Members = [.. before.Members.Select(m => m.Extension == extension ? m with { LoggedIn = loggedIn } : m)], Version = before.Version + 1 };
    }, stop);

    protected override string Label(HuntGroup page) => page.Name;

    /// <summary>A group lies within its organisation and its site, and within a unit when all its members do.</summary>
    protected override bool Covers(Caller caller, HuntGroup page)
    {
        if (caller.Scope.Kind != ScopeKind.Unit) return caller.Scope.Covers(page.OrganisationId, page.SiteId);
        var now = directory.Current;
        return page.Members.Count > 0 && page.Members.All(m => now.Extensions.TryGetValue(m.Extension, out var extension) && now.Covers(caller.Scope, extension));
    }

    public IEnumerable<OwnedNumber> Numbers(Guid organisation) => _current.All.Where(g => g.OrganisationId == organisation).Select(g => new OwnedNumber(g.Number, g.Name));

    public OwnedNumber? Find(Guid organisation, string digits, Guid self) =>
        PhoneNumber.TryParse(digits, out var number) && _current.Of(organisation, number) is { } group && group.Id != self ? new OwnedNumber(group.Number, group.Name) : null;

    protected override Refusal? Check(HuntGroup page, IReadOnlyCollection<HuntGroup> all) =>
        Pages.GetValueOrDefault(page.Id) is not { } before || before.Number != page.Number ? CheckNumber(page, Pages.GetValueOrDefault(page.Id)) : null;

    private Refusal? CheckNumber(HuntGroup page, HuntGroup? before) => before is not null && StillUsedBy(before) is { } kept
        ? new Refusal("hunt-groups.still-used", RefusalKind.Conflict, 500, $"The group's number is still used by {kept}: remove that first.")
        : numbers.Check(page.OrganisationId, page.Number.Reveal(), page.Id);

    /// <summary>Its members' messages must not wait for whoever gets the number next.</summary>
    protected override string? StillUsedBy(HuntGroup page) => contents.Value.Kept(page.OrganisationId, page.Number);

    protected override void Swapped(FrozenDictionary<Guid, HuntGroup> pages)
    {
        _current = new HuntGroupNumbers(pages.Values);
        Changed?.Invoke();
    }
}
