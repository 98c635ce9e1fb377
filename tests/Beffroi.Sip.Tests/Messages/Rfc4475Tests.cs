// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Sip.Messages;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Sip.Tests.Messages;

/// <summary>Each of the 49 messages of RFC 4475 has the outcome its section names, as far as parsing decides it.</summary>
public sealed class Rfc4475Tests
{
    // §3.1.2: refused. Those the RFC lets a lenient element take are refused too, unless they stand among the accepted ones below.
    public static TheoryData<string, SipParseFault, int> Refused => new()
    {
        { "badinv01", SipParseFault.BadVia, 400 },
        { "clerr", SipParseFault.BadContentLength, 400 },
        { "ncl", SipParseFault.BadContentLength, 400 },
        { "scalar02", SipParseFault.BadCSeq, 400 },
        { "quotbal", SipParseFault.BadTo, 400 },
        { "ltgtruri", SipParseFault.BadRequestUri, 400 },
        { "lwsruri", SipParseFault.BadStartLine, 400 },
        { "lwsstart", SipParseFault.BadStartLine, 400 },
        { "trws", SipParseFault.BadStartLine, 400 },
        { "escruri", SipParseFault.BadRequestUri, 400 },
        { "badaspec", SipParseFault.BadTo, 400 },
        { "baddn", SipParseFault.Truncated, 400 },
        { "badvers", SipParseFault.BadVersion, 505 },
        { "mismatch01", SipParseFault.MethodMismatch, 400 },
        { "mismatch02", SipParseFault.MethodMismatch, 400 },
        { "insuf", SipParseFault.MissingHeader, 400 },
        { "multi01", SipParseFault.RepeatedHeader, 400 },
        { "mcl01", SipParseFault.RepeatedHeader, 400 }
    };

    public static TheoryData<string> Taken => new(
        "wsinv", "intmeth", "esc01", "escnull", "esc02", "lwsdisp", "longreq", "dblreq", "semiuri", "transports", "mpart01", "unreason", "noreason",
        "baddate", "regbadct", "badbranch", "unkscm", "novelsc", "unksm2", "bext01", "invut", "regaut01", "bcast", "zeromf", "cparam01", "cparam02",
        "regescrt", "sdp01", "inv2543");

