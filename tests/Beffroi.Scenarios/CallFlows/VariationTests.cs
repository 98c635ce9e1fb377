// SPDX-License-Identifier: EUPL-1.2
using Xunit;

namespace Beffroi.Scenarios.CallFlows;

/// <summary>What telephones do beside the figures: the same services from the other side, in another order, or given up half-way.</summary>
[Collection(nameof(Figures))]
public sealed class VariationTests(CallFlowTown town)
{
    private Column Alice => Column.Caller(town.Alice, town.Bob.Extension);

    private Column Bob => Column.Called(town.Bob);

    private Column Carol => Column.Called(town.Carol);

    private string ToCarol => $"Refer-To: <sip:{town.Carol.Extension}@127.0.0.1>";

    /// <summary>RFC 3261 §9.1: the CANCEL to Bob waits for his first response; Alice is free at once.</summary>
    [Fact]
    public Task Alice_cancels_before_bobs_telephone_has_said_anything() => town.PlayAsync(
        Alice.Invites().Gets(100).Talks(600).Sends("CANCEL").Gets(200).Gets(487).Acks(),
        Bob.Gets("INVITE").Talks(1500).Answers(180).IsCancelled());

    [Fact]
    public Task A_telephone_that_says_183_rings_for_alice() => town.PlayAsync(
        Alice.GetsThrough().SeesTheEnd(),
        Bob.Gets("INVITE").Answers(183, Column.Sdp()).Talks(500).Answers(200, Column.Sdp()).Gets("ACK").Talks().HangsUp());

    /// <summary>Early sound of the operator is passed on at once, and its 180 after it too.</summary>
    [Fact]
    public Task The_operators_early_sound_reaches_alice() => town.PlayAsync(
        Column.Caller(town.Alice, "0199009999").Invites().Gets(183, "m=audio").Gets(180).Gets(200).Acks().SeesTheEnd(),
        Column.Outside("+33199009999").Gets("INVITE").Answers(183, Column.Sdp()).Answers(180).Answers(200, Column.Sdp()).Gets("ACK").Talks().HangsUp());

    [Fact]
    public Task A_call_without_offer_leaves_by_the_trunk_with_one() => town.PlayAsync(
        Column.Caller(town.Alice, "0199009999").SendsAndProves("INVITE").Gets(180).Gets(200, "m=audio").Acks(Column.Sdp()).SeesTheEnd(),
        Column.Outside("+33199009999").PicksUp("m=audio").Talks().HangsUp());

    /// <summary>RFC 3261 §14.1: a re-INVITE without SDP asks for an offer.</summary>
    [Fact]
    public Task A_reinvite_without_sdp_is_answered_with_an_offer() => town.PlayAsync(
        Alice.GetsThrough().SeesTheEnd(),
        Bob.PicksUp().Talks().Sends("INVITE").Gets(200, "m=audio", "a=sendrecv").Acks(Column.Sdp()).Talks().HangsUp());

    [Fact]
    public Task Both_hold_and_both_take_back() => town.PlayAsync(
        Alice.GetsThrough().Sends("INVITE", Column.Sdp("sendonly", 2)).Gets(200, "a=recvonly").Acks().Talks(1500).Sends("INVITE", Column.Sdp("sendrecv", 3)).Gets(200, "a=sendrecv").Acks().Talks().HangsUp(),
        Bob.PicksUp().Talks(500).Sends("INVITE", Column.Sdp("sendonly", 2)).Gets(200, "a=recvonly").Acks().Talks().Sends("INVITE", Column.Sdp("sendrecv", 3)).Gets(200, "a=sendrecv").Acks().SeesTheEnd());

    /// <summary>Hold by "inactive" and by the address 0.0.0.0 of RFC 2543.</summary>
    [Fact]
    public Task The_other_ways_to_hold() => town.PlayAsync(
        Alice.GetsThrough().SeesTheEnd(),
        Bob.PicksUp().Talks().Sends("INVITE", Column.Sdp("inactive", 2)).Gets(200, "a=inactive").Acks().Talks()
            .Sends("INVITE", Column.Sdp("sendrecv", 3, "0.0.0.0")).Gets(200).Acks().Talks().Sends("INVITE", Column.Sdp("sendrecv", 4)).Gets(200, "a=sendrecv").Acks().Talks().HangsUp());

