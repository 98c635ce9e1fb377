// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Sip.Messages;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>What a call out says to the operator, and which operator gets it.</summary>
public sealed class TrunkWireTests(OperatorTown with) : IClassFixture<OperatorTown>
{
    private CallingTown Town => with.Town;

    [Theory]
    [InlineData("e164", "+33199004567", "+33")]
    [InlineData("e164WithoutPlus", "33199004567", "33")]
    [InlineData("national", "0199004567", "0")]
    public async Task Numbers_are_written_as_the_operator_wants_them(string format, string called, string begins)
    {
        var alice = await with.PhoneAsync();
        await using var peer = await with.OperatorAsync();
        await using var trunk = await with.TrunkAsync(peer, ("numberFormat", format), ("domain", "town.example"));
        var invite = await GoesOutAsync(alice, "0199004567", peer);
        var own = $"{begins}{OperatorTown.DirectOf(alice)[1..]}";
        Assert.Equal($"sip:{called}@{peer.Address};transport=udp", invite.RequestUri!.Reveal());
        Assert.Equal($"<sip:{called}@town.example>", invite.To.WithoutTag().Reveal());
        Assert.Equal($"<sip:{own}@town.example>", invite.From.WithoutTag().Reveal());
        Assert.Equal($"<sip:{own}@town.example>", invite.Text(SipHeaderName.PAssertedIdentity));
        Assert.False(invite.Has(SipHeaderName.Privacy));
    }

    [Theory]
    [InlineData("#31#0199004567", false)]
    [InlineData("0199004567", true)]
    public async Task Who_hides_the_number_is_anonymous_and_known_to_the_operator_alone(string dialled, bool byTelephone)
    {
        var alice = await with.PhoneAsync();
        await using var peer = await with.OperatorAsync();
        await using var trunk = await with.TrunkAsync(peer);
        var invite = await GoesOutAsync(alice, dialled, peer, byTelephone ? [new SipHeader(SipHeaderName.Privacy, "id")] : []);
        Assert.Equal("\"Anonymous\" <sip:anonymous@anonymous.invalid>", invite.From.WithoutTag().Reveal());
        Assert.Equal("id", invite.Text(SipHeaderName.Privacy));
        Assert.Equal($"<sip:+33{OperatorTown.DirectOf(alice)[1..]}@{peer.Address.Address}>", invite.Text(SipHeaderName.PAssertedIdentity));
    }

    [Fact]
    public async Task A_telephone_that_hides_its_number_shows_it_to_those_who_help()
    {
        var alice = await with.PhoneAsync();
        await using var peer = await with.OperatorAsync();
        await using var trunk = await with.TrunkAsync(peer);
        var invite = await GoesOutAsync(alice, "112", peer, new SipHeader(SipHeaderName.Privacy, "id"));
        Assert.Equal($"+33{OperatorTown.DirectOf(alice)[1..]}", invite.From.Uri!.User);
        Assert.False(invite.Has(SipHeaderName.Privacy));
    }

    [Fact]
    public async Task The_codecs_of_the_trunk_are_offered_in_its_order()
    {
        var alice = await with.PhoneAsync();
        await using var peer = await with.OperatorAsync();
        await using var trunk = await with.TrunkAsync(peer, ("codecs", new[] { "G722", "PCMA" }));
        var invite = await GoesOutAsync(alice, "0199004567", peer);
        var audio = Encoding.ASCII.GetString(invite.Body).Split("\r\n").Single(l => l.StartsWith("m=audio", StringComparison.Ordinal)).Split(' ');
        Assert.Equal(["9", "8"], audio[3..5]);
        Assert.DoesNotContain("0", audio[3..]);                  // PCMU
    }

    [Fact]
    public async Task An_operator_that_asks_for_the_password_of_a_call_is_told_it()
    {
        var alice = await with.PhoneAsync();
        var account = OperatorTown.Account("town");
        await using var peer = await with.OperatorAsync(account, challengesCalls: true);
        await using var trunk = await with.TrunkAsync(peer, ("username", account.Username), ("secret", account.Password));
        var answered = await GoesOutAsync(alice, "0199004567", peer);
        Assert.Contains($"username=\"{account.Username}\"", answered.Text(SipHeaderName.ProxyAuthorization), StringComparison.Ordinal);
        await trunk.ChangeAsync("secret", "not the one");
        alice.Dials("0199004567", Town.Sip);
        await alice.SeesAsync("rejected 407");
    }

    [Fact]
    public async Task A_full_trunk_is_passed_over_for_the_next()
    {
        var (alice, bob) = (await with.PhoneAsync(), await with.PhoneAsync());
        await using var first = await with.OperatorAsync();
        await using var second = await with.OperatorAsync();
        await using var narrow = await with.TrunkAsync(first, ("order", 1), ("channelLimit", 1));
        await using var wide = await with.TrunkAsync(second, ("order", 2));
        alice.Dials("0199004567", Town.Sip);
        await first.Line.SeesAsync("invite");
        first.Line.Answers();
        await alice.SeesAsync("accepted");
        await GoesOutAsync(bob, "0199004568", second);
        alice.HangsUp();
        await first.Line.SeesAsync("ended Bye");
        await GoesOutAsync(bob, "0199004568", first);
    }