    [Fact]
    public void Every_message_of_the_RFC_has_its_outcome_here()
    {
        var told = ((IEnumerable<object[]>)Refused).Concat(Taken).Select(row => (string)row[0]).Concat(["bigcode", "scalarlg"]);
        Assert.Equal(Rfc4475.Names, told.Order());
        Assert.Equal(49, Rfc4475.Names.Count);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_bad_request_is_refused_with_its_status(string name, SipParseFault expected, int status)
    {
        Assert.False(SipMessage.TryParse(Rfc4475.Read(name), out var message, out var fault));
        Assert.Equal(expected, fault);
        Assert.Equal(status, fault.Status());
        Assert.NotNull(message);
        var answer = SipResponses.Refuse(message, fault, "ourtag");
        Assert.StartsWith($"SIP/2.0 {status} ", Encoding.UTF8.GetString(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bigcode", SipParseFault.BadStatusCode)]
    [InlineData("scalarlg", SipParseFault.BadCSeq)]
    public void A_bad_response_is_dropped(string name, SipParseFault expected)
    {
        Assert.False(SipMessage.TryParse(Rfc4475.Read(name), out var message, out var fault));
        Assert.Null(message);
        Assert.Equal(expected, fault);
    }

    [Theory]
    [MemberData(nameof(Taken))]
    public void A_valid_or_tolerable_message_is_taken(string name)
    {
        var message = Parse(name);
        Assert.NotEmpty(message.CallId);
        Assert.NotNull(message.From.UriText);
        Assert.NotNull(message.To.UriText);
        if (!message.IsRequest) return;
        // What is answered to it is a message itself, and carries the same transaction.
        var response = SipMessage.Own(SipResponses.Write(message, 200, null, "ourtag", []));
        Assert.Equal(message.CallId, response.CallId);
        Assert.Equal(message.CSeqNumber, response.CSeqNumber);
        Assert.True(message.Branch.SequenceEqual(response.Branch));
    }

    [Fact]
    public void A_short_tortuous_INVITE_has_its_golden_values()
    {
        var message = Parse("wsinv");
        Assert.Equal(SipMethod.Invite, message.Method);
        Assert.Equal("sip:vivekg@chair-dnrc.example.com;unknownparam", message.RequestUri?.Reveal());
        Assert.Equal("", message.RequestUri?.Parameter("unknownparam"));
        Assert.Equal(68, message.MaxForwards);
        Assert.Equal(9u, message.CSeqNumber);
        Assert.Equal("1918181833n", message.ToTag);
        Assert.Equal("98asjd8", message.FromTag);
        Assert.Equal("J Rosenberg \\\"", message.From.DisplayName);
        Assert.Equal("newfangled value continued newfangled value", message.Text("newfangledheader"));
        Assert.Equal(";;,,;;,;", message.Text("UnknownHeaderWithUnusualValue"));
        Assert.Equal("", message.Text(SipHeaderName.Subject));
        Assert.Equal("390skdjuw", message.TopVia.Branch);
        Assert.True(message.TryVias(out var vias));
        Assert.Equal(["192.0.2.2", "spindle.example.com", "192.168.255.111"], vias.Select(via => via.Host));
        Assert.Equal(["UDP", "TCP", "UDP"], vias.Select(via => via.Transport));
        Assert.Equal("z9hG4bK30239", vias[2].Branch);
        var contact = Assert.Single(message.Addresses(SipHeaderName.Contact));
        Assert.Equal("Quoted string \"\"", contact.DisplayName);
        Assert.Equal("newvalue", contact.Parameter("newparam"));
        Assert.Equal("", contact.Parameter("secondparam"));
        Assert.Equal("0.33", contact.Parameter("q"));
        var route = Assert.Single(message.Addresses(SipHeaderName.Route)).Uri!;
        Assert.True(route.IsLoose);
        Assert.Equal("value", route.Parameter("unknownwith"));
        Assert.Equal(150, message.Body.Length);
    }

    [Fact]
    public void Every_character_that_the_grammar_allows_is_taken()
    {
        var message = Parse("intmeth");
        Assert.Equal(SipMethod.Other, message.Method);
        Assert.Equal("!interesting-Method0123456789_*+`.%indeed'~", message.MethodName);
        Assert.Equal("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", message.RequestUri?.User);
        Assert.Equal("example.com", message.RequestUri?.Host);
        Assert.Equal("BEL:\a NUL:\0 DEL:\x7F", message.To.DisplayName);
        Assert.Equal("token1~` token2'+_ token3*%!.-", message.From.DisplayName);
        Assert.Equal("работающий", message.From.Parameter("fromParam''~+*_!.-%"));
        Assert.Equal("_token~1'+`*%!-.", message.FromTag);
        Assert.Equal("z9hG4bK-.!%66*_+`'~", message.TopVia.Branch);
        Assert.Equal("intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{", message.CallId);
        Assert.Equal("\uFEFF大停電", message.Text("extensionHeader-!.%*+_`'~"));
    }

    [Fact]
    public void Escapes_are_undone_in_URIs_and_nowhere_else()
    {
        var first = Parse("esc01");
        Assert.Equal("sips:user@example.com", first.RequestUri?.User);
        Assert.Equal("user", first.To.Uri?.User);
        Assert.Equal("I have spaces", first.From.Uri?.User);
        var contact = Assert.Single(first.Addresses(SipHeaderName.Contact)).Uri!;
        Assert.True(contact.IsLoose);
        Assert.Equal("value%41", contact.Parameter("name"));

        var second = Parse("esc02");
        Assert.Equal(SipMethod.Other, second.Method);
        Assert.Equal("%Z%45", second.To.DisplayName);
        Assert.Equal(2, second.Addresses(SipHeaderName.Contact).Count);

        var third = Parse("escnull");
        Assert.Equal("null-\0-null", third.To.Uri?.User);
        Assert.Equal(["\0", "\0\0"], third.Addresses(SipHeaderName.Contact).Select(one => one.Uri!.User));
    }

    [Fact]
    public void What_follows_the_first_request_of_a_datagram_is_left_out()
    {
        var message = Parse("dblreq");
        Assert.Equal(SipMethod.Register, message.Method);
        Assert.Equal("dblreq.0ha0isndaksdj99sdfafnl3lk233412", message.CallId);
        Assert.True(message.Body.IsEmpty);
        Assert.DoesNotContain("INVITE", Encoding.UTF8.GetString(message.Bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_semicolon_in_the_user_part_starts_no_parameter()
    {
        var uri = Parse("semiuri").RequestUri!;
        Assert.Equal("user;par=u@example.net", uri.User);
        Assert.Equal("example.com", uri.Host);
        Assert.Empty(uri.Parameters);
    }

    [Fact]
    public void Long_values_and_34_Vias_are_kept_whole()
    {
        var message = Parse("longreq");
        Assert.True(message.TryVias(out var vias));
        Assert.Equal(34, vias.Count);
        Assert.Equal("192.0.2.5", vias[33].Received);
        Assert.EndsWith("branchvalue", vias[33].Branch, StringComparison.Ordinal);
        Assert.Equal(6000, message.To.Uri?.Port);
        Assert.StartsWith("unknown-longlong", message.Text("Unknown-LongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLong-Name"), StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_transports_stand_in_Vias_below_ours()
    {
        Assert.True(Parse("transports").TryVias(out var vias));
        Assert.Equal(["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"], vias.Select(via => via.Transport));
    }

    [Fact]
    public void A_binary_body_is_kept_byte_for_byte()
    {
        var message = Parse("mpart01");
        Assert.Equal(553, message.Body.Length);
        Assert.Contains((byte)0, message.Body.ToArray());
        Assert.True(message.Body.EndsWith("--7a9cbec02ceef655--\r\n"u8));
    }

    [Fact]
    public void A_reason_may_be_Russian_or_empty()
    {
        Assert.Equal("= 2**3 * 5**2 но сто девяносто девять - простое", Parse("unreason").ReasonPhrase);
        var empty = Parse("noreason");
        Assert.Equal(100, empty.StatusCode);
        Assert.Equal("", empty.ReasonPhrase);
    }

    [Fact]
    public void Schemes_that_we_do_not_know_leave_the_URI_null_and_its_text_whole()
    {
        Assert.Null(Parse("unkscm").RequestUri);
        Assert.Null(Parse("novelsc").RequestUri);
        var register = Parse("unksm2");
        Assert.Null(register.To.Uri);
        Assert.Equal("isbn:2983792873", register.To.UriText);
        Assert.Equal("http://www.example.com", register.From.UriText);
        Assert.Equal("name:John_Smith", Assert.Single(register.Addresses(SipHeaderName.Contact)).UriText);
    }

    [Fact]
    public void A_Contact_with_headers_needs_its_brackets()
    {
        Assert.False(Parse("regbadct").TryAddresses(SipHeaderName.Contact, out _));
        Assert.True(Parse("regescrt").TryAddresses(SipHeaderName.Contact, out var contacts));
        var header = Assert.Single(Assert.Single(contacts).Uri!.Headers);
        Assert.Equal(("Route", "<sip:sip.example.com>"), (header.Key, header.Value));
    }

    [Fact]
    public void Without_brackets_a_parameter_belongs_to_the_Contact_and_within_them_to_the_URI()
    {
        var outside = Assert.Single(Parse("cparam01").Addresses(SipHeaderName.Contact));
        Assert.Equal("", outside.Parameter("unknownparam"));
        Assert.Null(outside.Uri!.Parameter("unknownparam"));
        var inside = Assert.Single(Parse("cparam02").Addresses(SipHeaderName.Contact));
        Assert.Null(inside.Parameter("unknownparam"));
        Assert.Equal("", inside.Uri!.Parameter("unknownparam"));
    }

    [Fact]
    public void An_INVITE_of_RFC_2543_has_no_tag_no_branch_and_no_Max_Forwards()
    {
        var message = Parse("inv2543");
        Assert.Equal("", message.FromTag);
        Assert.True(message.Branch.IsEmpty);
        Assert.Equal(-1, message.MaxForwards);
        Assert.Equal("phone", message.From.Uri?.Parameter("user"));
        Assert.Equal("phone", message.To.Parameter("user"));
        Assert.Equal("ss1.example.com", Assert.Single(message.Addresses(SipHeaderName.RecordRoute)).Uri!.Parameter("maddr"));
    }

    [Fact]
    public void The_remaining_ones_show_what_the_core_decides_on()
    {
        Assert.False(Parse("badbranch").TopVia.HasUniqueBranch);
        Assert.Equal(0, Parse("zeromf").MaxForwards);
        Assert.Equal(["nothingSupportsThis", "nothingSupportsThisEither"], Parse("bext01").Tokens(SipHeaderName.Require));
        Assert.Equal("application/unknownformat", Parse("invut").Text(SipHeaderName.ContentType));
        Assert.Equal("text/nobodyKnowsThis", Parse("sdp01").Text(SipHeaderName.Accept));
        Assert.Equal("NoOneKnowsThisScheme opaque-data=here", Parse("regaut01").Text(SipHeaderName.Authorization));
        Assert.True(Parse("bcast").TryVias(out var vias));
        Assert.Equal(2, vias.Count);
        Assert.Equal("caller", Parse("lwsdisp").From.DisplayName);
    }

    private static SipMessage Parse(string name)
    {
        Assert.True(SipMessage.TryParse(Rfc4475.Read(name), out var message, out var fault), $"{name}: {fault}");
        return message;
    }
}
