// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>The installation's set of feature codes. Immutable.</summary>
public sealed class FeatureCodes
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
    private readonly FeatureCode[] _byPrecision;

    public FeatureCodes(IEnumerable<FeatureCode> codes)
    {
        All = [.. codes];
        // The longest fixed part wins; at equal length the code without an argument: "*8" alone is the group's pickup.
        _byPrecision = [.. All.OrderByDescending(c => c.Prefix.Length).ThenBy(c => c.HasArgument)];
    }

    /// <summary>What French users expect, GSM codes included; an installation may replace each.</summary>
    public static FeatureCodes Default { get; } = Load();

    public IReadOnlyList<FeatureCode> All { get; }

    /// <summary>The code that <paramref name="dialled"/> is, and the argument dialled with it (empty if none).</summary>
    public bool TryMatch(string dialled, out FeatureCode code, out string argument)
    {
        foreach (var candidate in _byPrecision)
        {
            if (!candidate.Matches(dialled, out var found)) continue;
            (code, argument) = (candidate, found.ToString());
            return true;
        }
        (code, argument) = (null!, "");
        return false;
    }

    /// <summary>The digits to dial for an action without argument, for instructions on screens and in prompts.</summary>
    public string? CodeOf(FeatureAction action) => All.FirstOrDefault(c => c.Action == action && !c.HasArgument)?.Pattern;

    private static FeatureCodes Load()
    {
        using var stream = typeof(FeatureCodes).Assembly.GetManifestResourceStream("Beffroi.Server.Features.DialPlan.feature-codes.json")
            ?? throw new InvalidOperationException("feature-codes.json is not embedded in the server.");
        return new FeatureCodes(JsonSerializer.Deserialize<List<FeatureCode>>(stream, Json) ?? []);
    }
}
