// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Sip.Messages;
using Xunit;

namespace Beffroi.Calls.Tests;

/// <summary>Transfer (RFC 5589), pickup and park with telephones on the wire.</summary>
public sealed class TransferTests
{
    [Fact]
    public async Task A_blind_transfer_by_REFER_connects_the_party_who_stays_with_the_new_one()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        await bed.TalkAsync(alice, bob);
        bed.Rings("103", null, carol);

        bob.Session!.Refer(new NameAddress(SipUri.Of("103", "127.0.0.1")), new NameAddress(SipUri.Of("102", "town.example"), "Bob"));
        await carol.SeesAsync("invite 101");
        carol.Rings();
        Assert.Equal("\"Bob\" <sip:102@town.example>", carol.Session!.Invite!.Text(SipHeaderName.ReferredBy));
        await bob.SeesAsync("refer 180");
        carol.AnswersRinging();
        await bob.SeesAsync("refer 200 final");
        await bob.SeesAsync("ended Bye");
        await alice.SpeaksToAsync(carol);
        await carol.SpeaksToAsync(alice);
        var transfer = await bed.HappensAsync<CallTransferred>();
        Assert.Equal(("102", "103", false), (transfer.By.Number, transfer.To.Number, transfer.Attended));
        alice.HangsUp();
        await carol.SeesAsync("ended Bye");
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_blind_transfer_that_fails_leaves_the_two_parties_together()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        await bed.TalkAsync(alice, bob);
        bed.Rings("103", null, carol);

        bob.Session!.Refer(new NameAddress(SipUri.Of("103", "127.0.0.1")), null);
        await carol.SeesAsync("invite 101");
        carol.Refuses(486);
        await bob.SeesAsync("refer 486 final");
        await alice.SpeaksToAsync(bob);
        await bob.SpeaksToAsync(alice);
        alice.HangsUp();
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_transfer_to_a_number_that_does_not_exist_is_refused_at_once()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        await bed.TalkAsync(alice, bob);

        bob.Session!.Refer(new NameAddress(SipUri.Of("999", "127.0.0.1")), null);
        await bob.SeesAsync("refer 404 final");
        await alice.SpeaksToAsync(bob);
        alice.HangsUp();
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task An_attended_transfer_joins_the_two_parties_whom_the_middle_one_spoke_with()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        await bed.TalkAsync(alice, bob);
        bob.Holds();
        await bob.SeesAsync("answer recvonly");
        await bed.TalkAsync(bob, carol);

        bob.Former!.Refer(Replacing("103", bob.Session!), null);
        await bob.SeesAsync("refer 200 final");
        await alice.SpeaksToAsync(carol);
        await carol.SpeaksToAsync(alice);
        var transfer = await bed.HappensAsync<CallTransferred>();
        Assert.Equal(("102", "103", true), (transfer.By.Number, transfer.To.Number, transfer.Attended));
        carol.HangsUp();
        await alice.SeesAsync("ended Bye");
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task An_attended_transfer_while_the_colleague_still_rings_leaves_the_caller_waiting_for_the_answer()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        await bed.TalkAsync(alice, bob);
        bob.Holds();
        await bob.SeesAsync("answer recvonly");
        await bed.RingsAtAsync(bob, carol);

        bob.Former!.Refer(Replacing("103", bob.Session!), null);
        await bob.SeesAsync("refer 200 final");
        carol.AnswersRinging();
        await carol.SeesAsync("ack");
        await alice.SpeaksToAsync(carol);
        await carol.SpeaksToAsync(alice);
        alice.HangsUp();
        await carol.SeesAsync("ended Bye");
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task The_api_transfers_and_joins()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        var first = await bed.TalkAsync(alice, bob);
        var leg = bed.Exchange.Live.Single(c => c.Id == first).Legs.Single(l => l.Party.Number == "102").Id;
        Assert.Null(await bed.Exchange.HoldAsync(first, leg, on: true));
        var second = await bed.TalkAsync(bob, carol);
        var other = bed.Exchange.Live.Single(c => c.Id == second).Legs.Single(l => l.Party.Number == "102").Id;

        Assert.Null(await bed.Exchange.JoinAsync(first, leg, second, other));
        await alice.SpeaksToAsync(carol);
        Assert.True((await bed.HappensAsync<CallTransferred>()).Attended);
        alice.HangsUp();
        await bed.IsCleanAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_blind_transfer_that_fails_after_who_transferred_hung_up_rings_there_again(bool takesItBack)
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        await bed.TalkAsync(alice, bob);
        bed.Rings("103", null, carol);
        bob.Session!.Refer(new NameAddress(SipUri.Of("103", "127.0.0.1")), null);
        await carol.SeesAsync("invite 101");
        bob.HangsUp();
        await bed.HappensAsync<LegCleared>();
        carol.Refuses(486);
        await bob.SeesAsync("invite 101");
        if (takesItBack)
        {
            bob.Answers();
            await bob.SeesAsync("ack");
            await alice.SpeaksToAsync(bob);
            alice.HangsUp();
            await bob.SeesAsync("ended Bye");
        }
        else
        {
            bob.Refuses(486);
            await alice.SeesAsync("ended Bye");
        }

