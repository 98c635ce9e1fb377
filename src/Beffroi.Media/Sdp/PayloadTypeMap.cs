// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Globalization;

namespace Beffroi.Media.Sdp;

/// <summary>Gives payload type numbers within one m-line: no number twice, and none that meant another codec earlier in the session (RFC 3264 §8.3.2).</summary>
internal sealed class PayloadTypeMap(ImmutableArray<RtpFormat> former)
{
    private readonly HashSet<int> _used = [];
    private readonly Dictionary<int, int> _renumbered = [];

    /// <summary>The same formats in our numbering; one that finds no number is left out. References in fmtp lines (apt, RFC 4588) follow.</summary>
    internal ImmutableArray<RtpFormat> Number(IEnumerable<RtpFormat> formats)
    {
        var numbered = ImmutableArray.CreateBuilder<RtpFormat>();
        foreach (var format in formats)
        {
            var number = Choose(format);
            if (number < 0) continue;
            _used.Add(number);
            _renumbered.TryAdd(format.PayloadType, number);
            numbered.Add(format with { PayloadType = number });
        }
        return [.. numbered.Select(format => format with { FormatParameters = FollowApt(format.FormatParameters, _renumbered) })];
    }

    /// <summary>What the number of the other side became here; null when that format was left out.</summary>
    internal int? Renumbered(int payloadType) => _renumbered.TryGetValue(payloadType, out var number) ? number : null;

    /// <summary><c>apt=96</c> says which payload type a retransmission belongs to: RFC 4588 §8.1.</summary>
    internal static string? FollowApt(string? parameters, Dictionary<int, int> numbers) =>
        AptOf(parameters) is { } apt && numbers.TryGetValue(apt, out var number) && number != apt
            ? parameters!.Replace(string.Create(CultureInfo.InvariantCulture, $"apt={apt}"), string.Create(CultureInfo.InvariantCulture, $"apt={number}"), StringComparison.OrdinalIgnoreCase)
            : parameters;

    internal static int? AptOf(string? parameters)
    {
        foreach (var part in (parameters ?? "").Split(';', StringSplitOptions.TrimEntries))
        {
            if (part.StartsWith("apt=", StringComparison.OrdinalIgnoreCase) && int.TryParse(part.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var apt)) return apt;
        }
        return null;
    }

    private int Choose(RtpFormat format)
    {
        var before = former.FirstOrDefault(f => !_used.Contains(f.PayloadType) && f.HasSameEncodingAs(format)
            && (f.FormatParameters == format.FormatParameters || !FormatMatch.DependsOnParameters(format)));
        if (before is not null) return before.PayloadType;
        if (IsFree(format.PayloadType)) return format.PayloadType;
        var fixedNumber = StaticPayloadTypes.NumberOf(format);
        if (fixedNumber >= 0 && IsFree(fixedNumber)) return fixedNumber;
        for (var number = StaticPayloadTypes.FirstDynamic; number <= StaticPayloadTypes.Last; number++)
            if (IsFree(number)) return number;
        for (var number = 35; number < 64; number++)                    // RFC 5761 §4: free for dynamic use once 96-127 are taken
            if (IsFree(number)) return number;
        return -1;
    }

    private bool IsFree(int number) => number is >= 0 and <= StaticPayloadTypes.Last && !_used.Contains(number) && former.All(f => f.PayloadType != number);
}
