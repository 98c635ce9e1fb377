// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;

namespace Beffroi.Load;

/// <summary>What to measure and how much, from the command line.</summary>
public sealed record LoadPlan
{
    public const string Help = """
        bench/load/run [--full] [--only=idle,calls,register,memory,relay] [--of=beffroi,kamailio,rtpengine]
                       [--users=N] [--rate=CALLS_PER_S] [--seconds=N] [--register-rate=N] [--relay-calls=N,N]
        """;

    public IReadOnlySet<string> Only { get; private init; } = new HashSet<string> { "idle", "calls", "register", "memory", "relay" };

    public IReadOnlySet<string> Of { get; private init; } = new HashSet<string> { "beffroi", "kamailio", "rtpengine" };

    /// <summary>Registered users; half of them call the other half.</summary>
    public int Users { get; private init; } = 1000;

    /// <summary>New calls per second.</summary>
    public double Rate { get; private init; } = 100;

    /// <summary>Length of each measurement, in seconds.</summary>
    public int Seconds { get; private init; } = 8;

    public double RegisterRate { get; private init; } = 500;

    public IReadOnlyList<int> RelayCalls { get; private init; } = [100];

    /// <summary>Null, with a sentence on standard error, when an argument is not understood.</summary>
    public static LoadPlan? Parse(IEnumerable<string> arguments)
    {
        var plan = new LoadPlan();
        foreach (var argument in arguments)
        {
            var (name, value) = argument.Split('=', 2) is [var first, var second] ? (first, second) : (argument, "");
            LoadPlan? next = name switch
            {
                "--full" => plan with { Users = 12_000, Rate = 500, Seconds = 60, RegisterRate = 2000, RelayCalls = [100, 400] },
                "--only" => plan with { Only = value.Split(',').ToHashSet() },
                "--of" => plan with { Of = value.Split(',').ToHashSet() },
                "--users" when Number(value) is { } number => plan with { Users = number },
                "--rate" when Number(value) is { } number => plan with { Rate = number },
                "--seconds" when Number(value) is { } number => plan with { Seconds = number },
                "--register-rate" when Number(value) is { } number => plan with { RegisterRate = number },
                "--relay-calls" => plan with { RelayCalls = [.. value.Split(',').Select(text => Number(text) ?? 100)] },
                _ => null,
            };
            if (next is null)
            {
                Console.Error.WriteLine($"Not understood: {argument}\n{Help}");
                return null;
            }
            plan = next;
        }
        return plan;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
