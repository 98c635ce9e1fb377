// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>Trunks on the wire: a telephone plays the operator.</summary>
public sealed class TrunkCallTests
{
    [Fact]
    public async Task A_call_out_goes_by_the_next_trunk_when_the_first_one_fails()
    {
        await using var town = await CallingTown.OpenAsync();
        await using var dead = await Phone.StartAsync("dead");
        await using var alive = await Phone.StartAsync("alive");
        var alice = await town.RegisteredAsync("101");
        await AddAsync(town, "first", dead, order: 1);
        await AddAsync(town, "second", alive, order: 2);

        alice.Dials("0199004567", town.Sip);
        await dead.SeesAsync("invite");
        dead.Refuses(503);
        await alive.SeesAsync("invite");
        alive.Answers();
        await alice.SeesAsync("accepted");
        await alice.SpeaksToAsync(alive);
        alice.HangsUp();
        await alive.SeesAsync("ended Bye");
        Assert.Equal(0, town.Server.Service<ITrunks>().Channels((await TrunkAsync(town, "second")).Id));
        Assert.Equal(0, town.Server.Service<ITrunks>().Channels((await TrunkAsync(town, "first")).Id));
    }

    [Fact]
    public async Task A_trunk_that_is_silent_is_given_up_after_its_time_for_the_next_one()
    {
        await using var town = await CallingTown.OpenAsync();
        using var silent = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var alive = await Phone.StartAsync("alive");
        var alice = await town.RegisteredAsync("101");
        await AddAsync(town, "first", ((IPEndPoint)silent.Client.LocalEndPoint!).Port, order: 1, answerWithin: 1);
        await AddAsync(town, "second", alive, order: 2);
        alice.Dials("0199004567", town.Sip);
        await alive.SeesAsync("invite");            // within TestTimeouts.Network: timer B alone would be 32 s
        alive.Answers();
        await alice.SeesAsync("accepted");
        Assert.Equal(0, town.Server.Service<ITrunks>().Channels((await TrunkAsync(town, "first")).Id));
        alice.HangsUp();
        await alive.SeesAsync("ended Bye");
    }

    [Fact]
    public async Task A_trunk_known_by_its_address_is_told_which_methods_are_served_and_asked_for_no_password()
    {
        await using var town = await CallingTown.OpenAsync();
        await using var operatorPhone = await Phone.StartAsync("op");
        await AddAsync(town, "only", operatorPhone);
        foreach (var method in new[] { SipMethod.Register, SipMethod.Subscribe, SipMethod.Publish, SipMethod.Message })
        {
            var refused = await SendAsync(operatorPhone, town, method, new SipHeader(SipHeaderName.Event, "dialog"));
            Assert.Equal((method, 405), (method, refused.Status));
            Assert.Contains("INVITE", refused.Response!.Text(SipHeaderName.Allow), StringComparison.Ordinal);
        }

        Assert.Equal(200, (await SendAsync(operatorPhone, town, SipMethod.Options)).Status);
        await town.RegisteredAsync("101");                // a device behind the trunk's address
    }

    private static async Task<SipOutcome> SendAsync(Phone phone, CallingTown town, SipMethod method, params SipHeader[] headers)
    {
        var done = new TaskCompletionSource<SipOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var address = new NameAddress(SipUri.Of(phone.Number, "127.0.0.1"));
        phone.Stack.Send(
            new OutboundRequest { Method = method, Target = SipUri.Of("", "127.0.0.1", town.Sip.Port), From = address, To = address, ContactUser = phone.Number, Headers = headers },
            outcome => done.TrySetResult(outcome));
        return await done.Task.WaitAsync(TestTimeouts.Network);
    }

    [Fact]
    public async Task A_full_trunk_takes_no_further_call_but_an_emergency_call()
    {
        await using var town = await CallingTown.OpenAsync();
        await using var operatorPhone = await Phone.StartAsync("op");
        var (alice, bob, carol) = (await town.RegisteredAsync("101"), await town.RegisteredAsync("102"), await town.RegisteredAsync("103"));
        await AddAsync(town, "only", operatorPhone, channels: 1);

        alice.Dials("0199004567", town.Sip);
        await operatorPhone.SeesAsync("invite");
        operatorPhone.Answers();
        await alice.SeesAsync("accepted");
        bob.Dials("0199004568", town.Sip);
        await bob.SeesAsync("rejected 503");
        carol.Dials("112", town.Sip);
        await operatorPhone.SeesAsync("invite");
        operatorPhone.Answers();
        await carol.SeesAsync("accepted");
        carol.HangsUp();
        alice.HangsUp();
        await operatorPhone.SeesAsync("ended Bye");
    }

