// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan;
using Beffroi.Server.Features.DialPlan.Contract;
using Xunit;

namespace Beffroi.Server.Tests.Features.DialPlan;

public sealed class NumberConflictsTests
{
    private static IReadOnlyList<NumberConflict> Find(string outsidePrefix, params string[] numbers) => NumberConflicts.Find(
        numbers.Select(n => new OwnedNumber(PhoneNumber.Of(n), "extension " + n)), FeatureCodes.Default, outsidePrefix, new HashSet<string> { "15", "112" }, NumberingPlan.French);

    [Fact]
    public void Numbers_of_different_lengths_live_together_when_none_begins_another() => Assert.Empty(Find("0", "1001", "20001", "600", "61"));

    [Fact]
    public void A_number_that_begins_another_is_a_warning()
    {
        var conflict = Assert.Single(Find("0", "10", "1001"));
        Assert.Equal(ConflictWeight.Warning, conflict.Weight);
        Assert.Contains("1001 commence par 10", conflict.Fr, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_number_twice_is_an_error() => Assert.Equal(ConflictWeight.Error, Assert.Single(Find("0", "1001", "1001")).Weight);

    [Fact]
    public void An_emergency_number_can_never_be_an_extension() => Assert.Equal(ConflictWeight.Error, Assert.Single(Find("0", "15")).Weight);

    [Fact]
    public void An_extension_that_begins_like_an_emergency_number_is_a_warning() => Assert.Equal(ConflictWeight.Warning, Assert.Single(Find("0", "1501")).Weight);

    [Fact]
    public void An_emergency_number_behind_the_outside_prefix_can_never_be_an_extension() => Assert.Contains(Find("0", "015"), c => c.Weight == ConflictWeight.Error);

    [Fact]
    public void A_feature_code_can_not_be_an_extension() => Assert.Equal(ConflictWeight.Error, Assert.Single(Find("0", "888")).Weight);

    [Fact]
    public void An_extension_behind_the_outside_prefix_is_a_warning() => Assert.Equal(ConflictWeight.Warning, Assert.Single(Find("0", "0123")).Weight);

    [Fact]
    public void Without_an_outside_prefix_a_public_short_number_is_a_warning() => Assert.Equal(ConflictWeight.Warning, Assert.Single(Find("", "3631")).Weight);
}
