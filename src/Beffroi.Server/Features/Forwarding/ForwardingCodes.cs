// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Forwarding.Contract;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Features.Forwarding;

/// <summary>Sets and cancels forwardings and do not disturb by telephone, with the rights of the extension that dials or whose key is pressed.</summary>
internal sealed class ForwardingCodes(ForwardingBook forwardings, PromptLibrary prompts) : IFeatureCodeService, ITelephoneForwardings
{
    public IReadOnlyCollection<FeatureAction> Actions { get; } =
    [
        FeatureAction.ForwardImmediateSet, FeatureAction.ForwardImmediateClear, FeatureAction.ForwardBusySet, FeatureAction.ForwardBusyClear,
        FeatureAction.ForwardNoAnswerSet, FeatureAction.ForwardNoAnswerClear, FeatureAction.ForwardUnreachableSet, FeatureAction.ForwardUnreachableClear,
        FeatureAction.ForwardAllClear, FeatureAction.DoNotDisturbOn, FeatureAction.DoNotDisturbOff,
    ];

    public CallPlan Plan(FeatureAction action, string argument, Extension by) =>
        new CallPlan.Run(new Set(this, action, argument, by), new CallParty(PartyKind.Service, argument, ""));

    /// <summary>What a code makes of the rules, and the prompt that confirms it.</summary>
    internal Outcome<(ForwardingRules Rules, string Prompt)> Apply(FeatureAction action, string argument, Extension by, ForwardingRules rules)
    {
        switch (action)
        {
            case FeatureAction.DoNotDisturbOn: return (rules with { DoNotDisturb = true }, "do-not-disturb-on");
            case FeatureAction.DoNotDisturbOff: return (rules with { DoNotDisturb = false }, "do-not-disturb-off");
            case FeatureAction.ForwardAllClear: return (rules with { Immediate = null, Busy = null, NoAnswer = null, Unreachable = null }, "forward-cancelled");
        }

        var kind = action switch
        {
            FeatureAction.ForwardImmediateSet or FeatureAction.ForwardImmediateClear => ForwardingKind.Immediate,
            FeatureAction.ForwardBusySet or FeatureAction.ForwardBusyClear => ForwardingKind.Busy,
            FeatureAction.ForwardNoAnswerSet or FeatureAction.ForwardNoAnswerClear => ForwardingKind.NoAnswer,
            _ => ForwardingKind.Unreachable,
        };
        if (action is FeatureAction.ForwardImmediateClear or FeatureAction.ForwardBusyClear or FeatureAction.ForwardNoAnswerClear or FeatureAction.ForwardUnreachableClear)
            return (rules.With(kind, null), "forward-cancelled");
        return forwardings.ReadTarget(by, argument).Succeeded(out var to, out var refusal) ? (rules.With(kind, to), "forward-set") : refusal;
    }

    public async Task<Outcome<ForwardingRules>> SetAsync(FeatureAction action, string argument, Extension by, TimeSpan? noAnswerAfter, CancellationToken stop)
    {
        // Telephones repeat themselves, at each start for one: that is no change, and nothing for the audit.
        var now = forwardings.Of(by.Id) ?? ForwardingRules.None(by.Id, by.OrganisationId);
        return Edit(now).Succeeded(out var same, out _) && same == now ? now : await forwardings.ChangeAsync(By(by), by, null, Edit, stop);

        Outcome<ForwardingRules> Edit(ForwardingRules before)
        {
            if (!Apply(action, argument, by, before).Succeeded(out var made, out var no)) return no;
            return noAnswerAfter is { } after ? made.Rules with { NoAnswerAfter = TimeSpan.FromSeconds(Math.Clamp(after.TotalSeconds, 5, 120)) } : made.Rules;
        }
    }

    private static Caller By(Extension by) => Caller.Itself($"telephone {by.Number}");

    private async Task<string> SetAsync(FeatureAction action, string argument, Extension by)
    {
        var prompt = "";
        var outcome = await forwardings.ChangeAsync(By(by), by, null, before =>
        {
            if (!Apply(action, argument, by, before).Succeeded(out var made, out var no)) return no;
            prompt = made.Prompt;
            return made.Rules;
        }, CancellationToken.None);
        if (outcome.Succeeded(out _, out var refusal)) return prompt;
        return refusal.Kind switch
        {
            RefusalKind.Forbidden => "not-allowed",
            RefusalKind.Invalid => "number-unknown",
            _ => "error-service",
        };
    }

    private sealed class Set(ForwardingCodes codes, FeatureAction action, string argument, Extension by) : ICallApplication
    {
        public string Name => "forwarding-code";

        public async Task RunAsync(ICallContext call, CancellationToken hangup)
        {
            var prompt = await codes.SetAsync(action, argument, by);
            call.Served("forwarding", prompt, action.ToString());
            await call.SayAndEndAsync(codes.Prompts, prompt);
        }
    }

    private PromptLibrary Prompts => prompts;
}
