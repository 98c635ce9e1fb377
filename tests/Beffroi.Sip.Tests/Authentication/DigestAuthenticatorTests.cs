// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Sip.Authentication;
using Beffroi.Sip.Messages;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Sip.Tests.Authentication;

public sealed class DigestAuthenticatorTests
{
    private const string Realm = "saint-aubin.example";
    private readonly ManualTime _time = new();
    private readonly Secrets _secrets = new();
    private readonly DigestAuthenticator _server;
    private readonly DigestClient _alice = new("alice", "open \"sesame\"");

    public DigestAuthenticatorTests() => _server = new DigestAuthenticator(_time, new DigestOptions());

    [Fact]
    public void A_telephone_with_the_right_secret_is_let_in_by_the_strongest_algorithm_it_is_offered()
    {
        Assert.Equal(DigestOutcome.NoCredentials, Verify(Register()).Outcome);
        Assert.True(_alice.TryAuthorize(Challenge(), "REGISTER", "sip:saint-aubin.example", out var authorization));
        Assert.Equal(new DigestVerdict(DigestOutcome.Valid, "alice", DigestAlgorithm.Sha256), Verify(Register(authorization)));
    }

    [Theory]
    [InlineData(DigestAlgorithm.Md5)]
    [InlineData(DigestAlgorithm.Sha256)]
    [InlineData(DigestAlgorithm.Sha512_256)]
    public void Each_algorithm_works_for_401_and_407(DigestAlgorithm algorithm)
    {
        var server = new DigestAuthenticator(_time, new DigestOptions { Algorithms = [algorithm] });
        foreach (var proxy in new[] { false, true })
        {
            Assert.True(_alice.TryAuthorize(Challenge(proxy: proxy, server: server), "REGISTER", "sip:saint-aubin.example", out var authorization));
            Assert.Equal(proxy ? SipHeaderName.ProxyAuthorization : SipHeaderName.Authorization, authorization.Name);
            Assert.Equal(new DigestVerdict(DigestOutcome.Valid, "alice", algorithm), server.Verify(Register(authorization), proxy, _secrets, Realm));
        }
    }

    [Fact]
    public void A_challenge_is_used_again_with_the_next_count_but_no_count_twice()
    {
        Assert.True(_alice.TryAuthorize(Challenge(), "REGISTER", "sip:saint-aubin.example", out var first));
        Assert.True(_alice.TryAuthorizeAgain("REGISTER", "sip:saint-aubin.example", out var second));
        Assert.True(_alice.TryAuthorizeAgain("REGISTER", "sip:saint-aubin.example", out var third));
        Assert.Equal(DigestOutcome.Valid, Verify(Register(third)).Outcome);         // UDP may bring them out of order
        Assert.Equal(DigestOutcome.Valid, Verify(Register(first)).Outcome);
        Assert.Equal(DigestOutcome.Stale, Verify(Register(first)).Outcome);
        Assert.Equal(DigestOutcome.Stale, Verify(Register(third)).Outcome);
        Assert.Equal(DigestOutcome.Valid, Verify(Register(second)).Outcome);
    }

    [Fact]
    public void An_old_nonce_is_stale_for_the_right_secret_and_wrong_for_any_other()
    {
        var challenge = Challenge();
        _time.Advance(TimeSpan.FromMinutes(31));
        Assert.True(_alice.TryAuthorize(challenge, "REGISTER", "sip:saint-aubin.example", out var right));
        Assert.True(DigestClient.TryAuthorize(challenge, "REGISTER", "sip:saint-aubin.example", "alice", "guess", out var wrong));
        Assert.Equal(DigestOutcome.Stale, Verify(Register(right)).Outcome);
        Assert.Equal(DigestOutcome.Wrong, Verify(Register(wrong)).Outcome);
        var again = Challenge(stale: true);
        Assert.True(DigestClient.IsStale(again));
        Assert.False(DigestClient.IsStale(challenge));
        Assert.True(_alice.TryAuthorize(again, "REGISTER", "sip:saint-aubin.example", out right));
        Assert.Equal(DigestOutcome.Valid, Verify(Register(right)).Outcome);
    }

    [Fact]
    public void A_nonce_made_before_a_restart_is_stale_not_wrong()
    {
        var challenge = Challenge();
        var restarted = new DigestAuthenticator(_time, new DigestOptions());
        Assert.True(_alice.TryAuthorize(challenge, "REGISTER", "sip:saint-aubin.example", out var authorization));
        Assert.Equal(DigestOutcome.Stale, restarted.Verify(Register(authorization), false, _secrets).Outcome);
    }

