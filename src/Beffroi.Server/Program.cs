// SPDX-License-Identifier: EUPL-1.2
using System.Net.Sockets;
using Beffroi.Server.Features.Audit;
using Beffroi.Server.Features.Calendars;
using Beffroi.Server.Features.CallControl;
using Beffroi.Server.Features.Demo;
using Beffroi.Server.Features.DialPlan;
using Beffroi.Server.Features.DirectNumbers;
using Beffroi.Server.Features.Directory;
using Beffroi.Server.Features.Emergency;
using Beffroi.Server.Features.Forwarding;
using Beffroi.Server.Features.History;
using Beffroi.Server.Features.HuntGroups;
using Beffroi.Server.Features.Me;
using Beffroi.Server.Features.Prompts;
using Beffroi.Server.Features.Registration;
using Beffroi.Server.Features.Trunks;
using Beffroi.Server.Features.Voicemail;
using Beffroi.Server.Features.WelcomeMessage;
using Beffroi.Server.Platform.CommandLine;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Live;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Server.Platform.Storage;
using Microsoft.AspNetCore.Connections;

namespace Beffroi.Server;

/// <summary>The table of contents: what the server is made of, in the order in which it is plugged in.</summary>
public static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (Commands.IsCommand(args)) return await Commands.RunAsync(args, Console.Out, Console.Error);
        try
        {
            await using var app = Build(args);
            ListenTrial.Run(app.Services);
            await PrepareAsync(app);
            await app.StartAsync();
            await app.WelcomeAsync(Console.Out);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception wrong) when (Sentence(wrong) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            return 2;
        }
    }

    /// <summary>What the person who starts the server must change; null for a defect, which is told with its stack.</summary>
    private static string? Sentence(Exception wrong) => wrong switch
    {
        SettingsException => wrong.Message,
        IOException { InnerException: AddressInUseException } => $"{wrong.Message} Change Urls or Sip:Listen, or stop the program that uses the address.",
        SocketException => $"An address of Urls or Sip:Listen cannot be opened ({wrong.Message}): change it.",
        UnauthorizedAccessException or DirectoryNotFoundException or FileNotFoundException => $"{wrong.Message.ReplaceLineEndings(" ")} Correct the setting that names it, or the rights of this user.",
        _ => null,
    };

    /// <summary>Migrates the store, loads what is kept in memory, and fills an empty store with the demo town; lives from the last known copy when the store is away.</summary>
    public static Task PrepareAsync(WebApplication app) => app.PrepareStorageAsync();

    /// <summary>The whole server, not yet started. Tests adjust services (the clock) before it is built.</summary>
    /// <exception cref="SettingsException">The configuration cannot be used; the message says what to change.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = ConfigurationSetup.CreateBuilder(args);
        Add(builder);
        builder.Settings().StopOnUnknownKeys();
        adjust?.Invoke(builder);
        var app = builder.Build();
        Map(app);
        return app;
    }

    private static void Add(WebApplicationBuilder builder)
    {
        builder.AddStorage();
        builder.AddJournal();
        builder.AddHttp();
        builder.AddIdentity();
        builder.AddLive();
        builder.AddSipHost();

        builder.AddDirectory();
        builder.AddRegistration();
        builder.AddTrunks();
        builder.AddHistory();
        builder.AddAudit();
        builder.AddDemo();
        builder.AddDialPlan();
        builder.AddDirectNumbers();
        builder.AddEmergency();
        builder.AddCalendars();
        builder.AddWelcomeMessages();
        builder.AddForwarding();
        builder.AddHuntGroups();
        builder.AddVoicemail();
        builder.AddPrompts();
        builder.AddCallControl();
    }

    private static void Map(WebApplication app)
    {
        app.UseHttp();
        app.UseSipHost();
        app.MapIdentity();
        app.MapLive();

        app.MapDirectory();
        app.MapRegistration();
        app.MapTrunks();
        app.MapHistory();
        app.MapAudit();
        app.MapDialPlan();
        app.MapDirectNumbers();
        app.MapEmergency();
        app.MapCalendars();
        app.MapWelcomeMessages();
        app.MapForwarding();
        app.MapHuntGroups();
        app.MapVoicemail();
        app.MapPrompts();
        app.MapMe();
        app.MapCallControl();
    }
}
