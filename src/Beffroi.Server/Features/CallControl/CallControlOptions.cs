// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Configuration;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Settings of calls.</summary>
public sealed record CallControlOptions
{
    /// <summary><c>Calls:MaxDuration</c>: longest call in seconds, 60 to 86,400; default 14,400. Emergency calls have no limit.</summary>
    public required TimeSpan MaxDuration { get; init; }

    /// <summary><c>Calls:Language</c>: of announcements, fr or en; default fr.</summary>
    public required string Language { get; init; }

    /// <summary><c>Calls:StopPatience</c>: how long a stopping server waits for calls to end, in seconds, 0 to 3,600; default 5.</summary>
    public required TimeSpan StopPatience { get; init; }

    public static CallControlOptions Read(Settings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new()
        {
            MaxDuration = settings.Seconds("Calls:MaxDuration", 14_400, 60, 86_400),
            Language = settings.OneOf("Calls:Language", "fr", "fr", "en"),
            StopPatience = settings.Seconds("Calls:StopPatience", 5, 0, 3_600),
        };
    }
}