    [Fact]
    public void Nobody_and_a_wrong_secret_are_refused_alike()
    {
        Assert.True(DigestClient.TryAuthorize(Challenge(), "REGISTER", "sip:saint-aubin.example", "nobody", "x", out var nobody));
        Assert.True(DigestClient.TryAuthorize(Challenge(), "REGISTER", "sip:saint-aubin.example", "alice", "x", out var wrong));
        Assert.Equal(DigestOutcome.UnknownUser, Verify(Register(nobody)).Outcome);
        Assert.Equal(DigestOutcome.Wrong, Verify(Register(wrong)).Outcome);
        Assert.True(Verify(Register(nobody)).IsRefused && Verify(Register(wrong)).IsRefused);
        Assert.Equal(0, _server.NoncesInUse);
    }

    [Fact]
    public void Credentials_for_another_method_URI_or_realm_do_not_fit()
    {
        Assert.True(_alice.TryAuthorize(Challenge(), "INVITE", "sip:saint-aubin.example", out var invite));
        Assert.Equal(DigestOutcome.Wrong, Verify(Register(invite)).Outcome);
        Assert.True(_alice.TryAuthorize(Challenge(), "REGISTER", "sip:102@saint-aubin.example", out var elsewhere));
        Assert.Equal(DigestOutcome.Malformed, Verify(Register(elsewhere)).Outcome);
        Assert.True(_alice.TryAuthorize(Challenge(), "REGISTER", "sip:saint-aubin.example:5060;transport=udp", out var otherText));
        Assert.Equal(DigestOutcome.Valid, Verify(Register(otherText)).Outcome);
        Assert.Equal(DigestOutcome.NoCredentials, _server.Verify(Register(otherText), false, _secrets, "other.example").Outcome);
    }

    [Fact]
    public void An_answer_by_an_algorithm_that_was_not_offered_is_no_answer()
    {
        var strict = new DigestAuthenticator(_time, new DigestOptions { Algorithms = [DigestAlgorithm.Sha256] });
        Assert.True(_alice.TryAuthorize(Challenge(server: strict, algorithms: DigestAlgorithm.Md5), "REGISTER", "sip:saint-aubin.example", out var weak));
        Assert.Equal(DigestOutcome.NoCredentials, strict.Verify(Register(weak), false, _secrets, Realm).Outcome);
        Assert.True(_alice.TryAuthorize(Challenge(server: strict), "REGISTER", "sip:saint-aubin.example", out var strong));
        Assert.Equal(DigestOutcome.Valid, strict.Verify(Register(strong), false, _secrets, Realm).Outcome);
    }