    [Fact]
    public async Task A_trunk_that_is_switched_off_carries_nothing()
    {
        var alice = await with.PhoneAsync();
        await using var first = await with.OperatorAsync();
        await using var second = await with.OperatorAsync();
        await using var off = await with.TrunkAsync(first, ("order", 1), ("enabled", false));
        await using (await with.TrunkAsync(second, ("order", 2))) await GoesOutAsync(alice, "0199004567", second);
        alice.Dials("0199004567", Town.Sip);
        await alice.SeesAsync("rejected 503");
        alice.Dials("112", Town.Sip);
        await alice.SeesAsync("rejected 503");
        Assert.False(first.HasHeard(SipMethod.Invite));
    }

    [Fact]
    public async Task An_emergency_call_tries_a_trunk_known_to_be_down_last_and_goes_there_when_the_other_refuses()
    {
        var alice = await with.PhoneAsync();
        await using var first = await with.OperatorAsync();
        await using var second = await with.OperatorAsync();
        await using var down = await with.TrunkAsync(first, ("order", 1), ("answerWithinSeconds", 0));
        await using var up = await with.TrunkAsync(second, ("order", 2));
        with.Trunks.Report(down.Id, new TrunkState(false, TrunkState.NoAnswer));
        alice.Dials("112", Town.Sip);
        await second.Line.SeesAsync("invite");
        Assert.False(first.HasHeard(SipMethod.Invite));
        second.Line.Refuses(404);
        await first.Line.SeesAsync("invite");
        first.Line.Answers();
        await alice.SeesAsync("accepted");
        alice.HangsUp();
        await first.Line.SeesAsync("ended Bye");
    }

    [Fact]
    public async Task An_emergency_call_leaves_a_silent_operator_soon_even_where_the_trunk_has_no_limit()
    {
        var alice = await with.PhoneAsync();
        await using var alive = await with.OperatorAsync();
        using var silent = new System.Net.Sockets.UdpClient(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(with.NextAddress()), 0));
        var deaf = (System.Net.IPEndPoint)silent.Client.LocalEndPoint!;
        await using var first = await with.TrunkAsync(alive, ("name", "deaf"), ("host", deaf.Address.ToString()), ("port", deaf.Port), ("order", 1), ("answerWithinSeconds", 0));
        await using var second = await with.TrunkAsync(alive, ("order", 2));
        alice.Dials("112", Town.Sip);
        await alive.Line.SeesAsync("invite");                    // within TestTimeouts.Network: timer B alone would be 32 s
        alive.Line.Answers();
        await alice.SeesAsync("accepted");
        alice.HangsUp();
        await alive.Line.SeesAsync("ended Bye");
    }

    [Fact]
    public async Task A_trunk_by_tls_is_asked_and_called_over_tls_and_an_operator_that_is_another_is_not()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("beffroi-operator-");
        try
        {
            var certificate = Path.Combine(folder.FullName, "operator.pem");
            await using var peer = await Operator.StartTlsAsync(with.NextAddress(), certificate);
            await using var stranger = await Operator.StartTlsAsync(with.NextAddress(), Path.Combine(folder.FullName, "stranger.pem"));
            await using var town = await CallingTown.OpenAsync($"--Sip:Tls:TrustedRoots={certificate}");
            var alice = await OperatorTown.PhoneAsync(town, 1);
            await using var first = await OperatorTown.TrunkAsync(town, stranger, ("transport", "tls"), ("order", 1));
            await using var second = await OperatorTown.TrunkAsync(town, peer, ("transport", "tls"), ("order", 2), ("optionsPingSeconds", 10));
            await peer.HearsAsync(SipMethod.Options);
            alice.Dials("0199004567", town.Sip);
            await peer.Line.SeesAsync("invite");
            Assert.StartsWith("SIP/2.0/TLS ", peer.Line.Invited!.Text(SipHeaderName.Via), StringComparison.Ordinal);
            peer.Line.Answers();
            await alice.SeesAsync("accepted");
            await alice.SpeaksToAsync(peer.Line);
            alice.HangsUp();
            await peer.Line.SeesAsync("ended Bye");
            Assert.False(stranger.HasHeard(SipMethod.Invite));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<SipMessage> GoesOutAsync(Phone caller, string dialled, Operator by, params SipHeader[] headers)
    {
        caller.Dials(dialled, Town.Sip, headers);
        await by.Line.SeesAsync("invite");
        var invite = by.Line.Invited!;
        by.Line.Refuses(486);
        await caller.SeesAsync("rejected 486");
        return invite;
    }
}
