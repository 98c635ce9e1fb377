// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Globalization;

namespace Beffroi.Media.Sdp;

/// <summary>Gives payload type numbers within one m-line: no number twice, and none that meant another codec earlier in the session (RFC 3264 §8.3.2).</summary>
internal sealed class PayloadTypeMap(ImmutableArray<RtpFormat> former)
{
    private readonly List<(int From, int To)> _numbers = new(8);
    private UInt128 _used;                      // one bit per payload type

    /// <summary>The same formats in our numbering; one that finds no number is left out. References in fmtp lines (apt, RFC 4588) follow.</summary>
    internal ImmutableArray<RtpFormat> Number(IEnumerable<RtpFormat> formats)
    {
        var numbered = ImmutableArray.CreateBuilder<RtpFormat>();
        foreach (var format in formats)
        {
            var number = Choose(format);
            if (number < 0) continue;
            _used |= UInt128.One << number;
            _numbers.Add((format.PayloadType, number));
            numbered.Add(format.PayloadType == number ? format : format with { PayloadType = number });
        }
        for (var i = 0; i < numbered.Count; i++)
            if (FollowApt(numbered[i].FormatParameters, Renumbered) is var parameters && parameters != numbered[i].FormatParameters) numbered[i] = numbered[i] with { FormatParameters = parameters };
        return numbered.DrainToImmutable();
    }

    /// <summary>What the number of the other side became here; null when that format was left out.</summary>
    internal int? Renumbered(int payloadType)
    {
        foreach (var (from, to) in _numbers)
            if (from == payloadType) return to;
        return null;
    }

    /// <summary><c>apt=96</c> says which payload type a retransmission belongs to: RFC 4588 §8.1.</summary>
    internal static string? FollowApt(string? parameters, Func<int, int?> renumbered) =>
        AptOf(parameters) is { } apt && renumbered(apt) is { } number && number != apt
            ? parameters!.Replace(string.Create(CultureInfo.InvariantCulture, $"apt={apt}"), string.Create(CultureInfo.InvariantCulture, $"apt={number}"), StringComparison.OrdinalIgnoreCase)
            : parameters;

    internal static int? AptOf(string? parameters)
    {
        if (parameters is null) return null;
        foreach (var range in parameters.AsSpan().Split(';'))
        {
            var part = parameters.AsSpan(range).Trim();
            if (part.StartsWith("apt=", StringComparison.OrdinalIgnoreCase) && int.TryParse(part[4..], NumberStyles.None, CultureInfo.InvariantCulture, out var apt)) return apt;
        }
        return null;
    }

    private int Choose(RtpFormat format)
    {
        var before = former.FirstOrDefault(f => !IsUsed(f.PayloadType) && f.HasSameEncodingAs(format)
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

    private bool IsUsed(int number) => (_used & (UInt128.One << number)) != 0;

    private bool IsFree(int number) => number is >= 0 and <= StaticPayloadTypes.Last && !IsUsed(number) && former.All(f => f.PayloadType != number);
}
