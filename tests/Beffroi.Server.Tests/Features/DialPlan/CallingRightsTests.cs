// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Xunit;

namespace Beffroi.Server.Tests.Features.DialPlan;

public sealed class CallingRightsTests
{
    private static CallingRights Rights(bool byDefault, params CallingRule[] rules) => new(Guid.NewGuid(), "test", byDefault, rules, NumberingPlan.French);

    private static CanonicalNumber Number(string dialled)
    {
        Assert.Equal(NumberFault.None, NumberingPlan.French.Normalise(dialled, out var number));
        return number;
    }

    [Fact]
    public void The_longest_prefix_decides_before_the_class_and_the_default()
    {
        var rights = Rights(false, new("", NumberClass.Geographic, true), new("0199", null, false), new("019900", null, true));
        Assert.True(rights.Allows(Number("0142000000"), out var byClass));
        Assert.Equal("Geographic", byClass);
        Assert.False(rights.Allows(Number("0199111111"), out var byPrefix));
        Assert.Equal("+33199", byPrefix);
        Assert.True(rights.Allows(Number("0199001000"), out _));
        Assert.False(rights.Allows(Number("0612345678"), out var byDefault));
        Assert.Equal("", byDefault);
    }

    [Theory]
    [InlineData("0899123456", false)]
    [InlineData("+33899123456", false)]
    [InlineData("3631", false)]
    [InlineData("0800123456", true)]
    [InlineData("00442071838750", false)]
    [InlineData("00352123456", true)]
    public void Surcharged_numbers_and_foreign_countries_can_be_barred_in_every_way_of_dialling(string dialled, bool allowed)
    {
        var rights = Rights(true, new CallingRule("", NumberClass.Surcharged, false), new CallingRule("", NumberClass.International, false), new CallingRule("00352", null, true));
        Assert.Equal(allowed, rights.Allows(Number(dialled), out _));
    }

    [Fact]
    public void A_prefix_of_an_overseas_range_bars_that_range()
    {
        var rights = Rights(true, new CallingRule("0690", null, false));
        Assert.False(rights.Allows(Number("0690123456"), out _));
        Assert.True(rights.Allows(Number("0691123456"), out _));
    }
}
