// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Bench.Relay;

// dotnet run -c Release --project bench/relay -- relay [calls] [seconds]     G.711 both ways at 50 packets/s, engine and generator in processes of their own
// dotnet run -c Release --project bench/relay -- floor [calls] [seconds]     the same load on bare system calls
// dotnet run -c Release --project bench/relay -- legs [count]                CPU per leg made and closed, memory per leg
var number = (int index, int otherwise) => args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : otherwise;
switch (args.FirstOrDefault())
{
    case "engine":
        EngineProcess.Run(number(1, 100));
        return 0;
    case "floor-engine":
        FloorProcess.Run(number(1, 100));
        return 0;
    case "relay":
        RelayLoad.Run("engine", number(1, 100), TimeSpan.FromSeconds(number(2, 8)));
        return 0;
    case "floor":
        RelayLoad.Run("floor-engine", number(1, 100), TimeSpan.FromSeconds(number(2, 8)));
        return 0;
    case "legs":
        LegCost.Run(number(1, 20_000));
        return 0;
    default:
        Console.Error.WriteLine("relay [calls] [seconds] | floor [calls] [seconds] | legs [count]");
        return 2;
}
