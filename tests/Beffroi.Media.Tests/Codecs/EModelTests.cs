// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Xunit;

namespace Beffroi.Media.Tests.Codecs;

public sealed class EModelTests
{
    /// <summary>G.107 table B.1: the lower limits of the user satisfaction classes.</summary>
    [Theory]
    [InlineData(90, 4.34)]
    [InlineData(80, 4.03)]
    [InlineData(70, 3.60)]
    [InlineData(60, 3.10)]
    [InlineData(50, 2.58)]
    [InlineData(93.2, 4.41)]
    [InlineData(0, 1)]
    [InlineData(100, 4.5)]
    [InlineData(double.NaN, 1)]
    public void The_score_of_a_rating_is_that_of_the_recommendation(double rating, double mos) => Assert.Equal(mos, EModel.Mos(rating), 0.0065);

    [Fact]
    public void A_perfect_line_has_the_rating_of_all_defaults() =>
        Assert.Equal(EModel.DefaultRating, EModel.Rating(TimeSpan.Zero, 0, CodecImpairment.Of("PCMA")), 0.05);

    /// <summary>G.113 table I.3 and G.107 (7-29): Ie,eff = Ie + (95 - Ie) Ppl / (Ppl / BurstR + Bpl).</summary>
    [Theory]
    [InlineData("PCMA", 0, 93.2)]
    [InlineData("PCMA", 2, 93.2 - 7.01)]
    [InlineData("PCMA", 5, 93.2 - 15.78)]
    [InlineData("G729", 0, 93.2 - 11)]
    [InlineData("G729", 3, 93.2 - 22.45)]
    [InlineData("G723", 2, 93.2 - 23.84)]
    [InlineData("unheard-of", 1, 93.2 - 17.92)]
    public void Codec_and_loss_cost_what_the_tables_say(string encoding, double loss, double rating) =>
        Assert.Equal(rating, EModel.Rating(TimeSpan.Zero, loss, CodecImpairment.Of(encoding)), 0.06);

    /// <summary>G.114 figure 1: "users very satisfied" up to some 200 ms, "some dissatisfied" from some 300 ms, "many" from some 400 ms.</summary>
    [Theory]
    [InlineData(50, 91, 93)]
    [InlineData(150, 87, 91)]
    [InlineData(200, 84, 89)]
    [InlineData(300, 70, 80)]
    [InlineData(400, 58, 70)]
    public void Delay_costs_little_first_and_much_beyond_a_fifth_of_a_second(int ms, double least, double most) =>
        Assert.InRange(EModel.Rating(TimeSpan.FromMilliseconds(ms), 0, CodecImpairment.Of("PCMA")), least, most);

    [Fact]
    public void More_of_anything_bad_never_sounds_better()
    {
        var codec = CodecImpairment.Of("G722");
        for (var ms = 0; ms < 1000; ms += 10)
            Assert.True(EModel.Rating(TimeSpan.FromMilliseconds(ms), 1, codec) >= EModel.Rating(TimeSpan.FromMilliseconds(ms + 10), 1, codec) - 1e-9, $"{ms} ms");
        for (var loss = 0.0; loss < 100; loss++)
            Assert.True(EModel.Rating(TimeSpan.Zero, loss, codec) >= EModel.Rating(TimeSpan.Zero, loss + 1, codec), $"{loss} %");
        Assert.InRange(EModel.Mos(TimeSpan.FromDays(1), TimeSpan.FromDays(1), double.NaN, "x"), 1, 4.5);
    }
}
