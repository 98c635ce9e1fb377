// SPDX-License-Identifier: EUPL-1.2
// dotnet run -c Release --project bench/micro/Beffroi.Bench.Micro -- --filter '*' [--job short]
using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
