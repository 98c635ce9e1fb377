// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Sip.Authentication;
using Xunit;

namespace Beffroi.Sip.Tests.Authentication;

/// <summary>The examples of RFC 2617, RFC 7616 (with erratum 4897) and FIPS 180-4.</summary>
public sealed class DigestVectorTests
{
    [Theory]
    [InlineData("abc", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23")]
    [InlineData("", "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a")]
    public void SHA_512_256_is_the_one_of_FIPS_180_and_no_cut_SHA_512(string text, string expected)
    {
        Assert.True(DigestHa1.IsAvailable(DigestAlgorithm.Sha512_256));
        Assert.Equal(expected, Encoding.ASCII.GetString(DigestHash.Hex(DigestAlgorithm.Sha512_256, Encoding.ASCII.GetBytes(text), new byte[64])));
    }

    [Theory]
    [InlineData(DigestAlgorithm.Md5, "Mufasa", "testrealm@host.com", "Circle Of Life", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "0a4f113b", true, "/dir/index.html", "6629fae49393a05397450978507c4ef1")]
    [InlineData(DigestAlgorithm.Md5, "Mufasa", "testrealm@host.com", "Circle Of Life", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "", false, "/dir/index.html", "670fd8c2df070c60b045671b8b24ff02")]
    [InlineData(DigestAlgorithm.Md5, "Mufasa", "http-auth@example.org", "Circle of Life", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", true, "/dir/index.html", "8ca523f5e9506fed4657c9700eebdbec")]
    [InlineData(DigestAlgorithm.Sha256, "Mufasa", "http-auth@example.org", "Circle of Life", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", true, "/dir/index.html", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    [InlineData(DigestAlgorithm.Sha512_256, "Jäsøn Doe", "api@example.org", "Secret, or not?", "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", true, "/doe.json", "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5")]
    public void The_examples_of_the_RFCs_come_out(
        DigestAlgorithm algorithm, string username, string realm, string password, string nonce, string cnonce, bool withQop, string uri, string expected)
    {
        var fields = new DigestFields
        {
            Nonce = Encoding.ASCII.GetBytes(nonce),
            Cnonce = Encoding.ASCII.GetBytes(cnonce),
            NonceCount = "00000001"u8,
            HasQop = withQop,
            Uri = Encoding.ASCII.GetBytes(uri)
        };
        var ha1 = Encoding.ASCII.GetBytes(DigestHa1.Compute(username, realm, password, algorithm));
        Assert.Equal(expected, Encoding.ASCII.GetString(DigestResponse.Compute(algorithm, ha1, "GET"u8, fields, new byte[64])));
    }

    [Fact]
    public void A_HA1_is_the_one_of_RFC_2617() =>
        Assert.Equal("939e7578ed9e3c518a452acee763bce9", DigestHa1.Compute("Mufasa", "testrealm@host.com", "Circle Of Life", DigestAlgorithm.Md5));
}
