// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Prompts;
using Xunit;

namespace Beffroi.Media.Tests.Prompts;

public sealed class SpokenNumberTests
{
    [Theory]
    [InlineData(0, "digit-0")]
    [InlineData(7, "digit-7")]
    [InlineData(21, "number-21")]
    [InlineData(60, "number-60")]
    [InlineData(61, "number-60 and digit-1")]
    [InlineData(70, "number-60 number-10")]
    [InlineData(71, "number-60 and number-11")]
    [InlineData(80, "number-80")]
    [InlineData(81, "number-80 digit-1")]
    [InlineData(99, "number-80 number-19")]
    [InlineData(100, "hundred")]
    [InlineData(281, "digit-2 hundred number-80 digit-1")]
    [InlineData(1000, "thousand")]
    [InlineData(1999, "thousand digit-9 hundred number-80 number-19")]
    [InlineData(200_001, "digit-2 hundred thousand digit-1")]
    public void French_counts_by_scores_from_sixty(int number, string names) => Assert.Equal(names, string.Join(' ', SpokenNumber.French(number)));

    [Theory]
    [InlineData(0, "digit-0")]
    [InlineData(59, "number-59")]
    [InlineData(71, "number-70 digit-1")]
    [InlineData(100, "digit-1 hundred")]
    [InlineData(105, "digit-1 hundred and digit-5")]
    [InlineData(1001, "digit-1 thousand and digit-1")]
    [InlineData(90_190, "number-90 thousand digit-1 hundred and number-90")]
    public void English_says_and_after_the_hundreds(int number, string names) => Assert.Equal(names, string.Join(' ', SpokenNumber.English(number)));

    [Theory]
    [InlineData("0199001071", "fr", "digit-0 digit-1 number-80 number-19 digit-0 digit-0 number-10 number-60 and number-11")]
    [InlineData("1001", "fr", "number-10 digit-0 digit-1")]
    [InlineData("+33 1 99", "fr", "plus digit-3 number-31 number-80 number-19")]
    [InlineData("101", "fr", "digit-1 digit-0 digit-1")]
    [InlineData("0199", "en", "digit-0 digit-1 digit-9 digit-9")]
    [InlineData("*21#", "fr", "star digit-2 digit-1 hash")]
    [InlineData("", "fr", "")]
    public void Telephone_numbers_are_said_as_people_say_them(string number, string language, string names) =>
        Assert.Equal(names, string.Join(' ', SpokenNumber.Telephone(number, language)));

    [Theory]
    [InlineData(14, 30, "fr", "hour-14 number-30")]
    [InlineData(1, 0, "fr", "hour-1")]
    [InlineData(21, 21, "fr", "hour-21 minute-21")]
    [InlineData(9, 5, "fr", "hour-9 digit-5")]
    [InlineData(9, 5, "en", "digit-9 minute-5")]
    [InlineData(14, 0, "en", "number-14 minute-0")]
    public void Times_are_said_by_the_clock_of_twenty_four_hours(int hour, int minute, string language, string names) =>
        Assert.Equal(names, string.Join(' ', SpokenNumber.Time(new TimeOnly(hour, minute), language)));

    [Fact]
    public void Dates_are_near_or_named()
    {
        var today = new DateOnly(2026, 5, 4);
        Assert.Equal(["today"], SpokenNumber.Date(today, today, "fr"));
        Assert.Equal(["yesterday"], SpokenNumber.Date(today.AddDays(-1), today, "fr"));
        Assert.Equal(["on", "day-5", "first-of-month", "month-5"], SpokenNumber.Date(new DateOnly(2026, 5, 1), today, "fr"));
        Assert.Equal(["on", "day-7", "number-22", "month-3"], SpokenNumber.Date(new DateOnly(2026, 3, 22), today, "fr"));
        Assert.Equal(["on", "day-7", "month-3", "number-20", "ordinal-2"], SpokenNumber.Date(new DateOnly(2026, 3, 22), today, "en"));
    }

    [Fact]
    public void What_cannot_be_said_is_an_error_of_the_caller()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SpokenNumber.French(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SpokenNumber.English(1_000_000));
    }
}
