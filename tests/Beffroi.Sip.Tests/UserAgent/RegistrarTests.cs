// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>RFC 3261 §10.3, and what Path and outbound add.</summary>
public sealed class RegistrarTests
{
    private static readonly DateTimeOffset Noon = new(2026, 9, 14, 12, 0, 0, TimeSpan.Zero);
    private readonly RegistrarOptions _options = new() { MostBindings = 3 };
    private IReadOnlyList<Binding> _bindings = [];
    private DateTimeOffset _now = Noon;

    [Fact]
    public void A_device_registers_refreshes_and_leaves()
    {
        var first = Apply("c1", 1, "Contact: <sip:101@10.0.0.5:5062>", "Expires: 600", "User-Agent: Fax 3000");
        Assert.Equal(BindingChangeKind.Added, Assert.Single(first.Changes).Kind);
        Assert.Equal("<sip:101@10.0.0.5:5062>;expires=600", Value(first, SipHeaderName.Contact));
        Assert.Equal("Mon, 14 Sep 2026 12:00:00 GMT", Value(first, SipHeaderName.Date));
        Assert.Equal("Fax 3000", _bindings[0].UserAgent);

        _now += TimeSpan.FromMinutes(5);
        Assert.Equal("<sip:101@10.0.0.5:5062>;expires=300", Value(Apply("c9", 1), SipHeaderName.Contact));      // a query changes nothing
        var kept = _bindings[0];
        Assert.Equal(BindingChangeKind.Refreshed, Assert.Single(Apply("c1", 2, "Contact: <sip:101@10.0.0.5:5062>;expires=900").Changes).Kind);
        Assert.Equal(_now.AddSeconds(900), _bindings[0].Expires);
        Assert.Same(kept.Contact, _bindings[0].Contact);
        Assert.Same(kept.CallId, _bindings[0].CallId);

        Assert.Equal(BindingChangeKind.Removed, Assert.Single(Apply("c1", 3, "Contact: <sip:101@10.0.0.5:5062>;expires=0").Changes).Kind);
        Assert.Empty(_bindings);
    }

    [Fact]
    public void Each_contact_has_its_own_time_and_preference()
    {
        Apply("c1", 1, "Contact: <sip:101@10.0.0.5>;q=0.25;expires=120, \"Desk\" <sip:101@10.0.0.6>;q=1.000", "Contact: sip:101@10.0.0.7", "Expires: 700");
        Assert.Equal([(ushort)250, (ushort)1000, (ushort)1000], _bindings.Select(one => one.Q));
        Assert.Equal([120, 700, 700], _bindings.Select(one => (int)(one.Expires - _now).TotalSeconds));
        Assert.Equal("<sip:101@10.0.0.5>;expires=120;q=0.25", _bindings[0].ToContact(_now));
    }

    [Theory]
    [InlineData("30", 423)]
    [InlineData("1", 423)]
    [InlineData("60", 200)]
    [InlineData("999999", 200)]
    [InlineData("280297596632815", 200)]
    [InlineData("soon", 200)]
    public void A_wish_too_short_is_refused_and_one_too_long_shortened(string expires, int status)
    {
        var outcome = Apply("c1", 1, $"Contact: <sip:101@10.0.0.5>;expires={expires}");
        Assert.Equal(status, outcome.Status);
        if (status == 423) Assert.Equal("60", Value(outcome, SipHeaderName.MinExpires));
        else Assert.InRange(_bindings[0].Expires - _now, TimeSpan.FromSeconds(60), TimeSpan.FromHours(1));
    }

    [Fact]
    public void A_refusal_changes_nothing_not_even_the_contacts_before_it()
    {
        Apply("c1", 1, "Contact: <sip:101@10.0.0.5>");
        var before = _bindings;
        Assert.Equal(423, Apply("c1", 2, "Contact: <sip:101@10.0.0.5>;expires=0, <sip:101@10.0.0.6>;expires=5").Status);
        Assert.Same(before, _bindings);
    }

    [Fact]
    public void The_wildcard_removes_all_and_stands_alone_with_Expires_0()
    {
        Apply("c1", 1, "Contact: <sip:101@10.0.0.5>, <sip:101@10.0.0.6>");
        Assert.Equal(400, Apply("c1", 2, "Contact: *").Status);
        Assert.Equal(400, Apply("c1", 2, "Contact: *", "Expires: 60").Status);
        Assert.Equal(400, Apply("c1", 2, "Contact: *, <sip:101@10.0.0.5>", "Expires: 0").Status);
        Assert.Equal(500, Apply("c1", 1, "Contact: *", "Expires: 0").Status);
        Assert.Equal(2, _bindings.Count);
        Assert.Equal(2, Apply("c1", 2, "Contact: *", "Expires: 0").Changes.Count);
        Assert.Empty(_bindings);
    }

    [Fact]
    public void An_older_request_of_the_same_Call_ID_is_refused_and_a_new_Call_ID_starts_anew()
    {
        Apply("c1", 7, "Contact: <sip:101@10.0.0.5>");
        Assert.Equal(500, Apply("c1", 7, "Contact: <sip:101@10.0.0.5>").Status);
        Assert.Equal(500, Apply("c1", 6, "Contact: <sip:101@10.0.0.5>;expires=0").Status);
        Assert.Equal(200, Apply("c2", 1, "Contact: <sip:101@10.0.0.5>").Status);
        Assert.Equal("c2", Assert.Single(_bindings).CallId);
    }

