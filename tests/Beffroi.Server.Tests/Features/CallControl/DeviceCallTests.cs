// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>Devices of the directory on the wire: who gets in, what rings, what the API can do with a call.</summary>
public sealed class DeviceCallTests
{
    [Fact]
    public async Task A_dialled_NUL_is_refused_and_stands_in_the_history_and_the_next_call_too()
    {
        await using var town = await CallingTown.OpenAsync();
        var alice = await town.RegisteredAsync("101");
        alice.Dials("101\0", town.Sip);
        await alice.SeesAsync("ended Rejected");
        alice.Dials("999999", town.Sip);
        await alice.SeesAsync("ended Rejected");
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        while ((await town.Server.Administrator.GetAsync("/api/v1/calls")).GetArrayLength() > 0) limit.Token.ThrowIfCancellationRequested();      // the telephone hears of the end before the journal does
        await town.Server.WrittenAsync();
        var dialled = (await town.Server.Administrator.GetAsync("/api/v1/history")).GetProperty("calls").EnumerateArray().Select(c => c.Text("dialled"));
        Assert.Equal(["101\uFFFD", "999999"], dialled.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_device_registers_with_its_secret_and_with_no_other()
    {
        await using var town = await CallingTown.OpenAsync();
        var alice = await town.PhoneAsync("101");
        Assert.Equal(200, (await alice.RegistersAsync(town.Sip)).Status);
        var shown = await town.Server.Administrator.GetAsync("/api/v1/registrations");
        Assert.Contains("101", shown.ToString(), StringComparison.Ordinal);

        alice.Credentials = alice.Credentials! with { Password = "wrong" };
        Assert.Equal(401, (await alice.RegistersAsync(town.Sip)).Status);
        alice.Credentials = new DigestCredentials("nobody", "wrong");
        Assert.Equal(401, (await alice.RegistersAsync(town.Sip)).Status);
    }

    [Theory]
    [InlineData("SHA-256")]
    [InlineData("SHA-512-256")]
    [InlineData("MD5;SHA-256")]
    public async Task A_town_that_asks_for_stronger_digests_gets_them_from_the_same_secrets(string algorithms)
    {
        await using var town = await CallingTown.OpenAsync($"--Sip:Digest:Algorithms={algorithms}");
        await town.RegisteredAsync("101");
    }

    [Fact]
    public async Task A_device_cannot_register_the_address_of_another()
    {
        await using var town = await CallingTown.OpenAsync();
        var alice = await town.PhoneAsync("101");
        var bob = await town.PhoneAsync("102");
        alice.Credentials = bob.Credentials;
        Assert.Equal(403, (await alice.RegistersAsync(town.Sip)).Status);
    }

    [Fact]
    public async Task Many_wrong_secrets_restrain_an_address_and_honest_devices_behind_it_are_still_served()
    {
        await using var town = await CallingTown.OpenAsync();
        var alice = await town.RegisteredAsync("101");
        var right = alice.Credentials;
        alice.Credentials = right! with { Password = "wrong" };
        var statuses = new List<int>();
        for (var i = 0; i < 30; i++) statuses.Add((await alice.RegistersAsync(town.Sip)).Status);
        Assert.Contains(403, statuses);
        Assert.DoesNotContain(200, statuses);

        alice.Credentials = right;
        Assert.Equal(200, (await alice.RegistersAsync(town.Sip)).Status);
        await town.RegisteredAsync("102");
    }

    [Fact]
    public async Task An_unregistered_stranger_cannot_call()
    {
        await using var town = await CallingTown.OpenAsync();
        await town.RegisteredAsync("102");
        var stranger = await town.PhoneAsync("101");
        stranger.Credentials = null;
        stranger.Dials("102", town.Sip);
        await stranger.SeesAsync("rejected 407");
    }

    [Fact]
    public async Task Two_extensions_speak_and_the_api_sees_holds_transfers_and_ends_the_call()
    {
        await using var town = await CallingTown.OpenAsync();
        var (alice, bob, carol) = (await town.RegisteredAsync("101"), await town.RegisteredAsync("102"), await town.RegisteredAsync("103"));
        await town.TalkAsync(alice, bob);

        var api = town.Server.Administrator;
        var (call, legOfBob) = await town.LiveAsync("102");
        await api.PostAsync($"/api/v1/calls/{call}/hold", new { leg = legOfBob, on = true }, HttpStatusCode.NoContent);
        alice.Drain();
        await alice.HearsSomethingAsync();
        await api.PostAsync($"/api/v1/calls/{call}/hold", new { leg = legOfBob, on = false }, HttpStatusCode.NoContent);
        await api.PostAsync($"/api/v1/calls/{call}/transfer", new { leg = legOfBob, number = "103" }, HttpStatusCode.NoContent);
        await carol.SeesAsync("invite 101");
        carol.Answers();
        await bob.SeesAsync("ended Bye");
        await alice.SpeaksToAsync(carol);
        await api.DeleteAsync($"/api/v1/calls/{call}");
        await alice.SeesAsync("ended Bye");
        await carol.SeesAsync("ended Bye");

        Assert.Equal("urn:beffroi:call.not-found", (await api.DeleteAsync($"/api/v1/calls/{call}", HttpStatusCode.NotFound)).Text("type"));
    }

    [Fact]
    public async Task The_api_parks_the_other_party_and_another_telephone_takes_it_back()
    {
        await using var town = await CallingTown.OpenAsync();
        var (alice, bob, carol) = (await town.RegisteredAsync("101"), await town.RegisteredAsync("102"), await town.RegisteredAsync("103"));
        await town.TalkAsync(alice, bob);
        var api = town.Server.Administrator;
        var (call, legOfBob) = await town.LiveAsync("102");
        Assert.Equal("urn:beffroi:call.no-such-leg", (await api.PostAsync($"/api/v1/calls/{call}/park", new { leg = Guid.NewGuid() }, HttpStatusCode.Conflict)).Text("type"));
        await api.PostAsync($"/api/v1/calls/{call}/park", new { leg = legOfBob }, HttpStatusCode.NoContent);
        await bob.SeesAsync("ended Bye");
        carol.Dials("*69102", town.Sip);
        await carol.SeesAsync("accepted");
        await alice.SpeaksToAsync(carol);
    }

    [Fact]
    public async Task The_api_does_not_answer_for_a_telephone_that_does_not_allow_it_nor_for_one_that_does_not_ring()
    {
        await using var town = await CallingTown.OpenAsync();
        var (alice, bob) = (await town.RegisteredAsync("101"), await town.RegisteredAsync("102"));
        var api = town.Server.Administrator;
        alice.Dials("102", town.Sip);
        await bob.SeesAsync("invite 101");
        var call = Assert.Single((await api.GetAsync("/api/v1/calls")).EnumerateArray()).Id();
        Assert.Equal("urn:beffroi:call.not-ringing", (await api.PostAsync($"/api/v1/calls/{call}/answer", new { }, HttpStatusCode.Conflict)).Text("type"));
        bob.Rings();
        await alice.SeesAsync("progress 180");
        Assert.Equal("urn:beffroi:call.device-cannot-answer", (await api.PostAsync($"/api/v1/calls/{call}/answer", new { }, HttpStatusCode.Conflict)).Text("type"));
        bob.AnswersRinging();
        await alice.SeesAsync("accepted");
        await alice.SpeaksToAsync(bob);
    }

    /// <summary>Call waiting: the telephone has as many lines as it wants, and the first party waits with music.</summary>
    [Fact]
    public async Task A_second_call_reaches_a_telephone_that_talks_and_is_taken_beside_the_first()
    {
        await using var town = await CallingTown.OpenAsync();
        var (alice, bob, carol) = (await town.RegisteredAsync("101"), await town.RegisteredAsync("102"), await town.RegisteredAsync("103"));
        await town.TalkAsync(alice, bob);
        carol.Dials("102", town.Sip);
        await bob.SeesAsync("invite 103");
        await alice.SpeaksToAsync(bob);
        bob.Holds();
        await bob.SeesAsync("answer recvonly");
        bob.Answers();
        await carol.SeesAsync("accepted");
        await carol.SpeaksToAsync(bob);
        await bob.SpeaksToAsync(carol);
        alice.Drain();
        await alice.HearsSomethingAsync();
        carol.HangsUp();
        await bob.SeesAsync("ended Bye");
        Assert.Single((await town.Server.Administrator.GetAsync("/api/v1/calls")).EnumerateArray());
    }

    [Fact]
    public async Task A_call_is_picked_up_within_its_group_and_not_from_outside_it()
    {
        await using var town = await CallingTown.OpenAsync();
        var (alice, bob, carol, dave) = (await town.RegisteredAsync("101"), await town.RegisteredAsync("102"), await town.RegisteredAsync("103"), await town.RegisteredAsync("104"));
        foreach (var number in new[] { "102", "103" })
        {
            Assert.True(town.Server.Service<IDirectory>().Current.TryExtension(number, out var extension));
            await town.Server.Administrator.PutAsync($"/api/v1/dial-plan/lines/{extension.Id}", new { pickupGroup = "accueil" });
        }

        alice.Dials("102", town.Sip);
        await bob.SeesAsync("invite 101");
        bob.Rings();
        await alice.SeesAsync("progress 180");
        dave.Dials("*8", town.Sip);
        await dave.SeesAsync("ended Bye");                  // he is told that there is nothing for him to pick up
        carol.Dials("*8", town.Sip);
        await carol.SeesAsync("accepted");
        await bob.SeesAsync("cancelled SIP;cause=200");
        await alice.SpeaksToAsync(carol);
    }

    [Fact]
    public async Task Without_a_pickup_group_a_call_is_picked_up_within_the_unit()
    {
        await using var town = await CallingTown.OpenAsync();
        var api = town.Server.Administrator;
        var unit = (await api.PostAsync("/api/v1/units", new { organisationId = town.Organisation, name = "État civil" })).Id();
        var (alice, bob, carol, dave) = (await town.RegisteredAsync("101"), await town.RegisteredAsync("102", unit: unit), await town.RegisteredAsync("103", unit: unit), await town.RegisteredAsync("104"));
        alice.Dials("102", town.Sip);
        await bob.SeesAsync("invite 101");
        bob.Rings();
        await alice.SeesAsync("progress 180");
        dave.Dials("*8", town.Sip);
        await dave.SeesAsync("ended Bye");
        carol.Dials("*8", town.Sip);
        await carol.SeesAsync("accepted");
        await bob.SeesAsync("cancelled SIP;cause=200");
        await alice.SpeaksToAsync(carol);
    }

    [Fact]
    public async Task The_api_joins_two_calls_also_while_the_second_rings_and_says_so_when_it_is_gone()
    {
        await using var town = await CallingTown.OpenAsync();
        var (alice, bob, carol) = (await town.RegisteredAsync("101"), await town.RegisteredAsync("102"), await town.RegisteredAsync("103"));
        var api = town.Server.Administrator;
        await town.TalkAsync(alice, bob);
        var (call, leg) = await town.LiveAsync("102");
        await api.PostAsync($"/api/v1/calls/{call}/hold", new { leg, on = true }, HttpStatusCode.NoContent);

        var (gone, legThere) = await ConsultsAsync();
        carol.Refuses(486);
        await bob.SeesAsync("rejected 486");
        Assert.Equal("urn:beffroi:call.not-found", (await api.PostAsync($"/api/v1/calls/{call}/join", new { leg, otherCall = gone, otherLeg = legThere }, HttpStatusCode.NotFound)).Text("type"));

        var (rings, legRinging) = await ConsultsAsync();
        carol.Rings();
        await bob.SeesAsync("progress 180");
        Assert.Equal("urn:beffroi:call.not-talking", (await api.PostAsync($"/api/v1/calls/{call}/join", new { leg, otherCall = rings, otherLeg = Guid.NewGuid() }, HttpStatusCode.Conflict)).Text("type"));
        await api.PostAsync($"/api/v1/calls/{call}/join", new { leg, otherCall = rings, otherLeg = legRinging }, HttpStatusCode.NoContent);
        Assert.Equal(rings, Assert.Single((await api.GetAsync("/api/v1/calls")).EnumerateArray()).Id());
        carol.AnswersRinging();
        await carol.SeesAsync("ack");
        await alice.SpeaksToAsync(carol);
        carol.HangsUp();
        await alice.SeesAsync("ended Bye");

        async Task<(string Call, string Leg)> ConsultsAsync()
        {
            bob.Dials("103", town.Sip);
            await carol.SeesAsync("invite 102");
            var second = (await api.GetAsync("/api/v1/calls")).EnumerateArray().Single(c => c.Id() != call);
            return (second.Id(), second.GetProperty("legs").EnumerateArray().Single(l => l.GetProperty("party").Text("number") == "102").Id());
        }
    }

    [Fact]
    public async Task Click_to_call_rings_the_caller_then_the_called()
    {
        await using var town = await CallingTown.OpenAsync();
        var (alice, bob) = (await town.RegisteredAsync("101"), await town.RegisteredAsync("102"));
        await town.Server.Administrator.PostAsync("/api/v1/calls", new { extension = "101", number = "102" });
        await alice.SeesAsync("invite");
        alice.Answers();
        await bob.SeesAsync("invite 101");
        bob.Answers();
        await alice.SpeaksToAsync(bob);
        bob.HangsUp();
        await alice.SeesAsync("ended Bye");
        await town.Server.Administrator.PostAsync("/api/v1/calls", new { extension = "999", number = "102" }, HttpStatusCode.NotFound);
        await town.Server.Administrator.PostAsync("/api/v1/calls", new { extension = "101", number = "" }, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_call_for_another_domain_is_not_relayed()
    {
        await using var town = await CallingTown.OpenAsync();
        var alice = await town.RegisteredAsync("101");
        var session = alice.Stack.Invite(
            new OutboundInvite
            {
                Target = SipUri.Of("102", "192.0.2.1"),
                Targets = [new Beffroi.Sip.Transport.SipTarget(Beffroi.Sip.Transport.SipTransportKind.Udp, town.Sip, null)],
                From = new NameAddress(SipUri.Of("101", "127.0.0.1")),
                To = new NameAddress(SipUri.Of("102", "192.0.2.1")),
                Credentials = alice.Credentials,
                Sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n"u8.ToArray(),
            },
            alice);
        Assert.NotNull(session);
        await alice.SeesAsync("rejected 404");
    }
}
