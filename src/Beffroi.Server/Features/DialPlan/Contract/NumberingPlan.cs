// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>The French public numbering plan (ARCEP decision 2018-0881 as amended by 2022-1583), read from data, and the ways in which people and networks write its numbers.</summary>
/// <remarks>Threading: immutable. Nothing here throws on what somebody dialled.</remarks>
public sealed class NumberingPlan
{
    private const int NationalLength = 10;
    private const int MaxE164Digits = 15;
    private const int MinForeignDigits = 7;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
    private readonly DigitTree<NumberRange> _ranges = new();
    private readonly HashSet<string> _overseas;

    public NumberingPlan(IReadOnlyList<NumberRange> ranges)
    {
        foreach (var range in ranges)
            if (!_ranges.Set(range.Prefix, range)) throw new FormatException($"Numbering plan: the prefix '{range.Prefix}' is given twice or is not made of digits.");
        _overseas = [.. ranges.Where(r => r.Country is not "" and not "33").Select(r => r.Country)];
        Ranges = ranges;
    }

    /// <summary>The plan shipped with the server.</summary>
    public static NumberingPlan French { get; } = Load();

    public IReadOnlyList<NumberRange> Ranges { get; }

    /// <summary>Understands what a person dialled or an administrator typed: 01 99 00 10 00, +33 (0)1 99…, 0033…, 00 44…, 3631, 118712. Separators are ignored.</summary>
    public NumberFault Normalise(string? dialled, out CanonicalNumber number)
    {
        number = default;
        Span<char> digits = stackalloc char[PhoneNumber.MaxLength];
        var fault = Clean(dialled, digits, out var length, out var plus);
        if (fault != NumberFault.None) return fault;
        ReadOnlySpan<char> text = digits[..length];
        if (plus) return International(text, out number);
        return text.StartsWith("00") ? International(text[2..], out number) : National(text, out number);
    }

    /// <summary>Understands what an operator sends in a Request-URI or a P-Asserted-Identity: as <see cref="Normalise"/>, and also 33199001000 and 199001000.</summary>
    public NumberFault NormaliseFromNetwork(string? text, out CanonicalNumber number)
    {
        var fault = Normalise(text, out number);
        if (fault == NumberFault.None && number.Number.IsE164) return fault;
        if (text is { Length: 11 or 12 } && (text.StartsWith("33", StringComparison.Ordinal) || _overseas.Contains(text[..3])) && Normalise("+" + text, out var complete) == NumberFault.None)
        {
            number = complete;
            return NumberFault.None;
        }
        if (text is { Length: 9 } && text[0] is >= '1' and <= '9' && Normalise("0" + text, out complete) == NumberFault.None)
        {
            number = complete;
            return NumberFault.None;
        }
        return fault;
    }

    /// <summary>Writes a number for a trunk or a screen; short and internal numbers stay as they are.</summary>
    public string Write(PhoneNumber number, NumberFormat format)
    {
        var text = number.Reveal();
        if (!number.IsE164) return text;
        return format switch
        {
            NumberFormat.E164 => text,
            NumberFormat.E164WithoutPlus => text[1..],
            NumberFormat.International00 => string.Concat("00", text.AsSpan(1)),
            _ => NationalDigits(text) ?? string.Concat("00", text.AsSpan(1)),
        };
    }

    /// <summary>As French people write it: "01 99 00 10 00"; foreign and short numbers unchanged.</summary>
    public string Display(PhoneNumber number)
    {
        var text = number.Reveal();
        if (!number.IsE164 || NationalDigits(text) is not { Length: NationalLength } national) return text;
        return string.Join(' ', Enumerable.Range(0, NationalLength / 2).Select(pair => national.Substring(2 * pair, 2)));
    }

    /// <summary>The class of a canonical number.</summary>
    public NumberClass ClassOf(PhoneNumber number) => Normalise(number.Reveal(), out var canonical) == NumberFault.None ? canonical.Class : NumberClass.Unknown;

    private static NumberFault Clean(string? dialled, Span<char> digits, out int length, out bool plus)
    {
        (length, plus) = (0, false);
        if (string.IsNullOrWhiteSpace(dialled)) return NumberFault.Empty;
        if (dialled.Length > 2 * PhoneNumber.MaxLength) return NumberFault.TooLong;
        foreach (var sign in dialled)
        {
            if (sign is ' ' or '.' or '-' or '(' or ')' or '/' or '\u00A0' or '\u202F') continue;
            if (sign == '+' && length == 0 && !plus) { plus = true; continue; }
            if (!char.IsAsciiDigit(sign)) return NumberFault.NotDigits;
            if (length == digits.Length) return NumberFault.TooLong;
            digits[length++] = sign;
        }
        return length == 0 ? NumberFault.Empty : NumberFault.None;
    }

    private NumberFault International(ReadOnlySpan<char> digits, out CanonicalNumber number)
    {
        number = default;
        foreach (var codeLength in (ReadOnlySpan<int>)[2, 3])
        {
            if (digits.Length < codeLength || !IsFrench(digits[..codeLength])) continue;
            var rest = digits[codeLength..];
            if (rest.Length == NationalLength && rest[0] == '0') rest = rest[1..];          // +33 (0)1 …: written so on half of all letterheads
            Span<char> national = stackalloc char[PhoneNumber.MaxLength];
            if (rest.Length + 1 > national.Length) return NumberFault.TooLong;
            national[0] = '0';
            rest.CopyTo(national[1..]);
            return National(national[..(rest.Length + 1)], out number);
        }
        if (digits.Length > MaxE164Digits) return NumberFault.TooLong;
        if (digits.Length < MinForeignDigits) return NumberFault.TooShort;
        if (digits[0] == '0') return NumberFault.NotAssigned;
        number = new CanonicalNumber(PhoneNumber.Of($"+{digits}"), NumberClass.International, null);
        return NumberFault.None;
    }

    private bool IsFrench(ReadOnlySpan<char> code) => code is "33" || _overseas.GetAlternateLookup<ReadOnlySpan<char>>().Contains(code);

    private NumberFault National(ReadOnlySpan<char> digits, out CanonicalNumber number)
    {
        number = default;
        if (!_ranges.TryLongest(digits, out var range, out _)) return digits.Length < 3 ? NumberFault.TooShort : NumberFault.NotAssigned;
        if (digits.Length < range.Length) return NumberFault.TooShort;
        if (digits.Length > range.Length) return NumberFault.TooLong;
        var canonical = range.Country.Length == 0 ? digits.ToString() : $"+{range.Country}{digits[1..]}";
        number = new CanonicalNumber(PhoneNumber.Of(canonical), range.Class, range);
        return NumberFault.None;
    }

    private string? NationalDigits(string e164)
    {
        if (e164.StartsWith("+33", StringComparison.Ordinal)) return string.Concat("0", e164.AsSpan(3));
        return e164.Length > 4 && _overseas.Contains(e164[1..4]) ? string.Concat("0", e164.AsSpan(4)) : null;
    }

    private static NumberingPlan Load()
    {
        using var stream = typeof(NumberingPlan).Assembly.GetManifestResourceStream("Beffroi.Server.Features.DialPlan.numbering-plan.json")
            ?? throw new InvalidOperationException("numbering-plan.json is not embedded in the server.");
        return new NumberingPlan(JsonSerializer.Deserialize<List<NumberRange>>(stream, Json) ?? []);
    }
}
