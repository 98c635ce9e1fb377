// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Forwarding.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;

namespace Beffroi.Server.Features.HuntGroups;

/// <summary>What hunt groups remember between calls, and who is free now.</summary>
/// <remarks>Threading: one small lock over the memory. The memory is lost with the process: a group then begins with its first member.</remarks>
internal sealed class HuntDesk(IDirectory directory, IForwardings forwardings, IExtensionPhones phones, ILiveCalls calls) : IHuntGroupScripts
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, HuntMemory> _memory = [];

    public ICallApplication Script(HuntGroup group, RingSound? sound, IOnward onward, Func<ICallContext, RingAs> shown) => new HuntGroupApplication(group, sound, onward, shown, this);

    /// <summary>The rounds of a call that begins now.</summary>
    public IReadOnlyList<HuntRound> Rounds(HuntGroup group, CallParty caller)
    {
        var now = directory.Current;
        var busy = calls.Live.Where(c => c.Phase != CallPhase.Ended).SelectMany(c => c.Legs).Where(l => l.Party.Kind == PartyKind.Internal)
            .Select(l => (l.Party.Number, l.Party.Person)).ToHashSet();
        HuntMemory memory;
        lock (_lock) memory = _memory.GetValueOrDefault(group.Id) ?? HuntMemory.Empty;
        return HuntOrder.Rounds(group, memory, member => now.Extensions.TryGetValue(member, out var extension)
            && !busy.Contains((extension.Number, extension.PersonId))
            && forwardings.Of(member) is not { DoNotDisturb: true }
            && !(caller.Kind == PartyKind.Internal && caller.Number == extension.Number));
    }

    public IReadOnlyList<RingTarget> TargetsOf(HuntRound round, RingAs how)
    {
        var now = directory.Current;
        return [.. round.Members.SelectMany(m => now.Extensions.TryGetValue(m, out var extension) ? phones.TargetsOf(extension, how) : [])];
    }

    public void Rung(HuntGroup group, HuntRound round)
    {
        if (round.Members.Count != 1) return;
        lock (_lock) _memory[group.Id] = (_memory.GetValueOrDefault(group.Id) ?? HuntMemory.Empty) with { LastRung = round.Members[0] };
    }

    public void Answered(HuntGroup group, CallParty? by, DateTimeOffset at)
    {
        if (by is null || !directory.Current.TryExtension(group.OrganisationId, by.Number, out var extension)) return;
        lock (_lock)
        {
            var memory = _memory.GetValueOrDefault(group.Id) ?? HuntMemory.Empty;
            _memory[group.Id] = memory with { LastAnswered = new Dictionary<Guid, DateTimeOffset>(memory.LastAnswered) { [extension.Id] = at } };
        }
    }
}
