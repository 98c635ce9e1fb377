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

    private static IReadOnlyList<Guid> Order(HuntGroup group, HuntMemory memory, Func<Guid, bool>? isFree = null) => HuntOrder.Of(group, memory, isFree ?? (_ => true));

    [Theory]
    [InlineData(HuntStrategy.RingAll)]
    [InlineData(HuntStrategy.Serial)]
    public void Serial_begins_with_the_first(HuntStrategy strategy) => Assert.Equal([Anne, Bruno, Chloe], Order(All(strategy), HuntMemory.Empty));

    [Fact]
    public void Circular_begins_after_the_last_one_rung() =>
        Assert.Equal([Chloe, Anne, Bruno], Order(All(HuntStrategy.Circular), new HuntMemory(Bruno, new Dictionary<Guid, DateTimeOffset>())));

    [Fact]
    public void Circular_goes_on_after_a_member_who_has_left_the_desk() =>
        Assert.Equal([Chloe, Anne], Order(Reception(HuntStrategy.Circular, (Anne, true), (Bruno, false), (Chloe, true)), new HuntMemory(Bruno, new Dictionary<Guid, DateTimeOffset>())));

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
    public void Nobody_to_ring_means_no_turn() => Assert.Empty(Order(All(HuntStrategy.RingAll), HuntMemory.Empty, _ => false));
}
