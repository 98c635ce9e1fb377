// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>Trunks kept alive: registration with an operator, its calls in by it, and OPTIONS. The server's time is moved by hand.</summary>
public sealed class TrunkAgentTests : IAsyncLifetime
{
    private static readonly DigestCredentials Account = OperatorTown.Account("0199001000");
    private readonly ManualTime _time = new();
    private CallingTown _town = null!;

    public async Task InitializeAsync() => _town = await CallingTown.OpenAsync(_time);

    /// <summary>An operator that is gone already is waited for a moment when a registration is taken back.</summary>
    public async Task DisposeAsync()
    {
        var closing = _town.DisposeAsync().AsTask();
        await UntilAsync(() => closing.IsCompleted, _ => _time.Advance(TimeSpan.FromSeconds(1)));
        await closing;
    }

    [Fact]
    public async Task A_trunk_registers_is_refreshed_tries_again_after_a_failure_and_is_taken_back_when_it_is_switched_off()
    {
        await using var peer = await Operator.StartAsync("127.0.2.1", account: Account);
        await using var trunk = await RegisteringAsync(peer);
        var first = await NextAsync(peer);
        Assert.Equal("600", first.Text(SipHeaderName.Expires));
        Assert.Equal(Account.Username, first.To.Uri!.User);

        await UntilAsync(() => peer.Contact is not null);
        await UntilAsync(() => peer.Line.Transport.Counters.Dropped(SipDropReason.KeepAlive) > 0, _ => _time.Advance(TimeSpan.FromSeconds(5)));     // the way stays open through a NAT
        var refreshed = await NextAsync(peer, _ => _time.Advance(TimeSpan.FromSeconds(20)));
        Assert.Equal(first.CallId, refreshed.CallId);
        Assert.True(refreshed.CSeqNumber > first.CSeqNumber);
        Assert.Equal(first.Addresses(SipHeaderName.Contact)[0].UriText, refreshed.Addresses(SipHeaderName.Contact)[0].UriText);

        peer.Refusal = 503;
        await UntilAsync(trunk, isUp: false, _ => _time.Advance(TimeSpan.FromSeconds(20)));
        peer.Refusal = 0;
        await UntilAsync(trunk, isUp: true, _ => _time.Advance(TimeSpan.FromSeconds(5)));
        Assert.NotNull(peer.Contact);

        await trunk.ChangeAsync("enabled", false);
        await UntilAsync(() => peer.Contact is null);
    }

    [Fact]
    public async Task An_operator_that_wants_longer_registrations_gets_one_and_it_is_taken_back_when_the_server_stops()
    {
        await using var peer = await Operator.StartAsync("127.0.2.2", account: Account, least: 1800);
        await RegisteringAsync(peer);
        await UntilAsync(() => peer.Contact is not null);
        Assert.Equal("1800", (await NextAsync(peer, until: r => r.Text(SipHeaderName.Expires) == "1800")).Text(SipHeaderName.Expires));
        await _town.Server.App.StopAsync();
        Assert.Null(peer.Contact);
    }

    [Fact]
    public async Task A_call_to_the_contact_of_a_registration_comes_in_from_any_address_and_the_number_is_found_where_the_operator_wrote_it()
    {
        var (alice, bob) = (await OperatorTown.PhoneAsync(_town, 1), await OperatorTown.PhoneAsync(_town, 2));
        await using var peer = await Operator.StartAsync("127.0.2.3", account: Account);
        await using var trunk = await RegisteringAsync(peer);
        await UntilAsync(trunk, isUp: true);
        await using var elsewhere = await Phone.StartAsync("0612345678", "127.0.2.4");
        var contact = peer.Contact!;

        await RingsAsync(elsewhere, contact, OperatorTown.DirectOf(alice), alice);
        await RingsAsync(elsewhere, contact, "0612000000", bob, new SipHeader(SipHeaderName.Other, $"<sip:+33{OperatorTown.DirectOf(bob)[1..]}@operator.example>", "P-Called-Party-ID"));
        await RingsAsync(elsewhere, contact.With(user: OperatorTown.DirectOf(alice)), "0612000000", alice);

        var mark = contact.Parameter("line")!;
        Assert.Equal(32, mark.Length);
        elsewhere.Calls(contact.WithoutParameter("line").WithParameter("line", new string('0', mark.Length)), OperatorTown.At(_town, OperatorTown.DirectOf(alice)), null);
        await elsewhere.SeesAsync("rejected 407");
        await trunk.ChangeAsync("enabled", false);
        elsewhere.Calls(contact, OperatorTown.At(_town, OperatorTown.DirectOf(alice)), null);
        await elsewhere.SeesAsync("rejected 407");
    }

