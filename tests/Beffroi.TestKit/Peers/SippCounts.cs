// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;

namespace Beffroi.TestKit.Peers;

/// <summary>Calls that went well and calls that failed, from the last line of SIPp's statistics file (-trace_stat).</summary>
public readonly record struct SippCounts(int Successful, int Failed)
{
    /// <summary>Zeros when the file is not there: SIPp ended before it wrote one.</summary>
    public static SippCounts Read(string path)
    {
        if (!File.Exists(path)) return default;
        var lines = File.ReadAllLines(path);
        if (lines.Length < 2) return default;
        var names = lines[0].Split(';').ToList();
        var values = lines[^1].Split(';');
        return new SippCounts(Of("SuccessfulCall(C)"), Of("FailedCall(C)"));

        int Of(string name) => names.IndexOf(name) is >= 0 and var index && int.TryParse(values[index], CultureInfo.InvariantCulture, out var value) ? value : 0;
    }
}
