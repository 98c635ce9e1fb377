// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>The old PBX of a town that moves, on the wire: behind a prefix out, by internal numbers in.</summary>
public sealed class TiePrefixTests(OperatorTown with) : IClassFixture<OperatorTown>
{
    private CallingTown Town => with.Town;

    [Fact]
    public async Task A_prefix_leads_to_the_old_pbx_alone_which_sees_who_calls_by_name_and_internal_number()
    {
        var alice = await with.PhoneAsync();
        await using var old = await with.OperatorAsync();
        await using var operatorPeer = await with.OperatorAsync();
        await using var first = await with.TrunkAsync(operatorPeer, ("order", 1));
        await using var tie = await with.TrunkAsync(old, ("order", 2));
        await using var prefix = await PrefixAsync("8", tie);
        alice.Dials("82345", Town.Sip);
        await old.Line.SeesAsync("invite");
        var invite = old.Line.Invited!;
        Assert.Equal("2345", invite.RequestUri!.User);
        Assert.Equal($"\"Agent {alice.Number}\" <sip:{alice.Number}@{old.Address.Address}>", invite.From.WithoutTag().Reveal());
        Assert.Equal(invite.From.WithoutTag().Reveal(), invite.Text(SipHeaderName.PAssertedIdentity));
        old.Line.Answers();
        await alice.SeesAsync("accepted");
        await alice.SpeaksToAsync(old.Line);
        await old.Line.SpeaksToAsync(alice);
        alice.HangsUp();
        await old.Line.SeesAsync("ended Bye");

        alice.Dials("82346", Town.Sip);
        await old.Line.SeesAsync("invite");
        old.Line.Refuses(503);
        await alice.SeesAsync("rejected 503");
        Assert.False(operatorPeer.HasHeard(SipMethod.Invite));
    }

    [Fact]
    public async Task Who_forwards_behind_the_prefix_is_named_there_by_the_internal_number()
    {
        var (alice, bob) = (await with.PhoneAsync(), await with.PhoneAsync());
        await using var old = await with.OperatorAsync();
        await using var tie = await with.TrunkAsync(old);
        await using var prefix = await PrefixAsync("7", tie);
        Assert.True(Town.Server.Service<Server.Features.Directory.Contract.IDirectory>().Current.TryExtension(bob.Number, out var extension));
        await Town.Server.Administrator.PutAsync($"/api/v1/forwardings/{extension.Id}", new { immediate = "72345" });
        alice.Dials(bob.Number, Town.Sip);
        await old.Line.SeesAsync("invite");
        Assert.Contains($"<sip:{bob.Number}@", old.Line.Invited!.Text("Diversion"), StringComparison.Ordinal);
        Assert.Equal(bob.Number, old.Line.Invited.From.Uri!.User);
        old.Line.Refuses(486);
        await alice.SeesAsync("rejected 486");
    }

    [Fact]
    public async Task The_old_pbx_calls_an_extension_which_sees_its_callers_number_and_name_and_goes_nowhere_else()
    {
        var alice = await with.PhoneAsync();
        await using var old = await with.OperatorAsync();
        await using var tie = await with.TrunkAsync(old, ("inboundAddresses", new[] { old.Address.Address.ToString() }), ("internalFor", Town.Organisation));
        await using var prefix = await PrefixAsync("6", tie);
        old.Line.Dials(alice.Number, Town.Sip, new SipHeader(SipHeaderName.PAssertedIdentity, "\"Paul Ancien\" <sip:2345@pbx.example>"));
        await alice.SeesAsync("invite 2345");
        Assert.Equal(("2345", "Paul Ancien"), (alice.Invited!.From.Uri!.User, alice.Invited.From.DisplayName));
        alice.Answers();
        await old.Line.SeesAsync("accepted");
        await old.Line.SpeaksToAsync(alice);
        await alice.SpeaksToAsync(old.Line);
        alice.HangsUp();
        await old.Line.SeesAsync("ended Bye");

        foreach (var fraud in new[] { "00639980000", "62345", "*21*0639980000#" })
        {
            old.Line.Dials(fraud, Town.Sip);
            await old.Line.SeesAsync("rejected 404");
        }

        Assert.False(old.HasHeard(SipMethod.Invite));
        await tie.ChangeAsync("internalFor", null!);
        old.Line.Dials(alice.Number, Town.Sip);
        await old.Line.SeesAsync("rejected 404");
    }

    private async Task<Removable> PrefixAsync(string prefix, TrunkInUse trunk) => new(Town.Server.Administrator, (await Town.Server.Administrator.PostAsync(
        "/api/v1/dial-plan/prefixes", new { organisationId = Town.Organisation, prefix, minDigits = 4, maxDigits = 4, strip = 1, trunk = trunk.Id, label = "Ancien" })).Id());

    /// <summary>A prefix that is there for one test.</summary>
    private sealed class Removable(Api api, string id) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await api.DeleteAsync($"/api/v1/dial-plan/prefixes/{id}");
    }
}