    [Fact]
    public async Task While_a_trunk_is_registered_calls_from_its_registrar_come_in_whatever_they_call()
    {
        var alice = await OperatorTown.PhoneAsync(_town, 1);
        await using var peer = await Operator.StartAsync("127.0.2.5", account: Account);
        peer.Refusal = 403;
        await using var trunk = await RegisteringAsync(peer);
        await UntilAsync(trunk, isUp: false);
        peer.Line.Dials(OperatorTown.DirectOf(alice), _town.Sip);
        await peer.Line.SeesAsync("rejected 407");

        peer.Refusal = 0;
        await UntilAsync(trunk, isUp: true, _ => _time.Advance(TimeSpan.FromSeconds(5)));
        await RingsAsync(peer.Line, OperatorTown.At(_town, OperatorTown.DirectOf(alice)), OperatorTown.DirectOf(alice), alice);
        await RingsAsync(peer.Line, OperatorTown.At(_town, Account.Username), OperatorTown.DirectOf(alice), alice);
    }

    [Fact]
    public async Task A_registered_trunk_whose_calls_must_prove_themselves_is_believed_by_neither_contact_nor_address()
    {
        var alice = await OperatorTown.PhoneAsync(_town, 1);
        await using var peer = await Operator.StartAsync("127.0.2.6", account: Account);
        await using var trunk = await RegisteringAsync(peer, ("inboundDigest", true));
        await UntilAsync(trunk, isUp: true);
        peer.Line.Calls(peer.Contact!, OperatorTown.At(_town, OperatorTown.DirectOf(alice)), null);
        await peer.Line.SeesAsync("rejected 407");
        peer.Line.Credentials = Account;
        await RingsAsync(peer.Line, peer.Contact!, OperatorTown.DirectOf(alice), alice);
    }

    [Fact]
    public async Task A_trunk_that_falls_silent_to_options_is_passed_over_until_it_speaks_again()
    {
        var alice = await OperatorTown.PhoneAsync(_town, 1);
        await using var first = await Operator.StartAsync("127.0.2.7");
        await using var second = await Operator.StartAsync("127.0.2.8");
        await using var watched = await OperatorTown.TrunkAsync(_town, first, ("order", 1), ("optionsPingSeconds", 10));
        await using var other = await OperatorTown.TrunkAsync(_town, second, ("order", 2));
        await first.HearsAsync(SipMethod.Options);
        await GoesOutAsync(alice, first);
        first.IsSilent = true;
        await UntilAsync(watched, isUp: false, _ => _time.Advance(TimeSpan.FromSeconds(5)));
        await GoesOutAsync(alice, second);
        Assert.False(first.HasHeard(SipMethod.Invite));
        first.IsSilent = false;
        await UntilAsync(watched, isUp: true, _ => _time.Advance(TimeSpan.FromSeconds(5)));
        await GoesOutAsync(alice, first);
    }

    [Fact]
    public async Task What_was_seen_of_a_trunk_is_forgotten_when_it_is_changed()
    {
        await using var peer = await Operator.StartAsync("127.0.2.9");
        await using var trunk = await OperatorTown.TrunkAsync(_town, peer, ("optionsPingSeconds", 10));
        peer.Refusal = 503;
        await UntilAsync(trunk, isUp: false, _ => _time.Advance(TimeSpan.FromSeconds(5)));
        await trunk.ChangeAsync("optionsPingSeconds", 0);        // nothing would ever say that it is up again
        await UntilAsync(() => _town.Server.Service<ITrunks>().StateOf(trunk.Id) == TrunkState.Unknown);
    }

    private Task<TrunkInUse> RegisteringAsync(Operator peer, params (string Name, object Value)[] settings) =>
        OperatorTown.TrunkAsync(_town, peer, [("kind", "registering"), ("username", Account.Username), ("secret", Account.Password), .. settings]);

    private async Task GoesOutAsync(Phone caller, Operator by)
    {
        caller.Dials("0199004567", _town.Sip);
        await by.HearsAsync(SipMethod.Invite);
        await by.Line.SeesAsync("invite");
        by.Line.Refuses(486);
        await caller.SeesAsync("rejected 486");
    }

    private static async Task RingsAsync(Phone caller, SipUri target, string to, Phone called, params SipHeader[] headers)
    {
        caller.Calls(target, SipUri.Of(to, "127.0.0.1"), null, headers);
        await called.SeesAsync("invite");
        called.Refuses(486);
        await caller.SeesAsync("rejected 486");
    }

    /// <summary>The next REGISTER with credentials, or the one wanted; the clock is moved while none comes.</summary>
    private static async Task<SipMessage> NextAsync(Operator peer, Action<int>? meanwhile = null, Func<SipMessage, bool>? until = null)
    {
        while (true)
        {
            await UntilAsync(() => peer.HasHeard(SipMethod.Register), meanwhile);
            var register = await peer.HearsAsync(SipMethod.Register);
            if (until?.Invoke(register) ?? register.Has(SipHeaderName.Authorization)) return register;
        }
    }

    private Task UntilAsync(TrunkInUse trunk, bool isUp, Action<int>? meanwhile = null) =>
        UntilAsync(() => _town.Server.Service<ITrunks>().StateOf(trunk.Id) is var state && state.IsUp == isUp && state != TrunkState.Unknown, meanwhile);

    private static async Task UntilAsync(Func<bool> seen, Action<int>? meanwhile = null)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        for (var round = 0; !seen(); round++)
        {
            meanwhile?.Invoke(round);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        }
    }
}
