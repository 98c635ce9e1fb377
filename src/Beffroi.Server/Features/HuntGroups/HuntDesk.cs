// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Forwarding.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Features.HuntGroups;

/// <summary>What hunt groups remember between calls, and who is free now.</summary>
/// <remarks>Threading: one small lock over the memory, which the journal writes down behind the calls (<see cref="HuntTurn"/>).</remarks>
internal sealed class HuntDesk(IDirectory directory, IForwardings forwardings, IExtensionPhones phones, ILiveCalls calls, IJournal journal) : IHuntGroupScripts, ILoadable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, HuntMemory> _memory = [];

    public IReadOnlyList<Type> Kept { get; } = [typeof(HuntTurn)];

    /// <summary>What was remembered since the start is newer than what is read, and stays.</summary>
    public async Task LoadAsync(BeffroiDbContext db, CancellationToken stop)
    {
        var groups = await db.Set<HuntGroup>().Select(g => g.Id).ToListAsync(stop);
        await db.Set<HuntTurn>().Where(t => !groups.Contains(t.GroupId)).ExecuteDeleteAsync(stop);
        var turns = await db.Set<HuntTurn>().ToListAsync(stop);
        lock (_lock)
        {
            foreach (var group in turns.GroupBy(t => t.GroupId))
            {
                var now = _memory.GetValueOrDefault(group.Key) ?? HuntMemory.Empty;
                var answered = group.Where(t => t.AnsweredAt is not null).ToDictionary(t => t.ExtensionId, t => t.AnsweredAt!.Value);
                foreach (var (member, at) in now.LastAnswered) answered[member] = at;
                _memory[group.Key] = new(now.LastRung ?? group.Where(t => t.RungAt is not null).MaxBy(t => t.RungAt)?.ExtensionId, answered);
            }
        }
    }

    public ICallApplication Script(HuntGroup group, RingSound? sound, IOnward onward, Func<ICallContext, RingAs> shown) => new HuntGroupApplication(group, sound, onward, shown, this);

    /// <summary>The members that can be rung now, in the order of their turns. Who is only rung by another call is not busy, or a second caller would find nobody while the whole
    /// group rings for the first: such members come last, and see the call waiting.</summary>
    /// <param name="call">The call that asks: a telephone that it rings is free for it.</param>
    public IReadOnlyList<Guid> Turns(HuntGroup group, CallParty caller, Guid call)
    {
        var now = directory.Current;
        var (busy, rung) = (new HashSet<Guid>(), new HashSet<Guid>());
        foreach (var leg in calls.Live.Where(c => c.Phase != CallPhase.Ended && c.Id != call).SelectMany(c => c.Legs))
        {
            if (leg.Party.Extension is { } extension) (leg is { Inbound: false, State: "Trying" or "Ringing" } ? rung : busy).Add(extension);
        }

        HuntMemory memory;
        lock (_lock) memory = _memory.GetValueOrDefault(group.Id) ?? HuntMemory.Empty;
        var turns = HuntOrder.Of(group, memory, member => now.Extensions.TryGetValue(member, out var own)
            && !busy.Contains(member)
            && forwardings.Of(member) is not { DoNotDisturb: true }
            && !(caller.Kind == PartyKind.Internal && caller.Number == own.Number));
        return rung.Count == 0 ? turns : [.. turns.OrderBy(rung.Contains)];
    }

    /// <summary>The connected telephones of a member; empty when it has none.</summary>
    public IReadOnlyList<RingTarget> TargetsOf(Guid member, RingAs how) => directory.Current.Extensions.TryGetValue(member, out var extension) ? phones.TargetsOf(extension, how) : [];

    /// <summary>A member is rung alone.</summary>
    public void Rung(HuntGroup group, Guid member, DateTimeOffset at)
    {
        if (group.Strategy == HuntStrategy.Circular) Keep(new() { GroupId = group.Id, ExtensionId = member, RungAt = at });
        lock (_lock) _memory[group.Id] = (_memory.GetValueOrDefault(group.Id) ?? HuntMemory.Empty) with { LastRung = member };
    }

    public void Answered(HuntGroup group, CallParty? by, DateTimeOffset at)
    {
        if (by is null || !directory.Current.TryExtension(group.OrganisationId, by.Number, out var extension)) return;
        if (group.Strategy == HuntStrategy.LeastRecent) Keep(new() { GroupId = group.Id, ExtensionId = extension.Id, AnsweredAt = at });
        lock (_lock)
        {
            var memory = _memory.GetValueOrDefault(group.Id) ?? HuntMemory.Empty;
            _memory[group.Id] = memory with { LastAnswered = new Dictionary<Guid, DateTimeOffset>(memory.LastAnswered) { [extension.Id] = at } };
        }
    }

    private void Keep(HuntTurn turn) => journal.Keep(HuntTurnWriter.Kind, turn.GroupId, turn, HuntTurnJson.Default.HuntTurn);
}
