// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Collections.Frozen;
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Features.Voicemail;

/// <summary>What a box holds.</summary>
internal readonly record struct BoxContent(int New, int Old, int Seconds)
{
    public int Messages => New + Old;

    public BoxContent Plus(VoicemailMessage message, int sign) =>
        message.Heard ? new BoxContent(New, Old + sign, Seconds + (sign * message.Seconds)) : new BoxContent(New + sign, Old, Seconds + (sign * message.Seconds));
}

/// <summary>All voicemail boxes and how full they are.</summary>
/// <remarks>Threading: counts change after the commit of what they count, one change at a time; readers never wait.</remarks>
internal sealed class VoicemailBook(Store store, IDirectory directory, IHuntGroups groups) : Book<VoicemailBox>(store, "voicemail", "box"), IVoicemailBoxes
{
    private volatile VoicemailBoxes _current = VoicemailBoxes.Empty;

    public VoicemailBoxes Current => _current;

    /// <summary>Whose content it is: the person's, or of the group's members. Administrators manage boxes and see how full they are, but never hear them.</summary>
    public bool MayHear(Caller caller, VoicemailBox box)
    {
        if (caller.Person is not { } person) return false;
        if (box.Person is { } owner) return owner == person;
        var now = directory.Current;
        return groups.Current.All.FirstOrDefault(g => g.Id == box.Group)?.Members.Any(m => now.Extensions.GetValueOrDefault(m.Extension)?.PersonId == person) ?? false;
    }

    /// <summary>Whether the caller may manage the box: its owner, or who operates within the scope.</summary>
    public bool MayManage(Caller caller, VoicemailBox box) => Covers(caller, box) && caller.Role is not Role.Auditor;

    protected override string Label(VoicemailBox page) => page.Name;

    protected override bool Covers(Caller caller, VoicemailBox page)
    {
        if (caller.Role == Role.Person) return MayHear(caller, page);
        var now = directory.Current;
        if (page.Person is { } id && now.Persons.TryGetValue(id, out var person)) return now.Covers(caller.Scope, person);
        if (now.TryExtension(page.OrganisationId, page.Number.Reveal(), out var place)) return now.Covers(caller.Scope, place);
        if (caller.Scope.Kind == ScopeKind.Unit) return false;
        return caller.Scope.Covers(page.OrganisationId, groups.Current.Of(page.OrganisationId, page.Number)?.SiteId);
    }

    protected override Refusal? Check(VoicemailBox page, IReadOnlyCollection<VoicemailBox> all) => all.Any(b => b.Id != page.Id && b.OrganisationId == page.OrganisationId && b.Number == page.Number)
        ? new Refusal("voicemail.number-taken", RefusalKind.Conflict, 500, "This number has a voicemail box already.")
        : null;

    protected override void Swapped(FrozenDictionary<Guid, VoicemailBox> pages) => _current = new VoicemailBoxes(pages.Values);
}

/// <summary>How many messages each box holds: for the lamps of telephones, the quota and the menu.</summary>
internal sealed class MessageCounts(VoicemailBook boxes, IDirectory directory) : IMessageCounts, ILoadable
{
    private readonly ConcurrentDictionary<Guid, BoxContent> _content = new();

    public event Action<Guid>? Changed;

    public BoxContent Of(VoicemailBox box) => _content.GetValueOrDefault(box.Id);

    public MessageCount Of(Guid person)
    {
        var (fresh, old) = (0, 0);
        foreach (var extension in directory.Current.ExtensionsOf(person))
        {
            if (!PhoneNumber.TryParse(extension.Number, out var number) || boxes.Current.Of(extension.OrganisationId, number) is not { } box) continue;
            var content = Of(box);
            (fresh, old) = (fresh + content.New, old + content.Old);
        }

        return new MessageCount(fresh, old);
    }

    public IReadOnlyList<Type> Kept { get; } = [typeof(VoicemailMessage)];

    public async Task LoadAsync(BeffroiDbContext db, CancellationToken stop)
    {
        var counted = await db.Set<VoicemailMessage>().GroupBy(m => new { m.BoxId, m.Heard })
            .Select(g => new { g.Key.BoxId, g.Key.Heard, Count = g.Count(), Seconds = g.Sum(m => m.Seconds) }).ToListAsync(stop);
        var now = counted.GroupBy(c => c.BoxId)
            .ToDictionary(box => box.Key, box => new BoxContent(box.Where(c => !c.Heard).Sum(c => c.Count), box.Where(c => c.Heard).Sum(c => c.Count), box.Sum(c => c.Seconds)));
        foreach (var box in _content.Keys.Union(now.Keys).ToList())
        {
            var content = now.GetValueOrDefault(box);
            if (_content.GetValueOrDefault(box) == content) continue;
            _content[box] = content;
            if (boxes.Pages.GetValueOrDefault(box)?.Person is { } person) Changed?.Invoke(person);
        }
    }

    /// <summary>Takes up a change of messages after its commit.</summary>
    internal void Note(Guid box, IReadOnlyList<VoicemailMessage> gone, IReadOnlyList<VoicemailMessage> came)
    {
        var content = _content.GetValueOrDefault(box);
        foreach (var message in gone) content = content.Plus(message, -1);
        foreach (var message in came) content = content.Plus(message, +1);
        _content[box] = content;
        if (boxes.Pages.GetValueOrDefault(box)?.Person is { } person) Changed?.Invoke(person);
    }
}
