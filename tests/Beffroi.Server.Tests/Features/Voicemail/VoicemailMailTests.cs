// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using System.Text;
using Beffroi.Media.Codecs;
using Beffroi.Server.Features.Voicemail;
using Beffroi.Server.Features.Voicemail.Mail;
using Beffroi.Server.Platform.Storage;
using Beffroi.Server.Tests.Features.DialPlan;
using Beffroi.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Beffroi.Server.Tests.Features.Voicemail;

public sealed class VoicemailMailTests
{
    [Fact]
    public async Task A_mail_with_the_sound_waits_for_its_server_and_is_sent_once()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();                                                     // the mail server is away at first
        await using var hall = await TownHall.OpenAsync("--Smtp:Host=127.0.0.1", $"--Smtp:Port={port}", "--Smtp:Tls=false", "--Smtp:From=beffroi@saint-aubin.example");
        var box = Guid.Parse((await hall.Admin.PostAsync("/api/v1/voicemail/boxes",
            new { organisationId = hall.Town, number = "1001", email = "anne@saint-aubin.example", emailSound = true })).Id());
        await LeavesAsync(hall, box);
        var keeper = hall.Server.App.Services.GetServices<IHostedService>().OfType<VoicemailKeeper>().Single();
        await keeper.SendDueAsync(default);
        Assert.Equal(1, (await WaitingAsync(hall)).Attempts);

        using var server = new TcpListener(IPAddress.Loopback, port);
        server.Start();
        var received = ReceiveAsync(server);
        await keeper.SendDueAsync(default);                                  // not due yet
        Assert.Equal(1, (await WaitingAsync(hall)).Attempts);
        hall.Clock.Advance(VoicemailKeeper.Wait(0));
        await keeper.SendDueAsync(default);
        var letter = await received.WaitAsync(TestTimeouts.InProcess);
        Assert.Contains("To: anne@saint-aubin.example", letter, StringComparison.Ordinal);
        Assert.Contains("audio/wav", letter, StringComparison.Ordinal);
        Assert.Contains("UklGR", letter, StringComparison.Ordinal);          // "RIFF" in base64
        await using var db = await hall.Server.Service<Store>().ReadAsync(default);
        Assert.False(await db.Set<VoicemailMail>().AnyAsync());
    }

    [Fact]
    public void A_mail_is_tried_for_about_a_day()
    {
        var whole = Enumerable.Range(0, VoicemailKeeper.MostAttempts - 1).Sum(attempt => VoicemailKeeper.Wait(attempt).TotalHours);
        Assert.InRange(whole, 20, 30);
    }

    private static async Task LeavesAsync(TownHall hall, Guid box)
    {
        var message = new VoicemailMessage(Guid.CreateVersion7(), box, TownHall.Monday, "+33639980000", "", 1, false);
        var path = Path.Combine(hall.Server.Folder, "voicemail", "recording", $"{message.Id:N}.wav");
        WavFile.Write(path, new short[8000], 8000);
        await hall.Server.Service<VoicemailStore>().DepositAsync(message, path, default);
    }

    private static async Task<VoicemailMail> WaitingAsync(TownHall hall)
    {
        await using var db = await hall.Server.Service<Store>().ReadAsync(default);
        return await db.Set<VoicemailMail>().SingleAsync();
    }

    /// <summary>A mail server of one mail: RFC 5321 as far as one client needs it.</summary>
    private static async Task<string> ReceiveAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        await using var writer = new StreamWriter(client.GetStream(), Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
        var letter = new StringBuilder();
        await writer.WriteLineAsync("220 test");
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("QUIT", StringComparison.Ordinal)) break;
            await writer.WriteLineAsync(line.StartsWith("DATA", StringComparison.Ordinal) ? "354 go" : "250 ok");
            if (!line.StartsWith("DATA", StringComparison.Ordinal)) continue;
            while (await reader.ReadLineAsync() is { } text && text != ".") letter.AppendLine(text);
            await writer.WriteLineAsync("250 kept");
            break;
        }

        return letter.ToString();
    }
}
