// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Emergency;

/// <summary>Writes each emergency call down and tells those on watch. Calls never wait for it; a store that is away is tried again.</summary>
/// <remarks>Threading: one loop, the only reader of <see cref="EmergencyBook.Calls"/>.</remarks>
internal sealed partial class EmergencyWatch(EmergencyBook emergency, Store store, TimeProvider time, ILogger<EmergencyWatch> log) : BackgroundService
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var call in emergency.Calls.ReadAllAsync(stoppingToken))
        {
            Called(log, call.Number, call.CallId);
            while (!(await WriteAsync(call, stoppingToken)).Succeeded(out _, out var refusal))
            {
                if (refusal.Code != StoreFaults.Unavailable.Code) break;
                await Task.Delay(Again, time, stoppingToken);
            }
        }
    }

    private Task<Outcome<Done>> WriteAsync(EmergencyCall call, CancellationToken stop) => store.ChangeAsync<Done>(Caller.Itself("emergency"), change =>
    {
        var alert = new EmergencyAlert(call.CallId, call.At, call.Number, call.Extension, call.Name, call.Organisation, call.Site, call.Presented, null, "");
        change.Db.Add(alert);
        change.Audit("emergency.called", call.CallId, call.Number, null, alert);
        return Task.FromResult<Outcome<Done>>(default(Done));
    }, stop);

    [LoggerMessage(5200, LogLevel.Warning, "Emergency call to {Number}: {Call}.")]
    private static partial void Called(ILogger log, string number, Guid call);
}
