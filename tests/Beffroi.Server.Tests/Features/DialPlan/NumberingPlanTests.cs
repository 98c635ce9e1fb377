// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Xunit;

namespace Beffroi.Server.Tests.Features.DialPlan;

public sealed class NumberingPlanTests
{
    private static readonly NumberingPlan Plan = NumberingPlan.French;

    [Theory]
    [InlineData("0199001000", "+33199001000", NumberClass.Geographic)]
    [InlineData("01 99 00 10 00", "+33199001000", NumberClass.Geographic)]
    [InlineData("01.99.00.10.00", "+33199001000", NumberClass.Geographic)]
    [InlineData("+33199001000", "+33199001000", NumberClass.Geographic)]
    [InlineData("+33 (0)1 99 00 10 00", "+33199001000", NumberClass.Geographic)]
    [InlineData("0033199001000", "+33199001000", NumberClass.Geographic)]
    [InlineData("00330199001000", "+33199001000", NumberClass.Geographic)]
    [InlineData("0261910042", "+33261910042", NumberClass.Geographic)]
    [InlineData("0639980042", "+33639980042", NumberClass.Mobile)]
    [InlineData("0612345678", "+33612345678", NumberClass.Mobile)]
    [InlineData("0756789012", "+33756789012", NumberClass.Mobile)]
    [InlineData("0972123456", "+33972123456", NumberClass.Polyvalent)]
    [InlineData("0800123456", "+33800123456", NumberClass.Free)]
    [InlineData("0805123456", "+33805123456", NumberClass.Free)]
    [InlineData("0806123456", "+33806123456", NumberClass.Standard)]
    [InlineData("0810123456", "+33810123456", NumberClass.Surcharged)]
    [InlineData("0899123456", "+33899123456", NumberClass.Surcharged)]
    [InlineData("0262123456", "+262262123456", NumberClass.Overseas)]
    [InlineData("0692123456", "+262692123456", NumberClass.Overseas)]
    [InlineData("0639123456", "+262639123456", NumberClass.Overseas)]
    [InlineData("+590590123456", "+590590123456", NumberClass.Overseas)]
    [InlineData("00596696123456", "+596696123456", NumberClass.Overseas)]
    [InlineData("3631", "3631", NumberClass.Surcharged)]
    [InlineData("3010", "3010", NumberClass.Free)]
    [InlineData("1014", "1014", NumberClass.Standard)]
    [InlineData("118712", "118712", NumberClass.Surcharged)]
    [InlineData("116006", "116006", NumberClass.Free)]
    [InlineData("00442071838750", "+442071838750", NumberClass.International)]
    [InlineData("+687251234", "+687251234", NumberClass.International)]
    [InlineData("07001234567890", "+337001234567890", NumberClass.Machine)]
    public void Every_way_of_writing_a_number_has_one_canonical_form(string dialled, string canonical, NumberClass expected)
    {
        Assert.Equal(NumberFault.None, Plan.Normalise(dialled, out var number));
        Assert.Equal(canonical, number.Number.Reveal());
        Assert.Equal(expected, number.Class);
    }

    [Theory]
    [InlineData("", NumberFault.Empty)]
    [InlineData("   ", NumberFault.Empty)]
    [InlineData("jeanne", NumberFault.NotDigits)]
    [InlineData("01 99 00 10 0", NumberFault.TooShort)]
    [InlineData("01 99 00 10 000", NumberFault.TooLong)]
    [InlineData("0712345678", NumberFault.NotAssigned)]
    [InlineData("+33", NumberFault.TooShort)]
    [InlineData("+1234567890123456", NumberFault.TooLong)]
    [InlineData("+441", NumberFault.TooShort)]
    [InlineData("363", NumberFault.TooShort)]
    [InlineData("999999999999999999999999999999999999999", NumberFault.TooLong)]
    [InlineData("+33199+001000", NumberFault.NotDigits)]
    public void A_text_that_is_no_number_says_why(string dialled, NumberFault fault) => Assert.Equal(fault, Plan.Normalise(dialled, out _));

    [Theory]
    [InlineData("33199001000")]
    [InlineData("199001000")]
    [InlineData("0199001000")]
    [InlineData("+33199001000")]
    [InlineData("0033199001000")]
    public void Operators_write_french_numbers_in_five_ways(string text)
    {
        Assert.Equal(NumberFault.None, Plan.NormaliseFromNetwork(text, out var number));
        Assert.Equal("+33199001000", number.Number.Reveal());
    }

    [Theory]
    [InlineData("+33199001000", NumberFormat.E164, "+33199001000")]
    [InlineData("+33199001000", NumberFormat.E164WithoutPlus, "33199001000")]
    [InlineData("+33199001000", NumberFormat.International00, "0033199001000")]
    [InlineData("+33199001000", NumberFormat.National, "0199001000")]
    [InlineData("+262692123456", NumberFormat.National, "0692123456")]
    [InlineData("+442071838750", NumberFormat.National, "00442071838750")]
    [InlineData("15", NumberFormat.E164, "15")]
    public void A_trunk_gets_the_format_it_asks_for(string canonical, NumberFormat format, string written) =>
        Assert.Equal(written, Plan.Write(PhoneNumber.Of(canonical), format));

    [Fact]
    public void What_is_written_for_a_trunk_is_read_back_as_the_same_number()
    {
        foreach (var text in new[] { "+33199001000", "+33639980000", "+590690123456", "+262639123456", "+14155550100", "+337001234567890" })
            foreach (var format in Enum.GetValues<NumberFormat>())
            {
                if (format == NumberFormat.E164WithoutPlus && !text.StartsWith("+331", StringComparison.Ordinal)) continue;      // ambiguous without a plus
                Assert.Equal(NumberFault.None, Plan.NormaliseFromNetwork(Plan.Write(PhoneNumber.Of(text), format), out var number));
                Assert.Equal(text, number.Number.Reveal());
            }
    }

    [Fact]
    public void Screens_show_numbers_in_pairs() => Assert.Equal("01 99 00 10 00", Plan.Display(PhoneNumber.Of("+33199001000")));

    [Fact]
    public void Logs_never_show_a_whole_number()
    {
        Assert.Equal("+33199••••••", PhoneNumber.Of("+33199001000").ToString());
        Assert.Equal("1•••", PhoneNumber.Of("1001").ToString());
        Assert.DoesNotContain("001000", $"{Destination.To(PhoneNumber.Of("+33199001000"))}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+33abc")]
    [InlineData("+")]
    [InlineData("")]
    [InlineData("12+3")]
    [InlineData("+33*1")]
    [InlineData("123456789012345678901234567890123")]
    public void What_is_no_number_is_not_taken_as_one(string text) => Assert.False(PhoneNumber.TryParse(text, out _));
}