        Assert.Equal(CallOutcome.Answered, (await bed.HappensAsync<CallCleared>()).Outcome);
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task An_attended_transfer_to_nothing_or_within_the_same_call_is_refused_and_the_call_goes_on()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        var call = await bed.TalkAsync(alice, bob);
        bob.Session!.Refer(Replacing("103", "nobody", "x", "y"), null);
        await bob.SeesAsync("refer 481 final");
        bob.Session.Refer(Replacing("101", alice.Session!), null);
        await bob.SeesAsync("refer 482 final");
        var legs = bed.Exchange.Live.Single(c => c.Id == call).Legs;
        Assert.Equal("call.same", (await bed.Exchange.JoinAsync(call, legs[0].Id, call, legs[1].Id))?.Code);
        Assert.Equal("call.not-found", (await bed.Exchange.JoinAsync(call, legs[0].Id, Guid.NewGuid(), legs[1].Id))?.Code);
        await alice.SpeaksToAsync(bob);
        alice.HangsUp();
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task An_attended_transfer_whose_consultation_has_ended_leaves_the_two_parties_together()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        var first = await bed.TalkAsync(alice, bob);
        var second = await bed.TalkAsync(bob, carol);
        var leg = bed.Exchange.Live.Single(c => c.Id == first).Legs.Single(l => l.Party.Number == "102").Id;
        var other = bed.Exchange.Live.Single(c => c.Id == second).Legs.Single(l => l.Party.Number == "102").Id;
        var replaced = Replacing("103", bob.Session!);
        carol.HangsUp();
        await bob.SeesAsync("ended Bye");
        await bed.HappensAsync<CallCleared>();
        bob.Former!.Refer(replaced, null);
        await bob.SeesAsync("refer 481 final");
        Assert.Equal("call.not-found", (await bed.Exchange.JoinAsync(first, leg, second, other))?.Code);
        await alice.SpeaksToAsync(bob);
        alice.HangsUp();
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_join_with_a_consultation_that_still_rings_is_answered_when_it_is_settled()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        var first = await bed.TalkAsync(alice, bob);
        await bed.RingsAtAsync(bob, carol);
        var second = bed.Exchange.Live.Single(c => c.Id != first);
        var leg = bed.Exchange.Live.Single(c => c.Id == first).Legs.Single(l => l.Party.Number == "102").Id;
        Assert.Null(await bed.Exchange.JoinAsync(first, leg, second.Id, second.Legs.Single(l => l.Party.Number == "102").Id));
        Assert.Equal(second.Id, Assert.Single(bed.Exchange.Live).Id);           // it is done by the time the answer comes
        carol.AnswersRinging();
        await carol.SeesAsync("ack");
        await alice.SpeaksToAsync(carol);
        await carol.SpeaksToAsync(alice);
        alice.HangsUp();
        await carol.SeesAsync("ended Bye");
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task An_attended_transfer_to_a_service_lets_the_party_who_stays_hear_it_from_the_beginning()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        var said = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await bed.TalkAsync(alice, bob);
        bed.Runs("*98", async (call, stop) =>
        {
            await call.AnswerAsync();
            await call.PlayAsync(Media.Codecs.AudioClip.Tone(500, TimeSpan.FromSeconds(1)), stop);
            said.SetResult(call.Caller.Number);
            await call.EndAsync();
        });
        bob.Dials("*98", bed.Address);
        await bob.SeesAsync("accepted");
        bob.Former!.Refer(Replacing("*98", bob.Session!), null);
        await bob.SeesAsync("refer 200 final");
        alice.Drain();
        await alice.HearsSomethingAsync();
        Assert.Equal("101", await said.Task.WaitAsync(TestKit.TestTimeouts.Network));
        await alice.SeesAsync("ended Bye");
        await bed.IsCleanAsync();
    }

    private static NameAddress Replacing(string number, Sip.UserAgent.SipSession session) => Replacing(number, session.CallId, session.RemoteTag!, session.LocalTag);

    private static NameAddress Replacing(string number, string callId, string toTag, string fromTag) =>
        NameAddress.TryParse($"<sip:{number}@127.0.0.1?Replaces={Uri.EscapeDataString($"{callId};to-tag={toTag};from-tag={fromTag}")}>", out var target) ? target : throw new FormatException(number);

    [Fact]
    public async Task A_colleague_picks_up_a_ringing_call()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        bed.Rings("102", null, bob);
        bed.Runs("*8102", async (call, _) =>
        {
            var ringing = bed.Exchange.FindRinging(p => p.Number == "102");
            if (ringing is null || !await call.TakeAsync(ringing.Id, "102")) await call.EndAsync();
        });

        alice.Dials("102", bed.Address);
        await bob.SeesAsync("invite");
        bob.Rings();
        await alice.SeesAsync("progress 180");
        carol.Dials("*8102", bed.Address);
        await carol.SeesAsync("accepted");
        Assert.Contains("Call completed elsewhere", await bob.SeesAsync("cancelled"));
        await alice.SeesAsync("accepted");
        await alice.SpeaksToAsync(carol);
        await carol.SpeaksToAsync(alice);
        Assert.Equal("103", (await bed.HappensAsync<CallPickedUp>()).By.Number);
        carol.HangsUp();
        await alice.SeesAsync("ended Bye");
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task Of_two_who_pick_up_at_once_one_gets_the_call_and_the_other_is_told_that_it_is_gone()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol, dave) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"), await bed.PhoneAsync("104"));
        var (ready, both) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        bed.Runs("*8102", async (call, _) =>
        {
            var ringing = bed.Exchange.FindRinging(p => p.Number == "102")!;
            if (Interlocked.Increment(ref ready) == 2) both.SetResult();
            await both.Task;
            if (!await call.TakeAsync(ringing.Id, "102")) await call.EndAsync(new Refusal("pickup.nothing-rings", RefusalKind.NotFound, 404, "Nothing rings there."));
        });
        await bed.RingsAtAsync(alice, bob);
        carol.Dials("*8102", bed.Address);
        dave.Dials("*8102", bed.Address);
        await alice.SeesAsync("accepted");
        await bob.SeesAsync("cancelled");
        await bed.HappensAsync<CallCleared>(2);                                // the empty shell of the one, the refused call of the other
        var (winner, loser) = bed.Events.OfType<CallPickedUp>().Single().By.Number == "103" ? (carol, dave) : (dave, carol);
        await loser.SeesAsync("rejected 404");
        await winner.SeesAsync("accepted");
        await alice.SpeaksToAsync(winner);
        await winner.SpeaksToAsync(alice);
        alice.HangsUp();
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_pickup_that_comes_after_the_answer_takes_nothing()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bed.Runs("*8102", async (call, _) =>
        {
            var ringing = bed.Exchange.FindRinging(p => p.Number == "102")!;
            found.SetResult();
            await answered.Task;
            if (!await call.TakeAsync(ringing.Id, "102")) await call.EndAsync(new Refusal("pickup.nothing-rings", RefusalKind.NotFound, 404, "Nothing rings there."));
        });
        await bed.RingsAtAsync(alice, bob);
        carol.Dials("*8102", bed.Address);
        await found.Task.WaitAsync(TestKit.TestTimeouts.Network);
        bob.AnswersRinging();
        await alice.SeesAsync("accepted");
        answered.SetResult();
        await carol.SeesAsync("rejected 404");
        await alice.SpeaksToAsync(bob);
        await bob.SpeaksToAsync(alice);
        bob.HangsUp();
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_pickup_and_an_answer_at_once_leave_one_of_them_with_the_caller_and_nothing_behind()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        bed.Runs("*8102", async (call, _) =>
        {
            if (bed.Exchange.FindRinging(p => p.Number == "102") is not { } ringing || !await call.TakeAsync(ringing.Id, "102"))
                await call.EndAsync(new Refusal("pickup.nothing-rings", RefusalKind.NotFound, 404, "Nothing rings there."));
        });
        for (var i = 0; i < 5; i++)
        {
            await bed.RingsAtAsync(alice, bob);
            carol.Dials("*8102", bed.Address);
            bob.AnswersRinging();
            await alice.SeesAsync("accepted");
            alice.HangsUp();
            await bed.HappensAsync<CallCleared>(2 * (i + 1));
            await bed.IsCleanAsync();
        }
    }

    [Fact]
    public async Task Picking_up_where_nothing_rings_is_refused()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var carol = await bed.PhoneAsync("103");
        bed.Runs("*8102", async (call, _) =>
        {
            Assert.False(await call.TakeAsync(Guid.NewGuid(), "102"));
            await call.EndAsync(new Refusal("pickup.nothing-rings", RefusalKind.NotFound, 404, "Nothing rings there."));
        });

        carol.Dials("*8102", bed.Address);
        await carol.SeesAsync("rejected 404");
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_call_parked_by_a_blind_transfer_waits_with_music_until_another_telephone_retrieves_it()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        await bed.TalkAsync(alice, bob);
        bed.Runs("*6881", async (call, _) => Assert.Equal(ParkResult.Retrieved, await call.ParkAsync("81", TimeSpan.FromSeconds(60))));
        bed.Runs("*6981", async (call, _) =>
        {
            if (bed.Exchange.FindParked("81") is not { } parked || !await call.TakeAsync(parked, "81")) await call.EndAsync();
        });

        bob.Session!.Refer(new NameAddress(SipUri.Of("*6881", "127.0.0.1")), null);
        await bob.SeesAsync("refer 200 final");
        await bob.SeesAsync("ended Bye");
        Assert.Equal(("81", "102"), ((await bed.HappensAsync<CallParked>()).Slot, (await bed.HappensAsync<CallParked>()).By?.Number));
        alice.Drain();
        await alice.HearsSomethingAsync();
        carol.Dials("*6981", bed.Address);
        await carol.SeesAsync("accepted");
        await carol.SpeaksToAsync(alice);
        await alice.SpeaksToAsync(carol);
        Assert.Null(bed.Exchange.FindParked("81"));
        alice.HangsUp();
        await carol.SeesAsync("ended Bye");
        await bed.IsCleanAsync();
    }
}
