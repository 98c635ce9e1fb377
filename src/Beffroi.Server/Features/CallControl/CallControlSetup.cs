// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Routing;
using Beffroi.Media;
using Beffroi.Media.Sdp;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Forwarding.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Live;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.Authentication;
using Beffroi.Sip.EventPackages;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Timers;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Plugs calls together: the exchange, who may call, what can be rung, trunks that live, lamps.</summary>
public static class CallControlSetup
{
    public static void AddCallControl(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddSingleton(CallControlOptions.Read(builder.Settings()));
        services.AddSingleton<IExtensionPhones, ExtensionPhones>();
        services.AddSingleton<ITrunkLines, TrunkLines>();
        services.AddSingleton<ICallSounds, ExchangeSounds>();
        services.AddSingleton(MakeExchange);
        services.AddSingleton<CallScopes>();
        services.AddSingleton<CallDesk>();
        services.AddSingleton<CallEvents>();
        services.AddSingleton(p => new Lazy<Exchange>(p.GetRequiredService<Exchange>));

        var digest = new DigestOptions { Algorithms = [.. Algorithms(builder.Settings())] };
        services.AddSingleton(p => new DigestAuthenticator(p.GetRequiredService<TimeProvider>(), digest));
        services.AddSingleton<IDigestSecrets, DeviceSecretsOfDirectory>();
        services.AddSingleton<DeviceGate>();
        services.AddSingleton<TrunkGate>();
        services.AddSingleton<TrunkRegistrations>();
        services.AddSingleton<IInviteHandler, InviteHandler>();
        services.AddSingleton<ISipRequestHandler, RegisterHandler>();

        services.AddSingleton<DialogBoard>();
        services.AddSingleton<CallWatch>();
        services.AddSingleton(MakeNotifier);
        services.AddSingleton(p => new Lazy<Notifier>(p.GetRequiredService<Notifier>));
        services.AddSingleton<ISipRequestHandler, SubscribeHandler>();

        services.AddHostedService<WatchRights>();
        services.AddSingleton<FeatureKeys>();
        services.AddHostedService(p => p.GetRequiredService<FeatureKeys>());
        services.AddHostedService<WaitingMessages>();
        services.AddSingleton<TrunkAgent>();
        services.AddSingleton<ITrunkTester>(p => p.GetRequiredService<TrunkAgent>());
        services.AddHostedService(p => p.GetRequiredService<TrunkAgent>());
        services.AddHostedService<ExchangeClosing>();

        services.AddSingleton<CallMetrics>();
        services.AddSingleton<ILiveSource>(p => p.GetRequiredService<CallMetrics>());
        services.AddSingleton<IMetricSource>(p => p.GetRequiredService<CallMetrics>());
    }

    public static void MapCallControl(this WebApplication app) => CallApi.Map(app);

    /// <summary><c>Sip:Digest:Algorithms</c>, in the order of the challenges. MD5 alone by default: some telephones give up when they see any other
    /// (docs/adr/0006-md5-alone-by-default.md).</summary>
    private static IEnumerable<DigestAlgorithm> Algorithms(Settings settings)
    {
        foreach (var name in settings.List("Sip:Digest:Algorithms", "MD5"))
        {
            yield return name.ToUpperInvariant() switch
            {
                "MD5" => DigestAlgorithm.Md5,
                "SHA-256" => DigestAlgorithm.Sha256,
                "SHA-512-256" => DigestAlgorithm.Sha512_256,
                _ => throw Settings.Wrong("Sip:Digest:Algorithms", name, "a list of MD5, SHA-256 and SHA-512-256"),
            };
        }
    }

    private static Exchange MakeExchange(IServiceProvider p)
    {
        var options = p.GetRequiredService<CallControlOptions>();
        var parts = new ExchangeParts(
            p.GetRequiredService<SipStack>(), p.GetRequiredService<MediaEngine>(), p.GetRequiredService<TimingWheel>(), p.GetRequiredService<ICallRouter>(),
            p.GetRequiredService<ICallJournal>(), p.GetRequiredService<ICallSounds>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<Exchange>>());
        var exchange = new Exchange(parts, new ExchangeOptions { MaxDuration = options.MaxDuration, Language = options.Language, Codecs = CodecPolicy.Default, AdvertisedMedia = p.GetRequiredService<MediaOptions>().Advertised });
        exchange.CallChanged += p.GetRequiredService<CallWatch>().OnCallChanged;
        exchange.CallChanged += p.GetRequiredService<CallEvents>().OnCallChanged;
        return exchange;
    }

    private static Notifier MakeNotifier(IServiceProvider p)
    {
        var board = p.GetRequiredService<DialogBoard>();
        var directory = p.GetRequiredService<IDirectory>();
        var counts = p.GetRequiredService<IMessageCounts>();
        var (keys, gate) = (p.GetRequiredService<FeatureKeys>(), p.GetRequiredService<DeviceGate>());
        var notifier = new Notifier(p.GetRequiredService<SipStack>(), p.GetRequiredService<TimeProvider>(), new NotifierOptions(),
            new DialogPackage(board, (subscriber, resource) => WatchRights.MaySeeLamp(directory.Current, subscriber, resource)),
            new MessageSummaryPackage(resource => WaitingMessages.Of(directory.Current, counts, Guid.Parse(resource)), (subscriber, resource) => WatchRights.IsItsOwn(directory.Current, subscriber, resource)),
            new FeatureKeyPackage(keys.Of, keys.Change, (subscriber, resource) => WatchRights.IsItsOwn(directory.Current, subscriber, resource), (transaction, subscriber) => Proves(gate, transaction, subscriber)));
        board.WhenChanged = resource => notifier.Changed(DialogPackage.PackageName, resource);
        counts.Changed += extension => notifier.Changed(MessageSummaryPackage.PackageName, extension.ToString("N"));
        p.GetRequiredService<IForwardings>().Changed += extension => notifier.Changed(FeatureKeyPackage.PackageName, extension.ToString("N"));
        return notifier;
    }

    /// <summary>Inside a subscription's dialog no digest is asked for, but where calls are to go is not for whoever saw the dialog pass on the network.</summary>
    private static bool Proves(DeviceGate gate, ServerTransaction transaction, string subscriber)
    {
        if (!gate.TryEnter(transaction.Request, transaction.Flow, out var device, out var status, out var challenge)) transaction.Respond(status, null, challenge);
        else if (device.SipUsername == subscriber) return true;
        else transaction.Respond(SipStatus.Forbidden);
        return false;
    }

    /// <summary>On stop: no new calls, a little patience for those in progress, then the rest are told.</summary>
    private sealed class ExchangeClosing(Exchange exchange, CallControlOptions options) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => exchange.CloseAsync(options.StopPatience);
    }
}
