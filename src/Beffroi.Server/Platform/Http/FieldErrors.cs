// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using Beffroi.Calls;

namespace Beffroi.Server.Platform.Http;

/// <summary>Gathers everything that is wrong with a request, so that its author mends it once.</summary>
/// <example><c>if (new FieldErrors().Text("name", request.Name, 80).Check(...).Refused(out var refusal)) return refusal;</c></example>
public sealed class FieldErrors
{
    private readonly SortedDictionary<string, List<string>> _errors = new(StringComparer.Ordinal);

    /// <summary>A text that must be there, of at most <paramref name="most"/> characters, without control characters.</summary>
    public FieldErrors Text(string field, [NotNull] string? value, int most, bool required = true)
    {
        value ??= "";
        if (required && string.IsNullOrWhiteSpace(value)) return Add(field, "is missing");
        if (value.Length > most) return Add(field, $"is longer than {most} characters");
        return Check(field, !value.Any(char.IsControl), "holds a control character");
    }

    /// <summary>Digits, with <c>*</c> and <c>#</c> when <paramref name="featureCodes"/>.</summary>
    public FieldErrors Digits(string field, string? value, int most, bool featureCodes = false)
    {
        value ??= "";
        return Check(field, value.Length > 0 && value.Length <= most && value.All(c => char.IsAsciiDigit(c) || (featureCodes && c is '*' or '#')),
            $"must be 1 to {most} digits{(featureCodes ? ", * or #" : "")}");
    }

    /// <summary>A number within bounds.</summary>
    public FieldErrors Range(string field, int value, int least, int most) =>
        Check(field, value >= least && value <= most, $"must be from {least} to {most}");

    /// <summary>Adds <paramref name="wrong"/> ("must be ...", "is ...") unless <paramref name="holds"/>.</summary>
    public FieldErrors Check(string field, bool holds, string wrong) => holds ? this : Add(field, wrong);

    public FieldErrors Add(string field, string wrong)
    {
        if (!_errors.TryGetValue(field, out var list)) _errors[field] = list = [];
        list.Add(wrong);
        return this;
    }

    public bool Any => _errors.Count > 0;

    /// <summary>True with the refusal when anything was wrong.</summary>
    /// <param name="code">The stable code; <c>request.invalid</c> unless the feature has a better one.</param>
    public bool Refused([NotNullWhen(true)] out Refusal? refusal, string code = "request.invalid", string detail = "See errors for what to change.")
    {
        refusal = !Any ? null : new Refusal(code, RefusalKind.Invalid, 400, detail) { Errors = _errors.ToDictionary(e => e.Key, e => e.Value.ToArray()) };
        return refusal is not null;
    }
}
