// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Configuration;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Settings of calls.</summary>
public sealed record CallControlOptions
{
    /// <summary><c>Calls:MaxDuration</c>: longest call in seconds, 60 to 86,400; default 14,400. Emergency calls have no limit.</summary>
    public required TimeSpan MaxDuration { get; init; }

    /// <summary><c>Calls:ParkSlots</c>: numbers of the park slots; default 80-99.</summary>
    public required int FirstParkSlot { get; init; }

    public required int LastParkSlot { get; init; }

    /// <summary><c>Calls:ParkTime</c>: a parked call goes back to whoever parked it after so many seconds, 10 to 3,600; default 180.</summary>
    public required TimeSpan ParkTime { get; init; }

    /// <summary><c>Calls:Language</c>: of announcements, fr or en; default fr.</summary>
    public required string Language { get; init; }

    public static CallControlOptions Read(Settings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var slots = settings.Range("Calls:ParkSlots", "80-99", 1, 9999);
        return new()
        {
            MaxDuration = settings.Seconds("Calls:MaxDuration", 14_400, 60, 86_400),
            FirstParkSlot = slots.First,
            LastParkSlot = slots.Last,
            ParkTime = settings.Seconds("Calls:ParkTime", 180, 10, 3_600),
            Language = settings.OneOf("Calls:Language", "fr", "fr", "en"),
        };
    }
}
