// SPDX-License-Identifier: EUPL-1.2
using Microsoft.Extensions.Logging;

namespace Beffroi.Calls;

/// <summary>Event ids 3000 to 3099.</summary>
internal static partial class CallLog
{
    [LoggerMessage(3000, LogLevel.Error, "Call {Call} broke at {Message} and was cleared.")]
    public static partial void CallBroke(ILogger log, Exception broken, Guid call, string message);

    [LoggerMessage(3001, LogLevel.Error, "The application {Application} of call {Call} broke; the call was cleared.")]
    public static partial void ScriptBroke(ILogger log, Exception broken, Guid call, string application);
}
