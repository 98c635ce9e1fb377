// SPDX-License-Identifier: EUPL-1.2
using Beffroi.TestKit.Peers;
using Xunit;

namespace Beffroi.Scenarios.CallFlows;

/// <summary>The sessions of RFC 3665 §3, each column as its user agent sees it. Where the figures have proxies, here is the server, which is a user agent to both sides:
/// no Record-Route, a dialog of its own on each side, and 100 Trying only when nothing else comes within 200 ms.</summary>
[Collection(nameof(Figures))]
public sealed class Rfc3665SessionTests(CallFlowTown town)
{
    private const string Resident = "+33199001234";

    private Column Alice => Column.Caller(town.Alice, town.Bob.Extension);

    private Column Bob => Column.Called(town.Bob);

    /// <summary>§3.1, F1 to F8: INVITE, 180, 200, ACK, and Bob hangs up. The caller's side is the operator's, whom nobody challenges.</summary>
    [Fact]
    public Task Figure_3_1_a_session_is_made_and_ended() => town.PlayAsync(
        Column.Operator(Resident, CallFlowTown.TownNumber).Sends("INVITE", Column.Sdp()).Gets(180).Gets(200, "m=audio").Acks().SeesTheEnd(),
        Bob.PicksUp($"INVITE sip:{town.Bob.SipUserName}@", "!Record-Route").Talks().HangsUp());

    /// <summary>§3.2, F1 to F24: Alice is challenged with 407 first.</summary>
    [Theory]
    [InlineData(PhoneTransport.Udp)]
    [InlineData(PhoneTransport.Tcp)]
    public Task Figure_3_2_a_session_through_the_server_is_challenged_first(PhoneTransport alice) => town.PlayAsync(
        Alice.By(alice).GetsThrough().SeesTheEnd(),
        Bob.PicksUp($"From: .*<sip:{town.Alice.Extension}@", $"To: <sip:{town.Bob.Extension}@", "Max-Forwards: 69", "!Proxy-Authorization").Talks().HangsUp());

    /// <summary>§3.3: the second proxy, the operator's, challenges as well; Alice sees one 407 only, the town proves itself.</summary>
    [Fact]
    public Task Figure_3_3_a_second_proxy_challenges_the_server() => town.PlayAsync(
        Column.Caller(town.Alice, "0199009999").GetsThrough().SeesTheEnd(),
        Column.Outside("+33199009999").Gets("INVITE", "!Proxy-Authorization").Answers(407, null, "Proxy-Authenticate: Digest realm=\"operator\", nonce=\"f84f1cec41e6cbe5aea9c8e88d359\", qop=\"auth\", algorithm=MD5")
            .Gets("ACK").AsksAgain("INVITE sip:.33199009999@", "Proxy-Authorization: Digest .*username=\"town\"").Answers(180).Answers(200, Column.Sdp()).Gets("ACK").Talks().HangsUp());

    /// <summary>§3.4: the first proxy is gone, the call goes through the second one.</summary>
    [Fact]
    public async Task Figure_3_4_the_call_goes_on_when_the_first_proxy_fails()
    {
        await town.PlayAsync(
            Column.Caller(town.Alice, "0199009998").GetsThrough().SeesTheEnd(),
            Column.Outside("+33199009998").PicksUp("INVITE sip:.33199009998@").Talks().HangsUp());
        var trunks = await town.Town.GetAsync("trunks");
        Assert.Equal("Gone", trunks[0].GetProperty("trunk").GetProperty("name").GetString());
    }

    /// <summary>§3.5: the server is the gateway of the sound: neither side learns the other's address, nor its own again.</summary>
    [Fact]
    public Task Figure_3_5_the_server_stands_between_the_addresses_of_the_sound() => town.PlayAsync(
        Alice.SendsAndProves("INVITE", Column.Sdp(address: "127.0.0.8")).Gets(180).Gets(200, "c=IN IP4 127.0.0.1", "!127.0.0.9").Acks().SeesTheEnd(),
        Bob.Gets("INVITE", "c=IN IP4 127.0.0.1", "!127.0.0.8").Answers(180).Answers(200, Column.Sdp(address: "127.0.0.9")).Gets("ACK").Talks().HangsUp());

