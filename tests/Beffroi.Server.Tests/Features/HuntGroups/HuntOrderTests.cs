// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.HuntGroups;
using Beffroi.Server.Features.HuntGroups.Contract;
using Xunit;

namespace Beffroi.Server.Tests.Features.HuntGroups;

public sealed class HuntOrderTests
{
    private static readonly Guid Anne = Guid.NewGuid(), Bruno = Guid.NewGuid(), Chloe = Guid.NewGuid();

    private static HuntGroup Reception(HuntStrategy strategy, params (Guid Person, bool LoggedIn)[] members) => new(
        Guid.NewGuid(), Guid.NewGuid(), null, PhoneNumber.Of("600"), "Accueil", strategy, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(25), Destination.Nowhere,
        [.. members.Select((m, order) => new HuntMember(m.Person, order, m.LoggedIn))], 0);

    private static HuntGroup All(HuntStrategy strategy) => Reception(strategy, (Anne, true), (Bruno, true), (Chloe, true));

    private static Guid[] Order(HuntGroup group, HuntMemory memory, Func<Guid, bool>? isFree = null) =>
        [.. HuntOrder.Rounds(group, memory, isFree ?? (_ => true)).SelectMany(r => r.Members)];

    [Fact]
    public void Ring_all_rings_everybody_for_the_whole_time()
    {
        var round = Assert.Single(HuntOrder.Rounds(All(HuntStrategy.RingAll), HuntMemory.Empty, _ => true));
        Assert.Equal([Anne, Bruno, Chloe], round.Members);
        Assert.Equal(TimeSpan.FromSeconds(25), round.Ring);
    }

    [Fact]
    public void Serial_begins_with_the_first_and_the_last_turn_ends_with_the_time_out()
    {
        var rounds = HuntOrder.Rounds(All(HuntStrategy.Serial), HuntMemory.Empty, _ => true);
        Assert.Equal([Anne, Bruno, Chloe], rounds.Select(r => r.Members[0]));
        Assert.Equal([10, 10, 5], rounds.Select(r => (int)r.Ring.TotalSeconds));
    }

    [Fact]
    public void Circular_begins_after_the_last_one_rung() =>
        Assert.Equal([Chloe, Anne, Bruno], Order(All(HuntStrategy.Circular), new HuntMemory(Bruno, new Dictionary<Guid, DateTimeOffset>())));

    [Fact]
    public void Circular_goes_on_after_a_member_who_has_left_the_desk() =>
        Assert.Equal([Chloe, Anne, Chloe], Order(Reception(HuntStrategy.Circular, (Anne, true), (Bruno, false), (Chloe, true)), new HuntMemory(Bruno, new Dictionary<Guid, DateTimeOffset>())));

    [Fact]
    public void Least_recent_begins_with_who_has_waited_longest()
    {
        var noon = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
        var memory = new HuntMemory(null, new Dictionary<Guid, DateTimeOffset> { [Anne] = noon, [Bruno] = noon.AddMinutes(-5) });
        Assert.Equal([Chloe, Bruno, Anne], Order(All(HuntStrategy.LeastRecent), memory));
    }

    [Fact]
    public void Who_is_busy_or_logged_out_is_skipped()
    {
        var group = Reception(HuntStrategy.RingAll, (Anne, true), (Bruno, false), (Chloe, true));
        Assert.Equal([Chloe], Order(group, HuntMemory.Empty, person => person != Anne));
    }

    [Fact]
    public void Nobody_to_ring_means_no_round() => Assert.Empty(HuntOrder.Rounds(All(HuntStrategy.RingAll), HuntMemory.Empty, _ => false));
}
