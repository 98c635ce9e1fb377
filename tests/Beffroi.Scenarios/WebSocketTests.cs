// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Scenarios.Peers;
using Beffroi.TestKit.Peers;
using Xunit;

namespace Beffroi.Scenarios;

/// <summary>A phone over WebSocket (RFC 7118) at the web address of the town.</summary>
[Collection(nameof(RealPeers))]
public sealed class WebSocketTests
{
    private const double Low = 440, High = 1000;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_phone_over_WebSocket_registers_calls_and_is_called()
    {
        await using var town = await Town.OpenAsync();
        await using var browser = await WebSocketPhone.StartAsync(new Uri($"ws://127.0.0.1:{town.WebPort}/sip"), town.Account(town.Accounts[0]), Low);
        await browser.RegistersAsync();
        var desk = await town.BaresipAsync(1, High);

        var dials = browser.DialsAsync(town.Accounts[1].Extension);
        await desk.RingsAsync();
        await browser.HearsRingingAsync();
        await desk.AnswersAsync();
        await dials;
        await desk.TalksAsync();
        await desk.HearsAsync(Low, Enough);
        await browser.HearsAsync(High, Enough);
        await browser.HangsUpAsync();
        await desk.SeesTheEndAsync();

        await desk.DialsAsync(town.Accounts[0].Extension);
        await browser.RingsAsync();
        await desk.HearsRingingAsync();
        await browser.AnswersAsync();
        await browser.TalksAsync();
        await desk.TalksAsync();
        await browser.HearsMoreAsync(High, Enough);
        await desk.HearsAsync(Low, Enough);
        await desk.HangsUpAsync();
        await browser.SeesTheEndAsync();
    }
}
