// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Codecs;

/// <summary>What a caller hears while a call is being set up, as in France: 440 Hz in the rhythms of ITU-T E.180 (supplement 2). Each is one period, to be played in a loop.</summary>
public static class CallProgressTones
{
    private const double Frequency = 440;

    /// <summary>It rings: 1.5 s on, 3.5 s off.</summary>
    public static AudioClip Ringback { get; } = Tone(1500, 3500);

    /// <summary>Busy: 0.5 s on, 0.5 s off.</summary>
    public static AudioClip Busy { get; } = Tone(500, 500);

    /// <summary>Congestion: 0.25 s on, 0.25 s off.</summary>
    public static AudioClip Congestion { get; } = Tone(250, 250);

    private static AudioClip Tone(int onMs, int offMs) =>
        AudioClip.Tone(Frequency, TimeSpan.FromMilliseconds(onMs), dbm0: -15, silenceAfter: TimeSpan.FromMilliseconds(offMs));
}
