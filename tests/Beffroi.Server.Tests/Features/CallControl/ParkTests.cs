// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Calls;
using Beffroi.Sip.Messages;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>Park places on the wire: who comes back, who is told what, and whose place it is.</summary>
public sealed class ParkTests
{
    [Fact]
    public async Task An_outside_caller_whom_nobody_retrieves_rings_again_at_who_parked()
    {
        var clock = new ManualTime();
        await using var town = await CallingTown.OpenAsync(clock, "--Media:Timeout=0");
        await using var outside = await Phone.StartAsync("0612345678");
        var bob = await town.RegisteredAsync("102");
        await town.Server.Administrator.PostAsync("/api/v1/trunks",
            new { name = "only", kind = "Static", host = "127.0.0.1", port = outside.Address.Port, transport = "Udp", inboundAddresses = new[] { "127.0.0.1" }, optionsPingSeconds = 0 });
        await town.Server.Administrator.PostAsync(
            "/api/v1/direct-numbers", new { organisationId = town.Organisation, number = "0199001002", label = "Bob", destination = new { kind = "Number", target = "102" } });
        outside.Dials("+33199001002", town.Sip);
        await bob.SeesAsync("invite");
        bob.Answers();
        await outside.SeesAsync("accepted");
        await outside.SpeaksToAsync(bob);

        bob.Session!.Refer(new NameAddress(SipUri.Of("*68", "127.0.0.1")), null);
        await bob.SeesAsync("refer 200 final");
        await bob.SeesAsync("ended Bye");
        clock.Advance(TimeSpan.FromMinutes(5));
        await bob.SeesAsync("invite 0612345678");
        bob.Answers();
        await bob.SeesAsync("ack");
        await outside.SpeaksToAsync(bob);
        outside.HangsUp();
        await bob.SeesAsync("ended Bye");
    }

    [Fact]
    public async Task A_place_holds_one_call_and_who_parks_a_second_one_is_told_so_and_keeps_it()
    {
        await using var town = await CallingTown.OpenAsync();
        var (alice, bob, carol) = (await town.RegisteredAsync("101"), await town.RegisteredAsync("102"), await town.RegisteredAsync("103"));
        var api = town.Server.Administrator;
        await town.TalkAsync(alice, bob);
        var (first, legOfBob) = await town.LiveAsync("102");
        await api.PostAsync($"/api/v1/calls/{first}/park", new { leg = legOfBob }, HttpStatusCode.NoContent);
        Assert.Equal("102", Assert.Single((await api.GetAsync("/api/v1/calls")).EnumerateArray()).Text("slot"));      // it waits there by the time the answer comes
        await bob.SeesAsync("ended Bye");

        await town.TalkAsync(carol, bob);
        var second = (await api.GetAsync("/api/v1/calls")).EnumerateArray().Single(c => c.Id() != first);
        var leg = second.GetProperty("legs").EnumerateArray().Single(l => l.GetProperty("party").Text("number") == "102").Id();
        Assert.Equal("urn:beffroi:call.park-taken", (await api.PostAsync($"/api/v1/calls/{second.Id()}/park", new { leg }, HttpStatusCode.Conflict)).Text("type"));
        await carol.SpeaksToAsync(bob);
        bob.Session!.Refer(new NameAddress(SipUri.Of("*68", "127.0.0.1")), null);
        await bob.SeesAsync("refer 486 final");
        await carol.SpeaksToAsync(bob);
    }

    [Fact]
    public async Task Communes_with_the_same_numbers_keep_their_calls_apart()
    {
        await using var town = await CallingTown.OpenAsync();
        var api = town.Server.Administrator;
        var other = await api.PostAsync("/api/v1/organisations", new { name = "Saint-Cyr" });
        var hall = (await api.PostAsync("/api/v1/sites", new { organisationId = other.Id(), name = "Mairie" })).Id();
        // Counters: nobody's extensions, with the same numbers in both communes.
        var (alice, bob) = (await town.RegisteredAsync("101", nobodys: true), await town.RegisteredAsync("102", nobodys: true));
        var (farAlice, farBob, farCarol) = (await town.RegisteredAsync("101", hall, nobodys: true), await town.RegisteredAsync("102", hall, nobodys: true), await town.RegisteredAsync("103", hall));

        alice.Dials("102", town.Sip);
        await bob.SeesAsync("invite 101");
        bob.Rings();
        await alice.SeesAsync("progress 180");
        farCarol.Dials("*8102", town.Sip);
        await farCarol.SeesAsync("ended Bye");                              // nothing rings at 102 of that commune
        bob.AnswersRinging();
        await alice.SeesAsync("accepted");
        await alice.SpeaksToAsync(bob);

        bob.Session!.Refer(new NameAddress(SipUri.Of("*68", "127.0.0.1")), null);
        await bob.SeesAsync("refer 200 final");
        farCarol.Dials("*69102", town.Sip);
        await farCarol.SeesAsync("ended Bye");                              // nor waits anything there
        await town.TalkAsync(farAlice, farBob);
        farBob.Session!.Refer(new NameAddress(SipUri.Of("*68", "127.0.0.1")), null);
        await farBob.SeesAsync("refer 200 final");                          // the same place of the other commune is free
        Assert.Equal(2, town.Server.Service<Exchange>().Parked);
        farCarol.Dials("*69102", town.Sip);
        await farCarol.SeesAsync("accepted");
        await farAlice.SpeaksToAsync(farCarol);
        farAlice.HangsUp();
        await farCarol.SeesAsync("ended Bye");

        await api.PostAsync("/api/v1/calls", new { extension = "101", number = "102", organisationId = other.Id() });
        await farAlice.SeesAsync("invite");
        farAlice.Answers();
        await farBob.SeesAsync("invite 101");
        farBob.Answers();
        await farAlice.SpeaksToAsync(farBob);
    }
}
