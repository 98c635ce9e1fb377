// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;

namespace Beffroi.Soak;

/// <summary>How long, how much and how rough, from the command line.</summary>
public sealed record SoakPlan
{
    public const string Help = """
        bench/soak/run [--minutes N] [--rate CALLS_PER_S] [--users N] [--loss PERCENT] [--twice PERCENT] [--seed N] [--only KIND,KIND]
        """;

    /// <summary>How long calls are begun; what still goes on then is waited for.</summary>
    public TimeSpan Length { get; init; } = TimeSpan.FromMinutes(60);

    /// <summary>Calls begun per second; some make two or three.</summary>
    public double Rate { get; init; } = 50;

    /// <summary>Registered telephones; 0: 40 per call and second, which no mix of calls exhausts.</summary>
    public int Users { get; init; }

    /// <summary>Percent of SIP and RTP packets that are lost, each way.</summary>
    public double Loss { get; init; } = 2;

    /// <summary>Percent of SIP and RTP packets that come twice.</summary>
    public double Twice { get; init; } = 1;

    /// <summary>The same seed makes the same choices; times differ.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Kinds of calls to make; empty: all, in their usual shares.</summary>
    public IReadOnlySet<string> Only { get; init; } = new HashSet<string>();

    public int Telephones => Users > 0 ? Users : Math.Max(60, (int)(40 * Rate));

    /// <summary>Hunt groups of two telephones, boxes of telephones that are always busy, and telephones by TCP and by TLS, each beside the others.</summary>
    public const int Groups = 16, Boxes = 16, ByConnection = 20;

    /// <summary>All accounts: direct numbers are given to 3,900 of them.</summary>
    public int Accounts => Telephones + (2 * Groups) + Boxes + (2 * ByConnection);

    /// <summary>Null, with a sentence on standard error, when an argument is not understood.</summary>
    public static SoakPlan? Parse(IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var plan = new SoakPlan();
        for (var at = 0; at < arguments.Count; at++)
        {
            var (name, value) = arguments[at].Split('=', 2) is [var first, var second] ? (first, second) : (arguments[at], at + 1 < arguments.Count ? arguments[++at] : "");
            SoakPlan? next = name switch
            {
                "--minutes" when Number(value) is { } number => plan with { Length = TimeSpan.FromMinutes(number) },
                "--rate" when Number(value) is { } number => plan with { Rate = number },
                "--users" when Number(value) is { } number => plan with { Users = (int)number },
                "--loss" when Number(value) is { } number => plan with { Loss = number },
                "--twice" when Number(value) is { } number => plan with { Twice = number },
                "--seed" when Number(value) is { } number => plan with { Seed = (int)number },
                "--only" => plan with { Only = value.Split(',').ToHashSet() },
                _ => null,
            };
            if (next is null)
            {
                Console.Error.WriteLine($"Not understood: {arguments[at]}\n{Help}");
                return null;
            }
            plan = next;
        }
        return plan;
    }

    private static double? Number(string text) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
