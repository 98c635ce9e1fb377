// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Xunit;

namespace Beffroi.Server.Tests.Features.DialPlan;

public sealed class CallerPresentationTests
{
    private static readonly PhoneNumber Extension = PhoneNumber.Of("1001"), Direct = PhoneNumber.Of("+33199001001"), Site = PhoneNumber.Of("+33199001010"),
        Organisation = PhoneNumber.Of("+33199001000"), Foreign = PhoneNumber.Of("+33142000000");

    private static bool IsOurs(PhoneNumber number) => number.Reveal().StartsWith("+33199001", StringComparison.Ordinal);

    private static CallerNumbers Jeanne(PhoneNumber direct, bool withheld = false) => new("Jeanne Martin", Extension, direct, Site, Organisation, withheld);

    [Fact]
    public void A_colleague_sees_name_and_extension_even_of_who_withholds() =>
        Assert.Equal(new CallerIdentity("Jeanne Martin", Extension, Extension, false), CallerPresentation.Inside(Jeanne(Direct, withheld: true)));

    [Fact]
    public void The_public_sees_the_direct_number_and_no_name() =>
        Assert.Equal(new CallerIdentity("", Direct, Direct, false), CallerPresentation.Outside(Jeanne(Direct), IsOurs));

    [Fact]
    public void Without_a_direct_number_the_site_is_shown() => Assert.Equal(Site, CallerPresentation.Outside(Jeanne(PhoneNumber.None), IsOurs).Number);

    [Fact]
    public void A_number_that_is_not_the_towns_is_never_shown() => Assert.Equal(Site, CallerPresentation.Outside(Jeanne(Foreign), IsOurs).Number);

    [Fact]
    public void A_withheld_number_is_still_asserted_to_the_operator() =>
        Assert.Equal(new CallerIdentity("", PhoneNumber.None, Direct, true), CallerPresentation.Outside(Jeanne(Direct, withheld: true), IsOurs));

    [Fact]
    public void An_emergency_centre_always_sees_the_site() =>
        Assert.Equal(new CallerIdentity("", Site, Site, false), CallerPresentation.Emergency(Jeanne(Direct, withheld: true), Site, IsOurs));
}
