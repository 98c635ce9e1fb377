// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Scenarios.Peers;
using Beffroi.TestKit.Peers;
using Xunit;

namespace Beffroi.Scenarios;

/// <summary>Calls between real phones of the town, with the sound of both directions heard.</summary>
[Collection(nameof(RealPeers))]
public sealed class InternalCallTests
{
    private const double Low = 440, High = 1000, Third = 1600;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("PCMA", PhoneTransport.Udp)]
    [InlineData("G722", PhoneTransport.Udp)]
    [InlineData("PCMA", PhoneTransport.Tcp)]
    [InlineData("PCMA", PhoneTransport.Tls)]
    public async Task Two_phones_hear_each_other(string codec, PhoneTransport transport)
    {
        await using var town = await Town.OpenAsync();
        var alice = await town.BaresipAsync(0, Low, transport, codec);
        var bob = await town.BaresipAsync(1, High, transport, codec);
        await SpeakAsync(town, alice, bob, 1);
    }

    [Theory]
    [InlineData("PCMA", "PCMA", PhoneTransport.Tls)]
    [InlineData("G722", "G722", PhoneTransport.Tcp)]
    [InlineData("G722", "PCMA", PhoneTransport.Udp)]
    [InlineData("PCMU", "PCMA", PhoneTransport.Tcp)]
    public async Task Baresip_and_linphone_hear_each_other_even_without_a_common_codec(string caller, string called, PhoneTransport linphone)
    {
        await using var town = await Town.OpenAsync();
        var alice = await town.BaresipAsync(0, Low, PhoneTransport.Udp, caller);
        var bob = await town.LinphoneAsync(1, High, linphone, called);
        await SpeakAsync(town, alice, bob, 1);
    }

    [Fact]
    public async Task A_phone_on_hold_hears_the_carillon_and_then_its_partner_again()
    {
        await using var town = await Town.OpenAsync();
        var alice = await town.BaresipAsync(0, Low);
        var bob = await town.BaresipAsync(1, High);
        await ConnectAsync(town, alice, bob, 1);
        await bob.HearsAsync(Low, Enough);
        await alice.HoldsAsync();
        await bob.HearsOtherThanAsync(Low, Enough);
        await alice.ResumesAsync();
        await alice.HearsAsync(High, Enough);
        await bob.HangsUpAsync();
        await alice.SeesTheEndAsync();
    }

    [Fact]
    public async Task A_blind_transfer_connects_the_partner_with_a_third()
    {
        await using var town = await Town.OpenAsync();
        var alice = await town.BaresipAsync(0, Low);
        var bob = await town.BaresipAsync(1, High);
        var carol = await town.BaresipAsync(2, Third);
        await ConnectAsync(town, alice, bob, 1);
        await bob.TransfersAsync(town.Accounts[2].Extension);
        await carol.RingsAsync();
        await carol.AnswersAsync();
        await carol.TalksAsync();
        await carol.HearsAsync(Low, Enough);
        await alice.HearsAsync(Third, Enough);
        await alice.HangsUpAsync();
        await carol.SeesTheEndAsync();
    }

    [Fact]
    public async Task An_attended_transfer_connects_the_partner_with_whom_was_asked_first()
    {
        await using var town = await Town.OpenAsync();
        var alice = await town.BaresipAsync(0, Low);
        var bob = await town.LinphoneAsync(1, High);
        var carol = await town.BaresipAsync(2, Third);
        await ConnectAsync(town, alice, bob, 1);
        await bob.HoldsAsync();
        await bob.DialsAsync(town.Accounts[2].Extension);
        await carol.RingsAsync();
        await carol.AnswersAsync();
        await carol.TalksAsync();
        await carol.HearsAsync(High, Enough);
        await bob.TransfersToCallAsync(1, 2);
        await carol.HearsAsync(Low, Enough);
        await alice.HearsAsync(Third, Enough);
        await carol.HangsUpAsync();
        await alice.SeesTheEndAsync();
    }

    [Fact]
    public async Task A_caller_who_gives_up_stops_the_ringing()
    {
        await using var town = await Town.OpenAsync();
        var alice = await town.BaresipAsync(0, Low);
        var bob = await town.BaresipAsync(1, High);
        await alice.DialsAsync(town.Accounts[1].Extension);
        await bob.RingsAsync();
        await alice.HangsUpAsync();
        await bob.SeesTheEndAsync();
    }

    [Fact]
    public async Task A_number_that_is_not_there_is_refused()
    {
        await using var town = await Town.OpenAsync();
        var alice = await town.BaresipAsync(0, Low);
        await alice.DialsAsync("8999");
        Assert.Matches("^(404|484) ", await alice.SeesTheEndWithAsync());
    }

    [Fact]
    public async Task The_server_keeps_its_registrations_through_a_restart()
    {
        await using var town = await Town.OpenAsync();
        var alice = await town.BaresipAsync(0, Low);
        var bob = await town.BaresipAsync(1, High);
        await town.RestartAsync();
        await SpeakAsync(town, alice, bob, 1);
    }

    private static async Task SpeakAsync(Town town, SoftPhone caller, SoftPhone called, int calledPerson)
    {
        await ConnectAsync(town, caller, called, calledPerson);
        await called.HearsAsync(caller.Tone, Enough);
        await caller.HearsAsync(called.Tone, Enough);
        await caller.HangsUpAsync();
        await called.SeesTheEndAsync();
    }

    private static async Task ConnectAsync(Town town, SoftPhone caller, SoftPhone called, int calledPerson)
    {
        await caller.DialsAsync(town.Accounts[calledPerson].Extension);
        await called.RingsAsync();
        await caller.HearsRingingAsync();
        await called.AnswersAsync();
        await caller.TalksAsync();
        await called.TalksAsync();
    }
}
