// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>Whose calls come in from outside, and as what.</summary>
public sealed class TrunkDoorTests(OperatorTown with) : IClassFixture<OperatorTown>
{
    private CallingTown Town => with.Town;

    [Fact]
    public async Task A_call_from_the_address_of_a_trunk_rings_without_any_password()
    {
        var alice = await with.PhoneAsync();
        await using var peer = await with.OperatorAsync();
        await using var trunk = await with.TrunkAsync(peer, ("inboundAddresses", new[] { peer.Address.Address.ToString() }));
        await RingsAsync(peer.Line, alice);
        Assert.Equal(0, with.Trunks.Channels(trunk.Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_that_knows_the_secret_of_a_trunk_rings_from_whatever_address(bool isListed)
    {
        var alice = await with.PhoneAsync();
        await using var peer = await with.OperatorAsync();
        var account = OperatorTown.Account($"digest-{isListed}");
        await using var trunk = await with.TrunkAsync(peer, ("inboundDigest", true), ("username", account.Username), ("secret", account.Password),
            ("inboundAddresses", isListed ? [peer.Address.Address.ToString()] : Array.Empty<string>()));
        peer.Line.Dials(OperatorTown.DirectOf(alice), Town.Sip);
        await peer.Line.SeesAsync("rejected 407");
        peer.Line.Credentials = account;
        await RingsAsync(peer.Line, alice);
        await trunk.ChangeAsync("enabled", false);
        peer.Line.Dials(OperatorTown.DirectOf(alice), Town.Sip);
        await peer.Line.SeesAsync("rejected 407");
    }

    [Fact]
    public async Task A_trunk_cannot_prove_itself_by_the_name_of_a_telephone()
    {
        var alice = await with.PhoneAsync();
        var trunk = new { name = "Twin", kind = "static", host = "192.0.2.1", username = alice.Credentials!.Username, secret = "another secret", inboundDigest = true };
        var problem = await Town.Server.Administrator.PostAsync("/api/v1/trunks", trunk, System.Net.HttpStatusCode.BadRequest);
        Assert.True(problem.GetProperty("errors").TryGetProperty("username", out _));
    }

    [Fact]
    public async Task A_wrong_secret_of_a_trunk_and_a_name_nobody_has_are_answered_alike_and_counted_alike()
    {
        var alice = await with.PhoneAsync();
        await using var peer = await with.OperatorAsync();
        await using var trunk = await with.TrunkAsync(peer, ("inboundDigest", true), ("username", "guessed"), ("secret", "not to be guessed"));
        var told = new List<string>();
        foreach (var name in new[] { "guessed", "nobody" })
        {
            await using var stranger = await with.StrangerAsync();
            stranger.Credentials = new DigestCredentials(name, "a guess");
            var (tries, guard) = (0, Town.Server.Service<SipTransportLayer>().Guard);
            while (!guard.IsBanned(stranger.Address.Address) && tries++ < 30)
            {
                stranger.Dials(OperatorTown.DirectOf(alice), Town.Sip);
                told.Add($"{tries} {await stranger.SeesAsync("rejected")}");
            }
        }

        Assert.Equal(told.Take(told.Count / 2), told.Skip(told.Count / 2));
        Assert.Equal("20 rejected 407", told[^1]);
    }

    [Fact]
    public async Task A_full_trunk_refuses_a_call_in_with_the_cause_of_a_full_line()
    {
        var (alice, bob) = (await with.PhoneAsync(), await with.PhoneAsync());
        await using var peer = await with.OperatorAsync();
        await using var trunk = await with.TrunkAsync(peer, ("channelLimit", 1), ("inboundAddresses", new[] { peer.Address.Address.ToString() }));
        peer.Line.Dials(OperatorTown.DirectOf(alice), Town.Sip);
        await alice.SeesAsync("invite");
        alice.Answers();
        await peer.Line.SeesAsync("accepted");
        var first = peer.Line.Session!;
        peer.Line.Dials(OperatorTown.DirectOf(bob), Town.Sip);
        Assert.Equal("rejected 503 Q.850;cause=34", await peer.Line.SeesAsync("rejected"));
        first.End();
        await alice.SeesAsync("ended Bye");
        await RingsAsync(peer.Line, bob);
    }

    [Fact]
    public async Task A_trunk_that_is_switched_off_lets_nobody_in()
    {
        var alice = await with.PhoneAsync();
        await using var peer = await with.OperatorAsync();
        await using var trunk = await with.TrunkAsync(peer, ("enabled", false), ("inboundAddresses", new[] { peer.Address.Address.ToString() }));
        peer.Line.Dials(OperatorTown.DirectOf(alice), Town.Sip);
        await peer.Line.SeesAsync("rejected 407");
        await trunk.ChangeAsync("enabled", true);
        await RingsAsync(peer.Line, alice);
    }

    [Fact]
    public async Task A_withheld_number_is_masked_on_the_telephone_and_in_the_history()
    {
        var alice = await with.PhoneAsync();
        await using var peer = await with.OperatorAsync();
        await using var trunk = await with.TrunkAsync(peer, ("inboundAddresses", new[] { peer.Address.Address.ToString() }));
        peer.Line.Dials(OperatorTown.DirectOf(alice), Town.Sip, new SipHeader(SipHeaderName.Privacy, "id"), new SipHeader(SipHeaderName.PAssertedIdentity, "\"Paul Secret\" <sip:+33612345678@127.0.0.1>"));
        await alice.SeesAsync("invite anonymous");
        Assert.Equal("\"Anonymous\" <sip:anonymous@anonymous.invalid>", alice.Invited!.From.WithoutTag().Reveal());
        Assert.DoesNotContain("612345678", System.Text.Encoding.UTF8.GetString(alice.Invited.Bytes), StringComparison.Ordinal);
        alice.Refuses(486);
        await peer.Line.SeesAsync("rejected 486");
        Assert.Empty((await Town.Server.Administrator.GetAsync("/api/v1/calls")).EnumerateArray());
        await Town.Server.WrittenAsync();
        var call = (await Town.Server.Administrator.GetAsync("/api/v1/history?take=1")).GetProperty("calls")[0];
        Assert.Equal((OperatorTown.DirectOf(alice), "", ""), (call.Text("dialled"), call.Text("callerNumber"), call.Text("callerName")));
        Assert.DoesNotContain("612345678", call.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_colleague_is_shown_by_name_and_number_also_when_the_telephone_hides_them_outside()
    {
        var (alice, bob) = (await with.PhoneAsync(), await with.PhoneAsync());
        alice.Dials(bob.Number, Town.Sip, new SipHeader(SipHeaderName.Privacy, "id"));
        await bob.SeesAsync($"invite {alice.Number}");
        Assert.Equal($"Agent {alice.Number}", bob.Invited!.From.DisplayName);
        bob.Refuses(486);
        await alice.SeesAsync("rejected 486");
    }

    private async Task RingsAsync(Phone caller, Phone called)
    {
        caller.Dials(OperatorTown.DirectOf(called), Town.Sip);
        await called.SeesAsync($"invite {caller.Number}");
        called.Refuses(486);
        await caller.SeesAsync("rejected 486");
    }
}