    [Fact]
    public Task The_caller_transfers() => town.PlayAsync(
        Alice.GetsThrough().Talks().Sends("REFER", null, ToCarol).Gets(202).HearsOfTransfer(100).HearsOfTransfer(180).HearsOfTransfer(200).SeesTheEnd(),
        Bob.PicksUp().SeesTheEnd(),
        Carol.PicksUp($"From: .*<sip:{town.Bob.Extension}@").Talks().HangsUp());

    [Fact]
    public Task A_transfer_is_over_when_the_party_who_stays_hangs_up() => town.PlayAsync(
        Alice.GetsThrough().Talks(3000).HangsUp(),
        Bob.PicksUp().Sends("REFER", null, ToCarol).Gets(202).HearsOfTransfer(100).HearsOfTransfer(180).HearsOfTransfer(487).SeesTheEnd(),
        Carol.Gets("INVITE").Answers(180).IsCancelled());

    [Fact]
    public Task A_transfer_from_hold_that_fails_leaves_the_hold() => town.PlayAsync(
        Alice.GetsThrough().SeesTheEnd(),
        Bob.PicksUp().Sends("INVITE", Column.Sdp("sendonly", 2)).Gets(200, "a=recvonly").Acks().Sends("REFER", null, ToCarol).Gets(202).HearsOfTransfer(100).HearsOfTransfer(486)
            .Sends("INVITE", Column.Sdp("sendrecv", 3)).Gets(200, "a=sendrecv").Acks().Talks().HangsUp(),
        Carol.Gets("INVITE").Answers(486).Gets("ACK"));

    /// <summary>RFC 3966: some telephones transfer to tel URIs.</summary>
    [Fact]
    public Task A_transfer_to_a_tel_uri() => town.PlayAsync(
        Alice.GetsThrough().SeesTheEnd(),
        Bob.PicksUp().Talks().Sends("REFER", null, $"Refer-To: <tel:{town.Carol.Extension};phone-context=127.0.0.1>").Gets(202).HearsOfTransfer(100).HearsOfTransfer(180).HearsOfTransfer(200).SeesTheEnd(),
        Carol.PicksUp().Talks().HangsUp());

    [Fact]
    public async Task Forwardings_in_a_circle_are_refused()
    {
        await town.ForwardAsync(town.Bob, new { immediate = town.Carol.Extension });
        await town.ForwardAsync(town.Carol, new { immediate = town.Bob.Extension });
        try
        {
            await town.PlayAsync(Alice.Invites().Gets(482).Acks());
        }
        finally
        {
            await town.ForwardAsync(town.Bob, new { });
            await town.ForwardAsync(town.Carol, new { });
        }
    }

    [Fact]
    public Task Requests_inside_the_dialog_are_answered() => town.PlayAsync(
        Alice.GetsThrough().SeesTheEnd(),
        Bob.PicksUp().Talks().Sends("OPTIONS").Gets(200, "Allow:").Sends("INFO").Gets(200).Sends("UPDATE").Gets(200).Talks().HangsUp());

    /// <summary>The package "talk" of desk telephones: the program of an agent presses the answer key.</summary>
    [Fact]
    public async Task The_api_answers_a_telephone_that_allows_it()
    {
        await town.ClearAsync();
        await using var bob = await town.StartAsync(Bob.Gets("INVITE").Answers(180, null, "Allow-Events: talk, hold").Gets("NOTIFY", "Event: *talk", "Subscription-State: *active").Answers(200).PicksUpAfterAll().SeesTheEnd());
        await using var alice = await town.StartAsync(Alice.GetsThrough().Talks().HangsUp());
        await town.Town.SeesAsync("calls", calls => calls.GetArrayLength() == 1 && calls[0].GetProperty("legs").EnumerateArray().Any(leg => leg.GetProperty("state").GetString() == "Ringing"), "that Bob's telephone rings");
        var call = (await town.Town.GetAsync("calls"))[0].GetProperty("id").GetGuid();
        await town.Town.PostAsync($"calls/{call}/answer", new { });
        await CallFlowTown.EndAsync(alice, bob);
        await town.IsOverAsync();
    }
}
