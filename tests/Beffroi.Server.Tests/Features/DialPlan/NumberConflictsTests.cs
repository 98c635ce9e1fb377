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

    private static List<NumberConflict> OfPrefix(string prefix, int min, int max, string outsidePrefix = "0", FeatureCodes? codes = null, params PrefixRoute[] others) => [.. NumberConflicts.Of(
        Route(prefix, min, max), others, [new OwnedNumber(PhoneNumber.Of("8001"), "Anne")], codes ?? FeatureCodes.Default, outsidePrefix, new HashSet<string> { "15", "112" })];

    private static PrefixRoute Route(string prefix, int min, int max) => new(Guid.NewGuid(), Guid.Empty, prefix, min, max, 0, "", Guid.NewGuid(), "Ancien", 0);

    [Fact]
    public void A_prefix_that_nothing_else_begins_with_stands_alone() => Assert.Empty(OfPrefix("8", 4, 5));

    [Theory]
    [InlineData("8", 3, 3, "0")]            // the extension 8001 is reached, and the number behind the prefix is not
    [InlineData("1", 2, 2, "0")]            // as 112 is
    public void A_number_that_wins_over_a_number_behind_a_prefix_is_a_warning(string prefix, int min, int max, string outside) =>
        Assert.Equal(ConflictWeight.Warning, Assert.Single(OfPrefix(prefix, min, max, outside)).Weight);

    [Theory]
    [InlineData("0", 4, 4, "0")]            // every number behind it would be hidden, or would hide
    [InlineData("03", 3, 3, "0")]
    [InlineData("9", 3, 9, "90")]
    [InlineData("0", 3, 9, "9")]            // a whole public number, dialled without the outside prefix
    public void A_prefix_that_collides_with_the_way_out_is_an_error(string prefix, int min, int max, string outside) =>
        Assert.Equal(ConflictWeight.Error, Assert.Single(OfPrefix(prefix, min, max, outside)).Weight);

    [Theory]
    [InlineData("8{extension}", ConflictWeight.Error)]
    [InlineData("84{extension}", ConflictWeight.Warning)]
    [InlineData("81234", ConflictWeight.Warning)]
    public void A_feature_code_that_begins_as_a_prefix_is_told(string pattern, ConflictWeight weight) =>
        Assert.Equal(weight, Assert.Single(OfPrefix("8", 4, 4, codes: new FeatureCodes([new FeatureCode(FeatureAction.PickupDirected, pattern, "", "")]))).Weight);

    [Fact]
    public void The_same_prefix_twice_is_an_error_unless_other_lengths_follow_it()
    {
        Assert.Equal(ConflictWeight.Error, Assert.Single(OfPrefix("8", 4, 5, others: Route("8", 5, 6))).Weight);
        Assert.Empty(OfPrefix("8", 4, 5, others: [Route("8", 6, 6), Route("81", 4, 4)]));
    }

    [Fact]
    public void Without_an_outside_prefix_a_public_short_number_is_a_warning() => Assert.Equal(ConflictWeight.Warning, Assert.Single(Find("", "3631")).Weight);
}
