// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Sip.Messages;
using Xunit;

namespace Beffroi.Calls.Tests;

/// <summary>Calls as their parties live through them, with telephones on the wire.</summary>
public sealed class CallTests
{
    [Fact]
    public async Task A_call_rings_is_answered_carries_sound_both_ways_and_leaves_nothing_behind()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        await bed.RingsAtAsync(alice, bob);
        Assert.Equal(69, bob.Session!.Invite!.MaxForwards);             // one less than it came with: a loop through several servers ends
        bob.AnswersRinging();
        await alice.SeesAsync("accepted");
        await alice.SpeaksToAsync(bob);
        await bob.SpeaksToAsync(alice);
        alice.HangsUp();
        await bob.SeesAsync("ended Bye");

        var end = await bed.HappensAsync<CallCleared>();
        Assert.Equal((CallOutcome.Answered, 200, "caller-hung-up"), (end.Outcome, end.Status, end.Cause));
        Assert.Equal(["CallStarted", "CallDelivered", "CallEstablished", "LegCleared", "LegCleared", "CallCleared"], bed.Events.Select(e => e.GetType().Name));
        Assert.Equal([1, 2, 3, 4, 5, 6], bed.Events.Select(e => e.Sequence));
        Assert.All(bed.Events.OfType<LegCleared>(), leg => Assert.Equal("PCMA", leg.Quality?.Codec));
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task The_first_to_answer_wins_and_the_others_hear_that_the_call_was_completed_elsewhere()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, desk, soft) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        bed.Rings("102", null, desk, soft);

        alice.Dials("102", bed.Address);
        await desk.SeesAsync("invite");
        await soft.SeesAsync("invite");
        desk.Rings();
        soft.Rings();
        await alice.SeesAsync("progress 180");
        soft.AnswersRinging();
        Assert.Contains("text=\"Call completed elsewhere\"", await desk.SeesAsync("cancelled"));
        await alice.SeesAsync("accepted");
        await alice.SpeaksToAsync(soft);
        soft.HangsUp();
        await alice.SeesAsync("ended Bye");
        Assert.Equal("callee-hung-up", (await bed.HappensAsync<CallCleared>()).Cause);
        await bed.IsCleanAsync();
    }

    [Theory]
    [InlineData(486, "rejected 486")]
    [InlineData(603, "rejected 603")]
    [InlineData(404, "rejected 404")]
    public async Task A_refusal_reaches_the_caller(int status, string seen)
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        bed.Rings("102", null, bob);

        alice.Dials("102", bed.Address);
        await bob.SeesAsync("invite");
        bob.Refuses(status);
        await alice.SeesAsync(seen);
        Assert.Equal(status, (await bed.HappensAsync<CallCleared>()).Status);
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_number_that_does_not_exist_is_refused_with_a_reason_in_words()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var alice = await bed.PhoneAsync("101");

        alice.Dials("999", bed.Address);
        await alice.SeesAsync("rejected 404");
        Assert.Equal((CallOutcome.Refused, "dial-plan.no-such-number"), ((await bed.HappensAsync<CallCleared>()).Outcome, (await bed.HappensAsync<CallCleared>()).Cause));
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task Nobody_answers_in_time_and_the_ringing_stops()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        bed.Rings("102", TimeSpan.FromMilliseconds(400), bob);

        alice.Dials("102", bed.Address);
        await bob.SeesAsync("invite");
        bob.Rings();
        await bob.SeesAsync("cancelled");
        await alice.SeesAsync("rejected 408");
        Assert.Equal(CallOutcome.NoAnswer, (await bed.HappensAsync<CallCleared>()).Outcome);
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_telephone_that_says_183_in_place_of_180_rings_for_its_caller()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        bed.Rings("102", null, bob);

        alice.Dials("102", bed.Address);
        await bob.SeesAsync("invite");
        bob.Rings(183);
        await alice.SeesAsync("progress 180");
        alice.HangsUp();
        await bob.SeesAsync("cancelled");
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_caller_who_gives_up_stops_the_ringing()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        await bed.RingsAtAsync(alice, bob);
        alice.HangsUp();
        await bob.SeesAsync("cancelled");
        Assert.Equal(CallOutcome.Abandoned, (await bed.HappensAsync<CallCleared>()).Outcome);
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_device_that_deflects_sends_the_call_elsewhere()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        bed.Rings("102", null, bob);
        bed.Rings("103", null, carol);

        alice.Dials("102", bed.Address);
        await bob.SeesAsync("invite");
        bob.Refuses(302, new SipHeader(SipHeaderName.Contact, "<sip:103@127.0.0.1>"));
        await carol.SeesAsync("invite 101");
        carol.Answers();
        await alice.SeesAsync("accepted");
        Assert.Equal(DiversionReason.Deflection, (await bed.HappensAsync<CallDiverted>()).Reason);
        alice.HangsUp();
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_held_party_hears_music_until_it_is_taken_back()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        await bed.TalkAsync(alice, bob);

        alice.Holds();
        await alice.SeesAsync("answer recvonly");
        await bed.HappensAsync<CallHeld>();
        bob.Drain();
        await bob.HearsSomethingAsync();
        alice.Holds("sendrecv");
        await alice.SeesAsync("answer other");
        await bed.HappensAsync<CallRetrieved>();
        await alice.SpeaksToAsync(bob);
        bob.HangsUp();
        await alice.SeesAsync("ended Bye");
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_script_plays_before_the_answer_rings_then_and_connects()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        bed.Runs("200", async (call, stop) =>
        {
            await call.PlayAsync(Media.Codecs.AudioClip.Tone(500, TimeSpan.FromMilliseconds(300)), stop);
            await call.RingAsync(new RingRequest { Targets = [ExchangeBed.Target(bob, call.Caller)], Timeout = TimeSpan.FromSeconds(20) }, stop);
        });

        alice.Dials("200", bed.Address);
        await alice.SeesAsync("progress 183");
        await alice.HearsSomethingAsync();
        await bob.SeesAsync("invite");
        bob.Answers();
        await alice.SeesAsync("accepted");
        await bob.SpeaksToAsync(alice);
        alice.HangsUp();
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task What_a_script_keeps_is_given_back_when_the_call_ends_and_not_before()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        var returned = false;
        using var probe = new Probe(() => returned = true);
        bed.Runs("200", async (call, stop) =>
        {
            call.Keep(probe);
            await call.RingAsync(new RingRequest { Targets = [ExchangeBed.Target(bob, call.Caller)], Timeout = TimeSpan.FromSeconds(20) }, stop);
        });

        alice.Dials("200", bed.Address);
        await bob.SeesAsync("invite");
        bob.Answers();
        await alice.SeesAsync("accepted");
        await alice.SpeaksToAsync(bob);
        Assert.False(returned);
        alice.HangsUp();
        await bed.HappensAsync<CallCleared>();
        Assert.True(returned);
        await bed.IsCleanAsync();
    }

    private sealed class Probe(Action disposed) : IDisposable
    {
        public void Dispose() => disposed();
    }

    [Fact]
    public async Task A_script_that_breaks_ends_its_call_and_no_other()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob, carol) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"), await bed.PhoneAsync("103"));
        await bed.TalkAsync(alice, bob);
        bed.Runs("666", (_, _) => throw new InvalidOperationException("A bug."));

        carol.Dials("666", bed.Address);
        await carol.SeesAsync("rejected 500");
        Assert.Equal(1, bed.Exchange.Broken + (await bed.HappensAsync<CallCleared>() is { Cause: "internal-error" } ? 0 : 1));
        await alice.SpeaksToAsync(bob);
        alice.HangsUp();
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_call_that_the_server_begins_rings_the_caller_first()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        bed.Rings("102", null, bob);
        var caller = new CallParty(PartyKind.Internal, "101", "Alice");

        var begun = bed.Exchange.OriginateAsync(
            new CallRequest { Caller = caller, Dialled = "102", At = TimeProvider.System.GetUtcNow() }, [ExchangeBed.Target(alice, caller)], TimeSpan.FromSeconds(20));
        await alice.SeesAsync("invite");
        Assert.Null((await begun).Refusal);
        alice.Answers();
        await bob.SeesAsync("invite");
        bob.Answers();
        await bob.SeesAsync("ack");
        await alice.SpeaksToAsync(bob);
        bob.HangsUp();
        await alice.SeesAsync("ended Bye");
        await bed.IsCleanAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_the_server_begins_ends_when_its_caller_does_not_take_it(bool refuses)
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        bed.Rings("102", null, bob);
        var caller = new CallParty(PartyKind.Internal, "101", "Alice");
        var begun = await bed.Exchange.OriginateAsync(
            new CallRequest { Caller = caller, Dialled = "102", At = TimeProvider.System.GetUtcNow() }, [ExchangeBed.Target(alice, caller)], TimeSpan.FromMilliseconds(refuses ? 20_000 : 400));
        Assert.Null(begun.Refusal);
        await alice.SeesAsync("invite");
        if (refuses)
        {
            alice.Refuses(486);
        }
        else
        {
            alice.Rings();
            await alice.SeesAsync("cancelled");
        }

        var end = await bed.HappensAsync<CallCleared>();
        Assert.Equal((CallOutcome.Abandoned, refuses ? 486 : 408, "caller-did-not-answer"), (end.Outcome, end.Status, end.Cause));
        Assert.Equal(("101", "102"), (Assert.IsType<CallStarted>(bed.Events[0]).Caller.Number, ((CallStarted)bed.Events[0]).Called.Number));        // so that the history has it
        Assert.Empty(bob.Seen);
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task The_api_hangs_up_and_says_so_when_there_is_nothing_to_hang_up()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        var call = await bed.TalkAsync(alice, bob);

        Assert.Null(bed.Exchange.HangUp(call));
        await alice.SeesAsync("ended Bye");
        await bob.SeesAsync("ended Bye");
        await bed.IsCleanAsync();
        Assert.Equal("call.not-found", bed.Exchange.HangUp(call)?.Code);
    }
}
