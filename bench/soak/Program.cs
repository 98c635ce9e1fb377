// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Soak;

/// <summary>The long run. Ends with 0 when everything was given back and memory was flat, 1 when not, 2 when it was asked wrongly.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (SoakPlan.Parse(arguments) is not { } plan) return 2;
        var outcome = await new SoakRun(plan, Console.Out).RunAsync();
        Console.WriteLine(outcome.Report);
        return outcome.IsGood ? 0 : 1;
    }
}