    [Fact]
    public void A_device_that_restarts_on_another_port_replaces_its_binding()
    {
        Apply("c1", 1, "Contact: <sip:101@10.0.0.5:1111>;+sip.instance=\"<urn:uuid:1>\"");
        Apply("c2", 1, "Contact: <sip:101@10.0.0.5:2222>;+sip.instance=\"<urn:uuid:1>\"");
        Assert.Equal(2222, Assert.Single(_bindings).Contact.Port);
        Assert.Equal("<sip:101@10.0.0.5:2222>;expires=3600;+sip.instance=\"<urn:uuid:1>\"", _bindings[0].ToContact(_now));
    }

    [Fact]
    public void Two_flows_of_one_device_are_two_bindings()
    {
        var one = Apply("c1", 1, "Contact: <sip:101@10.0.0.5>;+sip.instance=\"<urn:uuid:1>\";reg-id=1", "Supported: path, outbound");
        Apply("c1", 2, "Contact: <sip:101@10.0.0.5>;+sip.instance=\"<urn:uuid:1>\";reg-id=2", "Supported: outbound");
        Assert.Equal("outbound", Value(one, SipHeaderName.Require));
        Assert.Equal([1, 2], _bindings.Select(binding => binding.RegId));
        Assert.Equal(439, Apply("c1", 3, "Via: SIP/2.0/UDP far", "Contact: <sip:101@10.0.0.5>;+sip.instance=\"<urn:uuid:1>\";reg-id=1", "Supported: outbound").Status);
        Assert.Equal(200, Apply("c1", 4, "Via: SIP/2.0/UDP far", "Path: <sip:edge;lr;ob>", "Contact: <sip:101@10.0.0.5>;+sip.instance=\"<urn:uuid:1>\";reg-id=1", "Supported: outbound").Status);
    }

    [Fact]
    public void The_Path_is_kept_in_order_and_told_to_who_knows_it()
    {
        var outcome = Apply("c1", 1, "Contact: <sip:101@10.0.0.5>", "Path: <sip:p1;lr>, <sip:p2;lr>", "Path: <sip:p3;lr>", "Supported: path");
        Assert.Equal(["p1", "p2", "p3"], _bindings[0].Path.Select(hop => hop.Uri!.Host));
        Assert.Equal(["<sip:p1;lr>", "<sip:p2;lr>", "<sip:p3;lr>"], outcome.Headers.Where(header => header.Name == SipHeaderName.Path).Select(header => header.Value));
        Assert.Equal(400, Apply("c1", 2, "Contact: <sip:101@10.0.0.5>", "Path: sip:a b").Status);
    }

    [Fact]
    public void One_binding_too_many_is_refused_and_expired_ones_make_room()
    {
        Apply("c1", 1, "Contact: <sip:1@h>;expires=60, <sip:2@h>, <sip:3@h>");
        Assert.Equal(403, Apply("c1", 2, "Contact: <sip:4@h>").Status);
        _now += TimeSpan.FromSeconds(60);
        Assert.Equal(200, Apply("c1", 2, "Contact: <sip:4@h>").Status);
        Assert.Equal(["2", "3", "4"], _bindings.Select(one => one.Contact.User));
    }

    [Theory]
    [InlineData("cparam01", 200)]
    [InlineData("cparam02", 200)]
    [InlineData("regescrt", 200)]
    [InlineData("regbadct", 400)]
    [InlineData("unksm2", 400)]
    [InlineData("escnull", 200)]
    [InlineData("dblreq", 200)]
    public void The_REGISTERs_of_RFC_4475_have_their_outcome(string name, int status)
    {
        Assert.True(SipMessage.TryParse(Rfc4475.Read(name), out var request, out _));
        Assert.Equal(status, Registrar.Apply([], request, null, _now, _options).Status);
        Assert.Equal(name == "unksm2", Registrar.AddressOfRecord(request) is null);
    }

    private RegistrarOutcome Apply(string callId, uint cseq, params string[] headers)
    {
        var outcome = Registrar.Apply(_bindings, Register(callId, cseq, headers), null, _now, _options);
        _bindings = outcome.Bindings;
        return outcome;
    }

    private static string Value(RegistrarOutcome outcome, SipHeaderName name) => Assert.Single(outcome.Headers, header => header.Name == name).Value;

    internal static SipMessage Register(string callId, uint cseq, params string[] headers) => SipMessage.Own(System.Text.Encoding.UTF8.GetBytes(
        "REGISTER sip:example.org SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.5;branch=z9hG4bK1\r\n" + string.Concat(headers.Select(header => header + "\r\n")) +
        $"From: <sip:101@example.org>;tag=1\r\nTo: <sip:101@example.org>\r\nCall-ID: {callId}\r\nCSeq: {cseq.ToString(CultureInfo.InvariantCulture)} REGISTER\r\n\r\n"));
}
