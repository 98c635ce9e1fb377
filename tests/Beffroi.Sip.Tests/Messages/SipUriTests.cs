// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Beffroi.Sip.Tests.Messages;

public sealed class SipUriTests
{
    // RFC 3261 §19.1.4, the two lists of examples.
    [Theory]
    [InlineData("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp")]
    [InlineData("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5")]
    [InlineData("sip:carol@chicago.com", "sip:carol@chicago.com;security=on")]
    [InlineData("sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com", "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com")]
    [InlineData("sip:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:alice@atlanta.com?priority=urgent&subject=project%20x")]
    [InlineData("tel:+33-1.99(00)1234", "tel:+33199001234")]
    public void Equivalent_URIs_are_equal(string one, string other)
    {
        Assert.Equal(SipUri.Parse(one), SipUri.Parse(other));
        Assert.Equal(SipUri.Parse(one).GetHashCode(), SipUri.Parse(other).GetHashCode());
    }

    [Theory]
    [InlineData("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP")]
    [InlineData("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060")]
    [InlineData("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp")]
    [InlineData("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp")]
    [InlineData("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting")]
    [InlineData("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4")]
    [InlineData("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off")]
    [InlineData("sip:bob@biloxi.com", "sips:bob@biloxi.com")]
    [InlineData("tel:+33199001234", "tel:+33199001234;phone-context=example.org")]
    public void Different_URIs_are_not_equal(string one, string other) => Assert.NotEqual(SipUri.Parse(one), SipUri.Parse(other));

    [Fact]
    public void The_parts_of_a_full_URI_are_found()
    {
        var uri = SipUri.Parse("sips:alice:secret@[2001:db8::1]:5061;lr;transport=TLS;maddr=239.255.255.1?Subject=hello%20you");
        Assert.Equal(("sips", "alice", "[2001:db8::1]", 5061), (uri.Scheme, uri.User, uri.Host, uri.Port));
        Assert.True(uri.IsLoose && uri.IsSecure && uri.HasHeaders);
        Assert.Equal("tls", uri.Transport);
        Assert.Equal("239.255.255.1", uri.Parameter("MADDR"));
        Assert.Null(uri.Parameter("ttl"));
        Assert.Equal("hello you", Assert.Single(uri.Headers).Value);
        Assert.Equal("sips:alice:secret@[2001:db8::1]:5061;lr;transport=TLS;maddr=239.255.255.1", uri.WithoutHeaders().Reveal());
    }

    [Theory]
    [InlineData("")]
    [InlineData("sip:")]
    [InlineData("sip:@host")]
    [InlineData("sip:a@b@c")]
    [InlineData("sip:a b@c")]
    [InlineData("sip:a@b;")]
    [InlineData("sip:a@b;;x")]
    [InlineData("sip:a@b;=x")]
    [InlineData("sip:a@b:0")]
    [InlineData("sip:a@b:65536")]
    [InlineData("sip:a@b:")]
    [InlineData("sip:a@[::1")]
    [InlineData("sip:a@b?")]
    [InlineData("sip:%4@b")]
    [InlineData("sip:%zz@b")]
    [InlineData("sip:é@b")]
    [InlineData("sip:a@b>")]
    [InlineData("http://b")]
    [InlineData("tel:")]
    public void What_is_no_URI_is_refused(string text) => Assert.False(SipUri.TryParse(text, out _));

    [Fact]
    public void A_log_shows_neither_user_nor_number()
    {
        Assert.Equal("sip:***@example.org:5070", SipUri.Parse("sip:alice:pw@example.org:5070;transport=tcp").ToString());
        Assert.Equal("sip:example.org", SipUri.Parse("sip:example.org").ToString());
        Assert.Equal("tel:***", SipUri.Parse("tel:+33199001234").ToString());
        Assert.True(NameAddress.TryParse("\"Alice Martin\" <sip:alice@example.org>;tag=1", out var address));
        Assert.Equal("<sip:***@example.org>", address.ToString());
    }

    [Fact]
    public void Parts_are_replaced_one_by_one()
    {
        var uri = SipUri.Parse("sip:alice@example.org:5070;transport=tcp;lr");
        Assert.Equal("sip:b%20b@example.org:5070;transport=tcp;lr", uri.With(user: "b b").Reveal());
        Assert.Equal("sip:alice@[::1];transport=tcp;lr", uri.With(host: "::1", port: 0).Reveal());
        Assert.Equal("sip:alice@example.org:5070;lr", uri.WithoutParameter("Transport").Reveal());
        Assert.Equal("sip:alice@example.org:5070;lr;transport=ws", uri.WithParameter("transport", "ws").Reveal());
        Assert.Equal("sip:alice@example.org:5070", uri.WithoutParameters().Reveal());
        Assert.Equal("sip:101@192.0.2.1;transport=udp", SipUri.Of("101", "192.0.2.1", transport: "udp").Reveal());
    }

    [Fact]
    public void Any_user_survives_the_wire() => Prop.ForAll<NonEmptyString>(user =>
    {
        var plain = string.Concat(user.Get.Where(c => !char.IsSurrogate(c)));
        if (plain.Length is 0 or > 200) return;
        var uri = SipUri.Of(plain, "example.org");
        Assert.True(SipUri.TryParse(uri.Reveal(), out var again));
        Assert.Equal(plain, again.User);
        Assert.Equal(uri, again);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_display_name_survives_the_wire() => Prop.ForAll<string>(name =>
    {
        var plain = string.Concat((name ?? "").Where(c => !char.IsSurrogate(c) && c is not ('\r' or '\n' or '\0')));
        var address = new NameAddress(SipUri.Of("a", "b"), plain, new KeyValuePair<string, string?>("x", "a;b, \"c\""));
        Assert.True(NameAddress.TryParse(address.Reveal(), out var again));
        Assert.Equal(plain, again.DisplayName);
        Assert.Equal("a;b, \"c\"", again.Parameter("X"));
    }).QuickCheckThrowOnFailure();
}
