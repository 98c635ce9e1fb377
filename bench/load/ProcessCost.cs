// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;

namespace Beffroi.Load;

/// <summary>What a server has cost until now: it and its children, as the kernel counts them.</summary>
/// <param name="Cpu">utime + stime; the kernel counts in steps of 10 ms per process.</param>
/// <param name="Memory">Bytes: proportional set size, so that memory shared among the processes of one server counts once.</param>
public readonly record struct ProcessCost(TimeSpan Cpu, long Memory)
{
    private const double TicksPerSecond = 100;

    public static ProcessCost Of(int process)
    {
        var cpu = 0.0;
        var memory = 0L;
        foreach (var id in Family(process))
        {
            if (Stat(id) is { } fields) cpu += (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
            memory += ProportionalSize(id);
        }
        return new ProcessCost(TimeSpan.FromSeconds(cpu), memory);
    }

    private static IEnumerable<int> Family(int process)
    {
        yield return process;
        var name = process.ToString(CultureInfo.InvariantCulture);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && Stat(id) is { } fields && fields[1] == name) yield return id;
    }

    /// <summary>Fields of /proc/PID/stat after the name: state, parent, ... utime at 11, stime at 12.</summary>
    private static string[]? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException) { return null; }
    }

    private static long ProportionalSize(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/smaps_rollup").FirstOrDefault(one => one.StartsWith("Pss:", StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException) { return 0; }
    }
}