    [Fact]
    public async Task A_call_in_from_an_unknown_number_inventory_is_refused_and_one_to_a_direct_number_rings()
    {
        await using var town = await CallingTown.OpenAsync();
        await using var operatorPhone = await Phone.StartAsync("0612345678");
        var alice = await town.RegisteredAsync("101");
        await AddAsync(town, "only", operatorPhone);
        operatorPhone.Dials("+33199001099", town.Sip);
        await operatorPhone.SeesAsync("rejected 404");

        await town.Server.Administrator.PostAsync(
            "/api/v1/direct-numbers", new { organisationId = town.Organisation, number = "0199001001", label = "Alice", destination = new { kind = "Number", target = "101" } });
        operatorPhone.Dials("+33199001001", town.Sip);
        await alice.SeesAsync("invite");
        alice.Answers();
        await operatorPhone.SeesAsync("accepted");
        await operatorPhone.SpeaksToAsync(alice);
        operatorPhone.HangsUp();
        await alice.SeesAsync("ended Bye");
    }

    [Theory]
    [InlineData(true, "+33199001002")]
    [InlineData(false, "+33199001000")]                              // what the trunk shows for those who have none
    public async Task Who_forwards_out_of_the_town_is_told_by_a_number_of_the_town_not_by_the_internal_one(bool hasDirectNumber, string told)
    {
        await using var town = await CallingTown.OpenAsync();
        await using var operatorPhone = await Phone.StartAsync("op");
        var (alice, api) = (await town.RegisteredAsync("101"), town.Server.Administrator);
        await town.PhoneAsync("102");
        await AddAsync(town, "only", operatorPhone);
        if (hasDirectNumber)
            await api.PostAsync("/api/v1/direct-numbers", new { organisationId = town.Organisation, number = "0199001002", label = "Bob", destination = new { kind = "Number", target = "102" } });
        Assert.True(town.Server.Service<IDirectory>().Current.TryExtension("102", out var bob));
        await api.PutAsync($"/api/v1/forwardings/{bob.Id}", new { immediate = "0199004567" });

        alice.Dials("102", town.Sip);
        await operatorPhone.SeesAsync("invite");
        operatorPhone.Answers();
        await alice.SeesAsync("accepted");
        var invite = operatorPhone.Invited!;
        Assert.Equal($"<sip:{told}@127.0.0.1>;reason=unconditional;counter=1", invite.Text(SipHeaderName.Diversion));
        Assert.Contains($"<sip:{told}@127.0.0.1>;index=1", invite.Values(SipHeaderName.HistoryInfo)[0], StringComparison.Ordinal);
        alice.HangsUp();
        await operatorPhone.SeesAsync("ended Bye");
    }

    [Fact]
    public async Task A_trunk_test_says_what_came_of_it()
    {
        await using var town = await CallingTown.OpenAsync();
        await using var operatorPhone = await Phone.StartAsync("op");
        await AddAsync(town, "works", operatorPhone);
        var trunk = await TrunkAsync(town, "works");
        var result = await town.Server.Administrator.PostAsync($"/api/v1/trunks/{trunk.Id}/test", new { }, HttpStatusCode.OK);
        Assert.True(result.GetProperty("works").GetBoolean(), result.ToString());
    }

    private static Task AddAsync(CallingTown town, string name, Phone peer, int order = 1, int channels = 0) => AddAsync(town, name, peer.Address.Port, order, channels);

    private static async Task AddAsync(CallingTown town, string name, int port, int order = 1, int channels = 0, int answerWithin = 4)
    {
        await town.Server.Administrator.PostAsync("/api/v1/trunks", new
        {
            name,
            kind = "Static",
            host = "127.0.0.1",
            port,
            answerWithinSeconds = answerWithin,
            transport = "Udp",
            order,
            channelLimit = channels,
            inboundAddresses = new[] { "127.0.0.1" },
            optionsPingSeconds = 0,
            presentedNumber = "+33199001000",
        });
    }

    private static Task<Trunk> TrunkAsync(CallingTown town, string name)
    {
        Assert.True(town.Server.Service<ITrunks>().Current.TryGet(name, out var trunk));
        return Task.FromResult(trunk);
    }
}
