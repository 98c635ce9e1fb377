// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Mail;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Features.Voicemail.Mail;

/// <summary>What voicemail does in the background: takes in messages that waited for the store, sends mail, forgets old messages.</summary>
/// <remarks>Threading: one loop. No call ever waits for it.</remarks>
internal sealed partial class VoicemailKeeper(
    VoicemailStore messages, VoicemailBook boxes, Store store, MailOptions options, VoicemailZone zone, TimeProvider time, ILogger<VoicemailKeeper> log) : BackgroundService
{
    internal const int MostAttempts = 20;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(10), Retention = TimeSpan.FromHours(1), FirstWait = TimeSpan.FromMinutes(1), LongestWait = TimeSpan.FromHours(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var forgotten = DateTimeOffset.MinValue;
        using var timer = new PeriodicTimer(Round, time);
        do
        {
            try
            {
                await messages.TakeInLeftAsync(stoppingToken);
                await messages.TakeInWaitingAsync(stoppingToken);
                await SendDueAsync(stoppingToken);
                if (time.GetUtcNow() - forgotten < Retention) continue;
                forgotten = time.GetUtcNow();
                await messages.ForgetOldAsync(forgotten, stoppingToken);
            }
            catch (Exception fault) when (StoreFaults.IsAway(fault))
            {
                Waits(log, fault.Message);
            }
            catch (Exception broken) when (broken is not OperationCanceledException)
            {
                Broke(log, broken);         // one bad round: the loop goes on, and so do calls
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Sends what is due; what fails is tried again later, at most <see cref="MostAttempts"/> times in about a day.</summary>
    internal async Task SendDueAsync(CancellationToken stop)
    {
        if (!options.IsOn) return;
        var now = time.GetUtcNow();
        List<VoicemailMail> due;
        await using (var db = await store.ReadAsync(stop)) due = await db.Set<VoicemailMail>().Where(m => m.NextTryAt <= now).OrderBy(m => m.NextTryAt).Take(20).ToListAsync(stop);
        foreach (var mail in due)
        {
            var problem = await TrySendAsync(mail, stop);
            await store.ChangeAsync<Done>(Caller.Itself("voicemail mail"), change =>
            {
                if (problem is null || mail.Attempts + 1 >= MostAttempts) change.Db.Remove(mail);
                else change.Replace(mail, mail with { Attempts = mail.Attempts + 1, NextTryAt = change.Now + Wait(mail.Attempts) });
                return Task.FromResult<Outcome<Done>>(default(Done));
            }, stop);
            if (problem is not null) NotSent(log, mail.Id, mail.Attempts + 1, problem);
        }
    }

    internal static TimeSpan Wait(int attempts)
    {
        var wait = FirstWait * Math.Pow(2, Math.Min(attempts, 10));
        return wait < LongestWait ? wait : LongestWait;
    }

    private async Task<string?> TrySendAsync(VoicemailMail mail, CancellationToken stop)
    {
        if (boxes.Pages.GetValueOrDefault(mail.BoxId) is not { Email.Length: > 0 } box || await messages.FindAsync(mail.Id, stop) is not { } message) return null;
        try
        {
            using var letter = VoicemailLetter.Write(box, message, box.EmailSound ? await messages.SoundAsync(mail.Id, stop) : null, options.From, zone.Zone);
            using var server = new SmtpClient(options.Host, options.Port) { EnableSsl = options.Tls, Timeout = 30_000 };
            if (options.User.Length > 0) server.Credentials = new NetworkCredential(options.User, options.Password);
            await server.SendMailAsync(letter, stop);
            return null;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return fault.InnerException?.Message ?? fault.Message;
        }
    }

    [LoggerMessage(5300, LogLevel.Warning, "The mail about voicemail message {Message} was not sent (attempt {Attempt}): {Problem}")]
    private static partial void NotSent(ILogger log, Guid message, int attempt, string problem);

    [LoggerMessage(5302, LogLevel.Error, "Voicemail's keeper met what it does not know; it goes on in ten seconds.")]
    private static partial void Broke(ILogger log, Exception broken);

    [LoggerMessage(5301, LogLevel.Warning, "Voicemail waits for the store: {Problem}")]
    private static partial void Waits(ILogger log, string problem);
}

/// <summary>The zone in which voicemail says and writes times.</summary>
internal sealed record VoicemailZone(TimeZoneInfo Zone);
