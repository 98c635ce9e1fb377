// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Routing;
using Xunit;

namespace Beffroi.Calls.Tests;

/// <summary>What ends a call though nobody hung up: its longest duration, and silence on the wire. Both parties are told why (RFC 3326).</summary>
public sealed class LimitTests
{
    private static readonly ExchangeOptions Short = new() { MaxDuration = TimeSpan.FromMilliseconds(300) };

    [Fact]
    public async Task A_call_that_lasts_too_long_ends_and_both_parties_are_told_why()
    {
        await using var bed = await ExchangeBed.OpenAsync(options: Short);
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        await bed.RingsAtAsync(alice, bob);
        bob.AnswersRinging();
        foreach (var phone in new[] { alice, bob }) Assert.Contains("Q.850;cause=31", await phone.SeesAsync("ended Bye"), StringComparison.Ordinal);
        Assert.Equal((CallOutcome.Answered, "max-duration"), ((await bed.HappensAsync<CallCleared>()).Outcome, (await bed.HappensAsync<CallCleared>()).Cause));
        Assert.All(bed.Events.OfType<LegCleared>(), leg => Assert.Equal("max-duration", leg.Cause));
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task An_emergency_call_has_no_longest_duration()
    {
        await using var bed = await ExchangeBed.OpenAsync(options: Short);
        var (alice, bob, carol, dave) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("112"), await bed.PhoneAsync("103"), await bed.PhoneAsync("104"));
        bed.Rings("112", null, bob);
        var plan = bed.Plan["112"];
        bed.Plan["112"] = request => (CallPlan.Run)plan(request) with { Emergency = true };
        alice.Dials("112", bed.Address);
        await bob.SeesAsync("invite");
        bob.Answers();
        await alice.SeesAsync("accepted");
        await bed.RingsAtAsync(carol, dave);                                 // a call that began later, and ends by its duration
        dave.AnswersRinging();
        await carol.SeesAsync("ended Bye");
        await alice.SpeaksToAsync(bob);
        alice.HangsUp();
        await bob.SeesAsync("ended Bye");
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_telephone_that_falls_silent_ends_the_call_and_both_parties_are_told_why()
    {
        await using var bed = await ExchangeBed.OpenAsync(mediaTimeout: TimeSpan.FromSeconds(1));
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        await bed.TalkAsync(alice, bob);
        foreach (var phone in new[] { alice, bob }) Assert.Contains("Q.850;cause=41", await phone.SeesAsync("ended Bye"), StringComparison.Ordinal);
        Assert.Equal("media-timeout", (await bed.HappensAsync<CallCleared>()).Cause);
        Assert.All(bed.Events.OfType<LegCleared>(), leg => Assert.Equal("media-timeout", leg.Cause));
        Assert.Equal(1, bed.Exchange.MediaTimeouts);
        await bed.IsCleanAsync();
    }
}