    /// <summary>§3.6: Bob's telephone redirects with 302; Alice's INVITE has no SDP, so the server offers in the 200 and Alice answers in the ACK.</summary>
    [Fact]
    public Task Figure_3_6_a_redirected_session_with_the_answer_in_the_ack() => town.PlayAsync(
        Alice.SendsAndProves("INVITE").Gets(180).Gets(200, "m=audio .*RTP/AVP", "c=IN IP4").Acks(Column.Sdp()).SeesTheEnd(),
        Bob.Gets("INVITE").Answers(302, null, $"Contact: <sip:{town.Carol.Extension}@127.0.0.1>").Gets("ACK"),
        Column.Called(town.Carol).PicksUp("m=audio", $"Diversion: .*<sip:{town.Bob.Extension}@").Talks().HangsUp());

    /// <summary>§3.7: Bob's telephone moves to another address and says so by re-INVITE. Alice hears him from the new address, and her BYE goes to the new contact.</summary>
    [Fact]
    public async Task Figure_3_7_a_reinvite_moves_the_sound_and_the_contact()
    {
        var alice = await town.Town.BaresipAsync(5, 440);
        await using var bob = await town.StartAsync(Column.Called(town.Bob, echo: true)
            .Gets("INVITE").Answers(180).Answers(200, Column.Sdp(address: "127.0.0.9")).Gets("ACK").Talks(1000)
            .Sends("INVITE", Column.Sdp(version: 2), "Contact: <sip:moved@[local_ip]:[local_port]>").Gets(200, "m=audio", "a=sendrecv").Acks()
            .Gets("BYE", "BYE sip:moved@").Answers(200));
        await alice.DialsAsync(town.Bob.Extension);
        await alice.TalksAsync();
        await bob.SeesAsync("Contact: <sip:moved@");
        await alice.HearsAsync(440, TimeSpan.FromSeconds(1));
        await alice.HangsUpAsync();
        await CallFlowTown.EndAsync(bob);
        await town.IsOverAsync();
    }

    /// <summary>§3.8: Alice gives up: CANCEL, 200, 487, ACK on both sides.</summary>
    [Fact]
    public Task Figure_3_8_nobody_answers_and_alice_cancels() => town.PlayAsync(
        Alice.Invites().Gets(180).Talks().Sends("CANCEL").Gets(200).Gets(487).Acks(),
        Bob.Gets("INVITE").Answers(180).IsCancelled());

    /// <summary>§3.9: 486 goes back to Alice.</summary>
    [Fact]
    public Task Figure_3_9_bob_is_busy() => town.PlayAsync(
        Alice.Invites().Gets(486, "Busy Here").Acks(),
        Bob.Gets("INVITE").Answers(486).Gets("ACK"));

    /// <summary>§3.10: Bob's telephone says nothing at all. INVITE is sent again and again, Alice gets 480, and no CANCEL goes to a telephone that never said anything (RFC 3261 §9.1).</summary>
    [Fact]
    public async Task Figure_3_10_bobs_telephone_does_not_respond()
    {
        await town.ForwardAsync(town.Erin, new { noAnswerAfterS = 5 });
        using var deaf = town.DeafPhone(town.Erin);
        await town.PlayAsync(Column.Caller(town.Alice, town.Erin.Extension).Invites().Gets(480).Acks());
        var heard = CallFlowTown.Heard(deaf);
        Assert.InRange(heard.Count, 3, 11);                          // at 0, 0.5, 1.5, 3.5 s: RFC 3261 §17.1.1.2
        Assert.All(heard, message => Assert.StartsWith("INVITE ", message, StringComparison.Ordinal));
    }

    /// <summary>§3.11: 480 goes back to Alice.</summary>
    [Fact]
    public Task Figure_3_11_bob_is_temporarily_unavailable() => town.PlayAsync(
        Alice.Invites().Gets(480, "Temporarily Unavailable").Acks(),
        Bob.Gets("INVITE").Answers(480).Gets("ACK"));
}
