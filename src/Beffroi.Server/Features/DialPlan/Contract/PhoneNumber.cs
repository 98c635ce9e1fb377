// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>A telephone number in its one canonical form: E.164 with its plus sign ("+33199001000"), or the digits of an internal or short number ("1001", "15").
/// Logs see it masked; only <see cref="Reveal"/> shows it.</summary>
/// <remarks>Threading: an immutable value.</remarks>
[JsonConverter(typeof(PhoneNumberJson))]
public readonly struct PhoneNumber : IEquatable<PhoneNumber>
{
    /// <summary>Longest text kept: 15 digits of E.164 and the plus, with room for feature codes that carry a number.</summary>
    public const int MaxLength = 32;

    private static readonly SearchValues<char> Signs = SearchValues.Create("0123456789*#");
    private readonly string? _text;

    private PhoneNumber(string text) => _text = text;

    public static PhoneNumber None => default;

    public bool IsEmpty => string.IsNullOrEmpty(_text);

    /// <summary>True for a number of the public network in international form.</summary>
    public bool IsE164 => _text is { Length: > 1 } && _text[0] == '+';

    /// <summary>The digits, for the wire, the store and the screens of those who may see them.</summary>
    public string Reveal() => _text ?? "";

    /// <summary>Takes a text that is canonical already: an optional leading plus, then digits, '*' or '#'. Nothing is normalised here (see <see cref="NumberingPlan"/>).</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PhoneNumber number)
    {
        number = default;
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength) return false;
        var digits = text[0] == '+' ? text.AsSpan(1) : text.AsSpan();
        if (digits.IsEmpty || digits.ContainsAnyExcept(Signs)) return false;
        if (text[0] == '+' && digits.ContainsAny('*', '#')) return false;
        number = new PhoneNumber(text);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, for texts the program itself wrote (the store, tests).</summary>
    /// <exception cref="FormatException">The text is no canonical number.</exception>
    public static PhoneNumber Of(string text) => TryParse(text, out var number) ? number : throw new FormatException("Not a canonical telephone number.");

    /// <summary>Masked: enough to tell a mobile abroad from an extension, not enough to call it.</summary>
    public override string ToString() => _text switch
    {
        null or "" => "-",
        { Length: <= 6 } => string.Concat(_text.AsSpan(0, 1), "•••"),
        _ => string.Concat(_text.AsSpan(0, _text.Length - 6), "••••••"),
    };

    public bool Equals(PhoneNumber other) => string.Equals(_text ?? "", other._text ?? "", StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is PhoneNumber other && Equals(other);

    public override int GetHashCode() => string.GetHashCode(_text ?? "", StringComparison.Ordinal);

    public static bool operator ==(PhoneNumber left, PhoneNumber right) => left.Equals(right);

    public static bool operator !=(PhoneNumber left, PhoneNumber right) => !left.Equals(right);
}

/// <summary>A number is a string in JSON; an empty string or null is no number.</summary>
internal sealed class PhoneNumberJson : JsonConverter<PhoneNumber>
{
    public override bool HandleNull => true;

    public override PhoneNumber Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.Null ? null : reader.GetString();
        if (string.IsNullOrEmpty(text)) return PhoneNumber.None;
        return PhoneNumber.TryParse(text, out var number) ? number : throw new JsonException("Not a telephone number in canonical form.");
    }

    public override void Write(Utf8JsonWriter writer, PhoneNumber value, JsonSerializerOptions options) => writer.WriteStringValue(value.Reveal());
}
