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

        bob.Session!.Refer(new NameAddress(SipUri.Of("103", "127.0.0.1")), null);
        await carol.SeesAsync("invite 101");
        carol.Rings();
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
        var consultation = bob.Session!;

        var replaces = $"{consultation.CallId};to-tag={consultation.RemoteTag};from-tag={consultation.LocalTag}";
        Assert.True(NameAddress.TryParse($"<sip:103@127.0.0.1?Replaces={Uri.EscapeDataString(replaces)}>", out var target));
        bob.Former!.Refer(target!, null);
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

        var ringing = bob.Session!;
        var replaces = $"{ringing.CallId};to-tag={ringing.RemoteTag};from-tag={ringing.LocalTag}";
        Assert.True(NameAddress.TryParse($"<sip:103@127.0.0.1?Replaces={Uri.EscapeDataString(replaces)}>", out var target));
        bob.Former!.Refer(target!, null);
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
