// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Http;

namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>Reads numbers and destinations that administrators type, and says what is wrong with them.</summary>
public static class DestinationCheck
{
    /// <summary>The destination with its number in canonical form; the field's error is added when it cannot be used.</summary>
    public static Destination Read(FieldErrors errors, string field, Destination? given, NumberingPlan plan)
    {
        if (given is not { } destination || destination.Kind == DestinationKind.None) return Destination.Nowhere;
        var target = destination.Target ?? "";
        switch (destination.Kind)
        {
            case DestinationKind.Outside:
                var fault = plan.Normalise(target, out var number);
                errors.Check(field, fault == NumberFault.None, $"is not a telephone number: {fault}");
                return fault == NumberFault.None ? destination with { Target = number.Number.Reveal() } : destination;
            case DestinationKind.Announcement:
                errors.Check(field, IsPromptName(target), "must name a prompt: letters, digits and hyphens");
                return destination;
            default:
                errors.Check(field, target.Length is > 0 and <= 15 && target.All(char.IsAsciiDigit), "must be an internal number of 1 to 15 digits");
                return destination;
        }
    }

    /// <summary>Prompt names are file names: lower-case letters, digits, hyphens; at most 60.</summary>
    public static bool IsPromptName(string? name) => name is { Length: > 0 and <= 60 } && name.All(c => c is >= 'a' and <= 'z' or >= '0' and <= '9' or '-');
}
