// SPDX-License-Identifier: EUPL-1.2
using Beffroi.TestKit.Peers;

namespace Beffroi.Scenarios;

/// <summary>Two people who talk while something else happens to their server.</summary>
internal sealed class OngoingCall(Baresip alice, Baresip bob)
{
    private const double Low = 440, High = 1000;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1);

    /// <summary>The first two of the town, with sound.</summary>
    internal static async Task<OngoingCall> BeginAsync(Town town)
    {
        var (alice, bob) = (await town.BaresipAsync(0, Low), await town.BaresipAsync(1, High));
        await alice.DialsAsync(town.Accounts[1].Extension);
        await bob.RingsAsync();
        await bob.AnswersAsync();
        await alice.TalksAsync();
        return new OngoingCall(alice, bob);
    }

    /// <summary>Each still hears the other, and hanging up ends it for both.</summary>
    internal async Task GoesOnAsync()
    {
        await bob.HearsAsync(Low, Enough);
        await alice.HearsAsync(High, Enough);
        await alice.HangsUpAsync();
        await bob.SeesTheEndAsync();
    }
}
