// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media;

/// <summary>What the leg's peer says, written to a mono 16-bit WAV file.</summary>
public sealed record RecordingOptions
{
    /// <summary>File to make; an existing one is replaced. Its folder must exist.</summary>
    public required string Path { get; init; }

    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Silence (below about -45 dBm0, or no packets) that ends the recording; zero: none does.</summary>
    public TimeSpan SilenceEnd { get; init; }

    /// <summary>Keys that end the recording, e.g. "#"; they are told by OnDigit too.</summary>
    public string StopKeys { get; init; } = "";
}

public enum RecordingEnd : byte { Stopped, LegClosed, MaxDuration, Silence, StopKey, NoCodec, WriteFailed }

/// <summary>How a recording ended.</summary>
/// <param name="Duration">Length of the sound in the file.</param>
/// <param name="Lost">Sound that the disk was too slow to take: it is missing from the file.</param>
/// <param name="Failure">What the file system said, for <see cref="RecordingEnd.WriteFailed"/> (disk full, no such folder). The file then holds what was written before, or is absent.</param>
public sealed record RecordingResult(string Path, RecordingEnd End, TimeSpan Duration, long Bytes, char? StopKey, TimeSpan Lost, string? Failure);
