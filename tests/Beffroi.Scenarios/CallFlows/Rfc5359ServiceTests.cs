// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text.RegularExpressions;
using Beffroi.TestKit.Sound;
using Xunit;

namespace Beffroi.Scenarios.CallFlows;

/// <summary>The services of RFC 5359 §2, each column as its user agent sees it. The server is the peer of every telephone: it takes REFER itself, makes the music
/// itself, and the party who stays sees neither re-INVITE nor REFER. docs/call-flows.md says which figures are left out.</summary>
[Collection(nameof(Figures))]
public sealed partial class Rfc5359ServiceTests(CallFlowTown town)
{
    private const double Low = 440;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1);

    private Column Alice => Column.Caller(town.Alice, town.Bob.Extension);

    private Column Bob => Column.Called(town.Bob);

    private Column Carol => Column.Called(town.Carol);

    private string ToCarol => $"Refer-To: <sip:{town.Carol.Extension}@127.0.0.1>";

    /// <summary>§2.1: Bob holds by re-INVITE with sendonly, answered with recvonly, and takes Alice back; she hears music meanwhile and sees no message.</summary>
    [Fact]
    public Task Figure_2_1_call_hold() => town.PlayAsync(
        Alice.GetsThrough().SeesTheEnd(),
        TakesBack(Holds(Bob.PicksUp().Talks()).Talks()).Talks().HangsUp());

    /// <summary>§2.2: Bob asks Carol while Alice is on hold, then goes back to Alice.</summary>
    [Fact]
    public async Task Figure_2_2_consultation_hold()
    {
        await town.ClearAsync();
        await using var bob = await town.StartAsync(TakesBack(Holds(Bob.PicksUp().Talks()).Talks(2500)).Talks().HangsUp());
        await using var carol = await town.StartAsync(Carol.PicksUp($"From: .*<sip:{town.Bob.Extension}@").SeesTheEnd());
        await using var alice = await town.StartAsync(Alice.GetsThrough().SeesTheEnd());
        await bob.SeesAsync("a=recvonly");
        await using var asks = await town.StartAsync(Column.Caller(town.Bob, town.Carol.Extension).GetsThrough().Talks().HangsUp());
        await CallFlowTown.EndAsync(alice, bob, carol, asks);
        await town.IsOverAsync();
    }

    /// <summary>§2.3: the one on hold hears music, and then the other side again.</summary>
    [Fact]
    public async Task Figure_2_3_music_on_hold()
    {
        await town.ClearAsync();
        var alice = await town.Town.BaresipAsync(5, Low);
        await using var bob = await town.StartAsync(TakesBack(Holds(Column.Called(town.Bob, echo: true).PicksUp().Talks(2000)).Talks(3000)).SeesTheEnd());
        await alice.DialsAsync(town.Bob.Extension);
        await alice.HearsAsync(Low, Enough);                         // Bob's telephone sends back what it hears
        await bob.SeesAsync("a=recvonly");
        await alice.HearsOtherThanAsync(Low, Enough);
        await bob.SeesAsync("figure 3907 3 ");
        await alice.HearsAsync(Low, ToneMeter.Measure(alice.Recording, Low).Heard + Enough);
        await alice.HangsUpAsync();
        await CallFlowTown.EndAsync(bob);
        await town.IsOverAsync();
    }

    /// <summary>§2.4: Bob refers Alice to Carol, hears by NOTIFY how it goes, and is let go when Carol has answered.</summary>
    [Fact]
    public Task Figure_2_4_unattended_transfer() => town.PlayAsync(
        Alice.GetsThrough().SeesTheEnd(),
        Bob.PicksUp().Talks().Sends("REFER", null, ToCarol).Gets(202).HearsOfTransfer(100).HearsOfTransfer(180).HearsOfTransfer(200).SeesTheEnd(),
        Carol.PicksUp($"From: .*<sip:{town.Alice.Extension}@").Talks().HangsUp());

    /// <summary>§2.4, the other order: Bob hangs up as soon as the transfer is accepted, and Alice still comes to Carol.</summary>
    [Fact]
    public Task Figure_2_4_unattended_transfer_when_bob_does_not_wait() => town.PlayAsync(
        Alice.GetsThrough().SeesTheEnd(),
        Bob.PicksUp().Talks().Sends("REFER", null, ToCarol).Gets(202).HearsOfTransfer(100).HangsUp().HearsOfTransfer(200),
        Carol.Gets("INVITE").Talks(500).Answers(180).Answers(200, Column.Sdp()).Gets("ACK").Talks().HangsUp());

    /// <summary>§2.4 when Carol is busy: Bob is told so and has Alice again.</summary>
    [Fact]
    public Task Figure_2_4_unattended_transfer_that_fails() => town.PlayAsync(
        Alice.GetsThrough().SeesTheEnd(),
        Bob.PicksUp().Talks().Sends("REFER", null, ToCarol).Gets(202).HearsOfTransfer(100).HearsOfTransfer(486).Talks().HangsUp(),
        Carol.Gets("INVITE").Answers(486).Gets("ACK"));

    /// <summary>§2.5: Bob, a linphone, holds Alice, asks Carol and refers Alice to her with Replaces; Alice and Carol see one call each from beginning to end.</summary>
    [Fact]
    public async Task Figure_2_5_attended_transfer()
    {
        await town.ClearAsync();
        var bob = await town.Town.LinphoneAsync(8, 1000);
        await using var carol = await town.StartAsync(Carol.PicksUp().SeesTheEnd());
        await using var alice = await town.StartAsync(Column.Caller(town.Alice, town.Town.Accounts[8].Extension).GetsThrough().SeesTheEnd());
        await bob.RingsAsync();
        await bob.AnswersAsync();
        await bob.TalksAsync();
        await bob.HoldsAsync();
        await bob.DialsAsync(town.Carol.Extension);
        await bob.TalksAsync();
        await carol.SeesAsync("ACK sip:");
        await bob.TransfersToCallAsync(1, 2);
        await town.Town.SeesAsync("calls", calls => calls.GetArrayLength() == 1 && calls[0].GetProperty("legs").GetArrayLength() == 2, "Alice with Carol");
        await town.ClearAsync();                                     // the administrator ends the call that is left
        await CallFlowTown.EndAsync(alice, carol);
    }

    /// <summary>§2.7: Bob's telephone is not asked; Carol's is told for whom the call was.</summary>
    [Fact]
    public async Task Figure_2_7_forwarding_unconditional()
    {
        await town.ForwardAsync(town.Bob, new { immediate = town.Carol.Extension });
        try
        {
            using var bob = town.DeafPhone(town.Bob);
            await town.PlayAsync(Alice.GetsThrough().Talks().HangsUp(), Carol.PicksUp(Forwarded("unconditional")).SeesTheEnd());
            Assert.DoesNotContain(CallFlowTown.Heard(bob), message => message.StartsWith("INVITE ", StringComparison.Ordinal));
        }
        finally { await town.ForwardAsync(town.Bob, new { }); }
    }

    /// <summary>§2.7 with a resident who calls and a number outside: the operator is told for whom the call was by the town's number, never by the internal one.</summary>
    [Fact]
    public async Task Figure_2_7_forwarding_unconditional_out_of_the_town()
    {
        await town.ForwardAsync(town.Bob, new { immediate = "0199009997" });
        try
        {
            await town.PlayAsync(
                Column.Operator("+33199001234", CallFlowTown.TownNumber).Sends("INVITE", Column.Sdp()).Gets(180).Gets(200, "m=audio").Acks().Talks().HangsUp(),
                Column.Outside("+33199009997").PicksUp("INVITE sip:.33199009997@", "Diversion: <sip:.33199000199@127.0.0.2>;reason=unconditional", $"!sip:{town.Bob.Extension}@").SeesTheEnd());
        }
        finally { await town.ForwardAsync(town.Bob, new { }); }
    }

    /// <summary>§2.8: 486 from Bob, then Carol.</summary>
    [Fact]
    public async Task Figure_2_8_forwarding_on_busy()
    {
        await town.ForwardAsync(town.Bob, new { busy = town.Carol.Extension });
        try
        {
            await town.PlayAsync(Alice.GetsThrough().Talks().HangsUp(), Bob.Gets("INVITE").Answers(486).Gets("ACK"), Carol.PicksUp(Forwarded("user-busy")).SeesTheEnd());
        }
        finally { await town.ForwardAsync(town.Bob, new { }); }
    }

    /// <summary>§2.9: Bob's telephone rings, is cancelled, and Carol's rings; Alice hears of ringing once.</summary>
    [Fact]
    public async Task Figure_2_9_forwarding_on_no_answer()
    {
        await town.ForwardAsync(town.Bob, new { noAnswer = town.Carol.Extension, noAnswerAfterS = 5 });
        try
        {
            await town.PlayAsync(Alice.GetsThrough().Talks().HangsUp(), Bob.Gets("INVITE").Answers(180).IsCancelled(), Carol.PicksUp(Forwarded("no-answer")).SeesTheEnd());
        }
        finally { await town.ForwardAsync(town.Bob, new { }); }
    }

    /// <summary>§2.12: one telephone after the other is tried, here the members of a group: no answer, busy, and found.</summary>
    [Fact]
    public async Task Figure_2_12_find_me()
    {
        var organisation = (await town.OrganisationAsync()).GetProperty("id").GetString();
        var members = new[] { town.Bob, town.Carol, town.Dave }.Select(who => new { extension = town.ExtensionOf(who) });
        await town.Town.PostAsync("hunt-groups", new { organisationId = organisation, number = "691", name = "Find me", strategy = "serial", memberRingS = 5, members });
        await town.PlayAsync(
            Column.Caller(town.Alice, "691").GetsThrough().Talks().HangsUp(),
            Bob.Gets("INVITE").Answers(180).IsCancelled(),
            Carol.Gets("INVITE").Answers(486).Gets("ACK"),
            Column.Called(town.Dave).PicksUp().SeesTheEnd());
    }

    /// <summary>§2.14: the server refuses a number that Alice's calling class bars, after saying why in early media; nothing leaves the town.</summary>
    [Fact]
    public Task Figure_2_14_outgoing_call_screening() => town.PlayAsync(Column.Caller(town.Alice, "0899009999").Invites().Gets(183, "m=audio").Gets(403).Acks());

    /// <summary>§2.15: Bob refers Alice to the park, and Carol takes her back from there.</summary>
    [Fact]
    public async Task Figure_2_15_call_park()
    {
        await town.ClearAsync();
        await using var bob = await town.StartAsync(Bob.PicksUp().Talks().Sends("REFER", null, "Refer-To: <sip:*68@127.0.0.1>").Gets(202).HearsOfTransfer(100).HearsOfTransfer(200).SeesTheEnd());
        await using var alice = await town.StartAsync(Alice.GetsThrough().SeesTheEnd());
        await CallFlowTown.EndAsync(bob);
        await using var carol = await town.StartAsync(Column.Caller(town.Carol, "*69" + town.Bob.Extension).Invites().Gets(200, "m=audio").Acks().Talks().HangsUp());
        await CallFlowTown.EndAsync(alice, carol);
        await town.IsOverAsync();
    }

    /// <summary>§2.16: Carol watches Bob's telephone, learns of the dialog that rings there, and takes it by INVITE with Replaces, which names the dialog as Bob's
    /// telephone sees it or as its peer does: both are in use.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Figure_2_16_call_pickup(bool asBobSeesIt)
    {
        await town.ClearAsync();
        await using var watch = await town.StartAsync(Watches(town.Carol).Gets("NOTIFY", "dialog-info").Answers(200).Gets("NOTIFY", "<state>early</state>").Answers(200));
        await watch.SeesAsync("NOTIFY sip:");
        await using var bob = await town.StartAsync(Bob.Gets("INVITE").Answers(180).IsCancelled());
        await using var alice = await town.StartAsync(Alice.GetsThrough().SeesTheEnd());
        var dialog = Dialog().Match(await watch.SeesAsync("<state>early</state>"));
        Assert.True(dialog.Success, "The NOTIFY does not name the dialog.");
        var (to, from) = asBobSeesIt ? (dialog.Groups[2], dialog.Groups[3]) : (dialog.Groups[3], dialog.Groups[2]);
        var replaces = string.Create(CultureInfo.InvariantCulture, $"Replaces: {dialog.Groups[1]};to-tag={to};from-tag={from};early-only");
        await using var carol = await town.StartAsync(Column.Caller(town.Carol, town.Bob.Extension).Invites(replaces, "Require: replaces").Gets(200, "m=audio").Acks().Talks().HangsUp());
        await CallFlowTown.EndAsync(alice, bob, carol, watch);
        await town.IsOverAsync();
    }

    /// <summary>§2.17: Bob is busy; Alice watches his telephone until his call is over, then calls again.</summary>
    [Fact]
    public async Task Figure_2_17_automatic_redial()
    {
        await town.ClearAsync();
        await using var dave = await town.StartAsync(Column.Called(town.Dave).PicksUp().SeesTheEnd());
        await using var talks = await town.StartAsync(Column.Caller(town.Bob, town.Dave.Extension).GetsThrough().SeesTheEnd());
        await talks.SeesAsync("ACK sip:");
        await using var busy = await town.StartAsync(Bob.Gets("INVITE").Answers(486).Gets("ACK"));
        await using var tries = await town.StartAsync(Alice.Invites().Gets(486).Acks());
        await CallFlowTown.EndAsync(tries, busy);
        await using var watch = await town.StartAsync(Watches(town.Alice).Gets("NOTIFY", "<state>confirmed</state>").Answers(200).Gets("NOTIFY", "<state>terminated</state>").Answers(200));
        await watch.SeesAsync("<state>confirmed</state>");
        await town.ClearAsync();                                     // Bob's call is over
        await CallFlowTown.EndAsync(watch, talks, dave);
        await town.PlayAsync(Alice.GetsThrough().Talks().HangsUp(), Bob.PicksUp().SeesTheEnd());
    }

    /// <summary>§2.18: a click rings Alice's own telephone first; when she picks up, Bob's rings.</summary>
    [Fact]
    public async Task Figure_2_18_click_to_dial()
    {
        await town.ClearAsync();
        await using var alice = await town.StartAsync(Column.Called(town.Alice).PicksUp().SeesTheEnd());
        await using var bob = await town.StartAsync(Bob.PicksUp($"From: .*<sip:{town.Alice.Extension}@").Talks().HangsUp());
        await town.Town.PostAsync("calls", new { extension = town.Alice.Extension, number = town.Bob.Extension });
        await CallFlowTown.EndAsync(alice, bob);
        await town.IsOverAsync();
    }

    private static Column Holds(Column column) => column.Sends("INVITE", Column.Sdp("sendonly", 2)).Gets(200, "a=recvonly").Acks();

    private static Column TakesBack(Column column) => column.Sends("INVITE", Column.Sdp("sendrecv", 3)).Gets(200, "a=sendrecv").Acks();

    /// <summary>SUBSCRIBE to Bob's dialogs, 401, SUBSCRIBE with credentials, 200.</summary>
    private Column Watches(DemoAccount who) => Column.Caller(who, town.Bob.Extension).SendsAndProves("SUBSCRIBE", null, "Event: dialog", "Accept: application/dialog-info+xml", "Expires: 600").Gets(200);

    private string Forwarded(string reason) => $"Diversion: .*<sip:{town.Bob.Extension}@.*reason={reason}";

    [GeneratedRegex("call-id=\"([^\"]+)\" local-tag=\"([^\"]+)\" remote-tag=\"([^\"]+)\"")]
    private static partial Regex Dialog();
}
