// SPDX-License-Identifier: EUPL-1.2
using System.Threading.Channels;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Forwarding.Contract;
using Beffroi.Sip.EventPackages;

namespace Beffroi.Server.Features.CallControl;

/// <summary>The do-not-disturb and forwarding keys of telephones (<see cref="FeatureKeyPackage"/>): what they show, and what they set, with the rights of the extension as by feature code.</summary>
/// <remarks>Threading: wishes only enqueue; one loop carries them out, so that two keys pressed one after the other count in that order.</remarks>
internal sealed partial class FeatureKeys(IDirectory directory, IForwardings forwardings, ITelephoneForwardings telephones, ILogger<FeatureKeys> log) : BackgroundService
{
    private const string VoicemailWord = "voicemail";

    // More than that at once is no person: they are told that nothing has changed.
    private const int MostWaiting = 1000;

    /// <summary>One ring of the French ringing tone: 1.5 s on, 3.5 s off.</summary>
    private static readonly TimeSpan Ring = TimeSpan.FromSeconds(5);

    private readonly Channel<Wished> _wishes = Channel.CreateBounded<Wished>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    /// <summary>What the keys of an extension show; null for one that is not there.</summary>
    /// <param name="resource">The extension's id.</param>
    internal FeatureKeyState? Of(string resource)
    {
        if (!directory.Current.Extensions.TryGetValue(Guid.Parse(resource), out var extension)) return null;
        var rules = RulesOf(extension);
        return new FeatureKeyState(extension.Number, rules.DoNotDisturb,
            new FeatureForward(FeatureForwardKind.Immediate, Shown(rules.Immediate)),
            new FeatureForward(FeatureForwardKind.Busy, Shown(rules.Busy)),
            new FeatureForward(FeatureForwardKind.NoAnswer, Shown(rules.NoAnswer), RingsOf(rules)));
    }

    /// <summary>Has a wish carried out soon. Cheap, any thread.</summary>
    internal void Change(SubscriptionView subscription, FeatureKeyWish wish, Action done)
    {
        if (!_wishes.Writer.TryWrite(new Wished(subscription.Subscriber, subscription.Resource, wish, done))) done();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var wished in _wishes.Reader.ReadAllAsync(stoppingToken)) await CarryOutAsync(wished, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    /// <summary>A wish that is refused changes nothing: the telephone is told how things are, and its lamp goes back.</summary>
    private async Task CarryOutAsync(Wished wished, CancellationToken stop)
    {
        try
        {
            var now = directory.Current;
            if (!WatchRights.IsItsOwn(now, wished.Subscriber, wished.Resource)) return;
            var extension = now.Extensions[Guid.Parse(wished.Resource)];
            var (action, argument, after) = Meant(wished.Wish, RulesOf(extension));
            if (!(await telephones.SetAsync(action, argument, extension, after, stop)).Succeeded(out _, out var refusal)) Refused(log, PhoneNumber.Of(extension.Number), action, refusal.Code);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception broken)
        {
            Broke(log, broken);
        }
        finally
        {
            wished.Done();
        }
    }

    /// <summary>The feature code that says the same. A forwarding switched on without a number keeps the one it has.</summary>
    private static (FeatureAction Action, string Argument, TimeSpan? After) Meant(FeatureKeyWish wish, ForwardingRules rules)
    {
        if (wish is not FeatureKeyWish.Forward forward) return (wish is FeatureKeyWish.DoNotDisturb { On: true } ? FeatureAction.DoNotDisturbOn : FeatureAction.DoNotDisturbOff, "", null);
        var (set, clear, kind) = forward.Kind switch
        {
            FeatureForwardKind.Immediate => (FeatureAction.ForwardImmediateSet, FeatureAction.ForwardImmediateClear, ForwardingKind.Immediate),
            FeatureForwardKind.Busy => (FeatureAction.ForwardBusySet, FeatureAction.ForwardBusyClear, ForwardingKind.Busy),
            _ => (FeatureAction.ForwardNoAnswerSet, FeatureAction.ForwardNoAnswerClear, ForwardingKind.NoAnswer),
        };
        // The screen sets seconds, a key sets rings: seconds that are no whole rings stay as long as the telephone only repeats what it was told.
        TimeSpan? after = forward is { Kind: FeatureForwardKind.NoAnswer, RingCount: { } rings } && rings != RingsOf(rules) ? rings * Ring : null;
        if (!forward.On) return (clear, "", null);
        return (set, forward.To.Length > 0 ? forward.To : Shown(rules.Of(kind)) ?? "", after);
    }

    private ForwardingRules RulesOf(Extension extension) => forwardings.Of(extension.Id) ?? ForwardingRules.None(extension.Id, extension.OrganisationId);

    private static int RingsOf(ForwardingRules rules) => Math.Max(1, (int)Math.Round(rules.NoAnswerAfter / Ring));

    private static string? Shown(Destination? to) => to is not { } place ? null : place.Kind == DestinationKind.Voicemail ? VoicemailWord : place.Target;

    [LoggerMessage(2110, LogLevel.Information, "The key of a telephone of extension {Extension} was not followed ({Action}): {Code}.")]
    private static partial void Refused(ILogger log, PhoneNumber extension, FeatureAction action, string code);

    [LoggerMessage(2111, LogLevel.Error, "A telephone's key met what is not known here; nothing was changed.")]
    private static partial void Broke(ILogger log, Exception broken);

    private sealed record Wished(string Subscriber, string Resource, FeatureKeyWish Wish, Action Done);
}
