// SPDX-License-Identifier: EUPL-1.2
using Microsoft.Extensions.Logging;

namespace Beffroi.Media.Streams;

internal static partial class MediaLog
{
    [LoggerMessage(3001, LogLevel.Error, "A media thread met a bug; one packet or command is lost.")]
    internal static partial void Broke(ILogger log, Exception broken);

    [LoggerMessage(3002, LogLevel.Warning, "No media port: the range is used up ({InUse} in use, {InQuarantine} in quarantine).")]
    internal static partial void NoPort(ILogger log, int inUse, int inQuarantine);

    [LoggerMessage(3003, LogLevel.Error, "A media socket cannot be opened (errno {Error}). Check Media:Address and the limit of open files.")]
    internal static partial void NoSocket(ILogger log, int error);

    [LoggerMessage(3004, LogLevel.Warning, "A recording cannot be written: {Problem}")]
    internal static partial void RecordingFailed(ILogger log, string problem);

    [LoggerMessage(3005, LogLevel.Warning, "A sound cannot be played in {Encoding}; it is taken as finished.")]
    internal static partial void NotPlayable(ILogger log, string encoding);

    [LoggerMessage(3006, LogLevel.Error, "The writer of recordings met a bug.")]
    internal static partial void WriterBroke(ILogger log, Exception broken);
}