    [Fact]
    public void Credentials_about_the_server_alone_are_taken_for_a_user_there()
    {
        Assert.True(_alice.TryAuthorize(Challenge(), "INVITE", "sip:saint-aubin.example", out var authorization));
        using var writer = new SipWriter();
        writer.RequestLine(SipMethod.Invite, "sip:102@saint-aubin.example");
        writer.Header(SipHeaderName.Via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1");
        writer.Header(SipHeaderName.From, "<sip:alice@saint-aubin.example>;tag=1");
        writer.Header(SipHeaderName.To, "<sip:102@saint-aubin.example>");
        writer.Header(SipHeaderName.CallId, "c");
        writer.CSeq(2, "INVITE");
        writer.Header(authorization);
        writer.Body(null, default);
        var invite = SipMessage.Own(writer.ToArray());
        Assert.Equal(DigestOutcome.Valid, Verify(invite).Outcome);
    }

    [Fact]
    public void A_client_without_qop_gets_one_request_per_nonce()
    {
        var challenge = Challenge(algorithms: DigestAlgorithm.Md5, without: ", qop=\"auth\"");
        Assert.True(_alice.TryAuthorize(challenge, "REGISTER", "sip:saint-aubin.example", out var authorization));
        Assert.DoesNotContain("nc=", authorization.Value, StringComparison.Ordinal);
        Assert.Equal(DigestOutcome.Valid, Verify(Register(authorization)).Outcome);
        Assert.Equal(DigestOutcome.Stale, Verify(Register(authorization)).Outcome);
        Assert.False(_alice.TryAuthorizeAgain("REGISTER", "sip:saint-aubin.example", out _));
    }

    [Theory]
    [InlineData("NoOneKnowsThisScheme opaque-data=here", DigestOutcome.NoCredentials)]
    [InlineData("Digest username=\"alice\", algorithm=MD5-sess, realm=\"r\"", DigestOutcome.NoCredentials)]
    [InlineData("Digest username=\"alice\"", DigestOutcome.Malformed)]
    [InlineData("Digest username=\"alice, realm=\"r\"", DigestOutcome.Malformed)]
    [InlineData("Digest username=\"alice\", username=\"bob\"", DigestOutcome.Malformed)]
    [InlineData("Digest ,,=", DigestOutcome.Malformed)]
    public void Bad_credentials_are_named(string value, DigestOutcome expected) =>
        Assert.Equal(expected, Verify(Register(new SipHeader(SipHeaderName.Authorization, value))).Outcome);

    [Theory]
    [InlineData("qop=auth,", "qop=auth-int,")]
    [InlineData("nc=00000001", "nc=1")]
    [InlineData("nc=00000001", "nc=00000000")]
    [InlineData("response=\"", "response=\"00")]
    public void Credentials_with_a_bad_field_are_malformed(string good, string bad)
    {
        Assert.True(_alice.TryAuthorize(Challenge(), "REGISTER", "sip:saint-aubin.example", out var authorization));
        Assert.Contains(good, authorization.Value, StringComparison.Ordinal);
        Assert.Equal(DigestOutcome.Malformed, Verify(Register(authorization with { Value = authorization.Value.Replace(good, bad, StringComparison.Ordinal) })).Outcome);
    }

    [Fact]
    public void Used_nonces_are_forgotten_when_they_expire_and_replays_stay_refused_when_the_table_is_full()
    {
        var server = new DigestAuthenticator(_time, new DigestOptions { MostNonces = 16 });
        var used = new List<SipHeader>();
        for (var i = 0; i < 40; i++)
        {
            Assert.True(_alice.TryAuthorize(Challenge(server: server), "REGISTER", "sip:saint-aubin.example", out var one));
            Assert.Equal(DigestOutcome.Valid, server.Verify(Register(one), false, _secrets).Outcome);
            used.Add(one);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(16, server.NoncesInUse);
        Assert.All(used, one => Assert.Equal(DigestOutcome.Stale, server.Verify(Register(one), false, _secrets).Outcome));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(_alice.TryAuthorize(Challenge(server: server), "REGISTER", "sip:saint-aubin.example", out var last));
        Assert.Equal(DigestOutcome.Valid, server.Verify(Register(last), false, _secrets).Outcome);
        Assert.Equal(1, server.NoncesInUse);
    }

    [Fact]
    public void A_client_leaves_auth_int_and_unknown_algorithms_alone()
    {
        Assert.False(_alice.TryAuthorize(Challenge(without: "qop=\"auth\"", instead: "qop=\"auth-int\""), "REGISTER", "sip:x", out _));
        Assert.False(_alice.TryAuthorize(Challenge(algorithms: DigestAlgorithm.Md5, without: "algorithm=MD5", instead: "algorithm=MD5-sess"), "REGISTER", "sip:x", out _));
        Assert.True(_alice.TryAuthorize(Challenge(without: "qop=\"auth\"", instead: "qop=\"auth-int, auth\", opaque=\"xyz\""), "REGISTER", "sip:x", out var authorization));
        Assert.Contains("qop=auth, nc=00000001", authorization.Value, StringComparison.Ordinal);
        Assert.EndsWith("opaque=\"xyz\"", authorization.Value, StringComparison.Ordinal);
    }

    private DigestVerdict Verify(SipMessage request) => _server.Verify(request, false, _secrets, Realm);

    private SipMessage Challenge(bool stale = false, bool proxy = false, DigestAuthenticator? server = null, string without = "\0", string instead = "", params DigestAlgorithm[] algorithms)
    {
        var headers = new List<SipHeader>();
        (server ?? _server).AddChallenges(headers, proxy, Realm, stale, algorithms);
        var changed = headers.Select(one => one with { Value = one.Value.Replace(without, instead, StringComparison.Ordinal) }).ToArray();
        return SipMessage.Own(SipResponses.Write(Register(), proxy ? 407 : 401, null, "t", changed));
    }

    private static SipMessage Register(params SipHeader[] headers)
    {
        using var writer = new SipWriter();
        writer.RequestLine(SipMethod.Register, "sip:saint-aubin.example");
        writer.Header(SipHeaderName.Via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1");
        writer.Header(SipHeaderName.From, "<sip:alice@saint-aubin.example>;tag=1");
        writer.Header(SipHeaderName.To, "<sip:alice@saint-aubin.example>");
        writer.Header(SipHeaderName.CallId, "c");
        writer.CSeq(1, "REGISTER");
        foreach (var header in headers) writer.Header(header);
        writer.Body(null, default);
        return SipMessage.Own(writer.ToArray());
    }

    private sealed class Secrets : IDigestSecrets
    {
        public bool TryGetHa1(string username, string realm, DigestAlgorithm algorithm, Span<byte> ha1Hex) =>
            username == "alice" && realm == Realm && Encoding.ASCII.TryGetBytes(DigestHa1.Compute("alice", Realm, "open \"sesame\"", algorithm), ha1Hex, out _);
    }
}
