// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Xunit;

namespace Beffroi.Server.Tests.Features.Emergency;

public sealed class EmergencyPlanTests
{
    private static readonly Guid Townhall = Guid.NewGuid(), Library = Guid.NewGuid();

    private static readonly EmergencyPlan Plan = new(EmergencyPlan.French,
    [
        new EmergencyRoute(Guid.NewGuid(), Guid.Empty, Townhall, "", PhoneNumber.None, PhoneNumber.Of("+33199001000"), null, 0),
        new EmergencyRoute(Guid.NewGuid(), Guid.Empty, Townhall, "18", PhoneNumber.Of("+33199009918"), PhoneNumber.Of("+33199001000"), null, 0),
    ]);

    [Theory]
    [InlineData("15")]
    [InlineData("17")]
    [InlineData("18")]
    [InlineData("112")]
    [InlineData("114")]
    [InlineData("115")]
    [InlineData("119")]
    [InlineData("116000")]
    [InlineData("116117")]
    [InlineData("191")]
    [InlineData("196")]
    [InlineData("197")]
    public void The_list_is_known_with_and_without_the_outside_prefix(string number)
    {
        Assert.True(Plan.TryMatch(number, "0", out var found));
        Assert.Equal(number, found.Number);
        Assert.True(Plan.TryMatch("0" + number, "0", out _));
        Assert.False(Plan.TryMatch("0" + number, "", out _));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1501")]
    [InlineData("0")]
    [InlineData("")]
    [InlineData("116006")]
    public void Nothing_else_is(string dialled) => Assert.False(Plan.TryMatch(dialled, "0", out _));

    [Fact]
    public void A_site_has_its_own_route_for_one_number_and_one_for_the_others()
    {
        Assert.True(Plan.TryMatch("18", "0", out var fire) & Plan.TryMatch("15", "0", out var samu));
        Assert.Equal("+33199009918", Plan.RouteOf(Townhall, fire)?.RoutedTo.Reveal());
        Assert.True(Plan.RouteOf(Townhall, samu)?.RoutedTo.IsEmpty);
        Assert.Null(Plan.RouteOf(Library, samu));
        Assert.Null(Plan.RouteOf(null, samu));
    }
}
