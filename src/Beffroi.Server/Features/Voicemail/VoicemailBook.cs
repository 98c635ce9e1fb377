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

    /// <summary>The extension whose box it is; null: a group's box.</summary>
    public Extension? ExtensionOf(VoicemailBox box) =>
        box.Group is null && directory.Current.TryExtension(box.OrganisationId, box.Number.Reveal(), out var extension) ? extension : null;

    /// <summary>The extensions whose box it is: one, or those of the group's members.</summary>
    public IEnumerable<Extension> HoldersOf(VoicemailBox box)
    {
        if (box.Group is null) return ExtensionOf(box) is { } own ? [own] : [];
        var now = directory.Current;
        return groups.Current.All.FirstOrDefault(g => g.Id == box.Group)?.Members.Select(m => now.Extensions.GetValueOrDefault(m.Extension)).OfType<Extension>() ?? [];
    }

    /// <summary>Whose content it is: the person's who has the extension now, or of the group's members. Administrators manage boxes and see how full they are, but never hear them.</summary>
    public bool MayHear(Caller caller, VoicemailBox box) => caller.Person is { } person && HoldersOf(box).Any(holder => holder.PersonId == person);

    /// <summary>Inside a change that another feature began: the box goes, another takes its place, or both.</summary>
    internal void Put(Change change, VoicemailBox? gone, VoicemailBox? comes) => Exchange(change, gone, comes);

    /// <summary>Whether the caller may manage the box: its owner, or who operates within the scope.</summary>
    public bool MayManage(Caller caller, VoicemailBox box) => Covers(caller, box) && caller.Role is not Role.Auditor;

    protected override string Label(VoicemailBox page) => page.Name;

    protected override bool Covers(Caller caller, VoicemailBox page)
    {
        if (caller.Role == Role.Person) return MayHear(caller, page);
        if (ExtensionOf(page) is { } extension) return directory.Current.Covers(caller.Scope, extension);
        if (caller.Scope.Kind == ScopeKind.Unit) return false;
        return caller.Scope.Covers(page.OrganisationId, groups.Current.Of(page.OrganisationId, page.Number)?.SiteId);
    }

    protected override Refusal? Check(VoicemailBox page, IReadOnlyCollection<VoicemailBox> all) => all.Any(b => b.Id != page.Id && b.OrganisationId == page.OrganisationId && b.Number == page.Number)
        ? NumberTaken
        : null;

    internal static Refusal NumberTaken { get; } = new("voicemail.number-taken", RefusalKind.Conflict, 500, "This number has a voicemail box already.");

    protected override void Swapped(FrozenDictionary<Guid, VoicemailBox> pages) => _current = new VoicemailBoxes(pages.Values);
}

/// <summary>How many messages each box holds: for the lamps of telephones, the quota and the menu.</summary>
/// <remarks>Threading: changed one change of the store at a time; readers never wait.</remarks>
internal sealed class MessageCounts : IMessageCounts, ILoadable
{
    private readonly ConcurrentDictionary<Guid, BoxContent> _content = new();

    /// <summary>The extensions whose lamps show a box, as they were told last.</summary>
    private readonly ConcurrentDictionary<Guid, HashSet<Guid>> _audience = new();
    private readonly VoicemailBook _boxes;
    private readonly IDirectory _directory;

    public MessageCounts(VoicemailBook boxes, IDirectory directory, IHuntGroups groups)
    {
        (_boxes, _directory) = (boxes, directory);
        directory.Changed += _ => FindAudience();
        groups.Changed += FindAudience;
    }

    public event Action<Guid>? Changed;

    public BoxContent Of(VoicemailBox box) => _content.GetValueOrDefault(box.Id);

    public MessageCount Of(Extension extension)
    {
        var own = WithThePersons(extension);
        var (fresh, old) = (0, 0);
        foreach (var box in own.Select(BoxOf).OfType<VoicemailBox>().Concat(_boxes.Current.Shared.Where(shared => _boxes.HoldersOf(shared).Any(own.Contains))))
        {
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
            Tell(box);
        }
    }

    /// <summary>Takes up a change of messages after its commit.</summary>
    internal void Note(Guid box, IReadOnlyList<VoicemailMessage> gone, IReadOnlyList<VoicemailMessage> came)
    {
        var content = _content.GetValueOrDefault(box);
        foreach (var message in gone) content = content.Plus(message, -1);
        foreach (var message in came) content = content.Plus(message, +1);
        _content[box] = content;
        Tell(box);
    }

    private VoicemailBox? BoxOf(Extension extension) => PhoneNumber.TryParse(extension.Number, out var number) ? _boxes.Current.Of(extension.OrganisationId, number) : null;

    /// <summary>All extensions of the extension's person.</summary>
    private IReadOnlyList<Extension> WithThePersons(Extension extension) => extension.PersonId is { } person ? _directory.Current.ExtensionsOf(person) : [extension];

    /// <summary>Tells those whose lamps show the box, and those whose lamps have shown it.</summary>
    private void Tell(Guid box)
    {
        var before = _audience.GetValueOrDefault(box) ?? [];
        var now = AudienceOf(box);
        _audience[box] = now;
        foreach (var extension in now.Union(before)) Changed?.Invoke(extension);
    }

    private HashSet<Guid> AudienceOf(Guid box) =>
        _boxes.Pages.TryGetValue(box, out var found) ? [.. _boxes.HoldersOf(found).SelectMany(WithThePersons).Select(e => e.Id)] : [];

    /// <summary>Somebody came or left, an extension changed hands, a group has other members: boxes that hold messages light other lamps.</summary>
    private void FindAudience()
    {
        foreach (var (box, content) in _content)
            if (content.Messages > 0 && !(_audience.GetValueOrDefault(box) ?? []).SetEquals(AudienceOf(box))) Tell(box);
    }
}
