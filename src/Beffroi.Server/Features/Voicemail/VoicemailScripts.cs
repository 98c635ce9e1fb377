// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Voicemail.Contract;

namespace Beffroi.Server.Features.Voicemail;

/// <summary>Makes voicemail's scripts, for the dial plan and for feature codes.</summary>
internal sealed class VoicemailScripts(VoicemailParts parts, MessageCounts counts, VoicemailFolder folder, PromptLibrary prompts) : IVoicemailScripts, IFeatureCodeService
{
    public IReadOnlyCollection<FeatureAction> Actions => [FeatureAction.VoicemailConsult];

    public ICallApplication Deposit(VoicemailBox box) => new DepositApplication(box, parts.Messages, counts, folder, prompts);

    public CallPlan Plan(FeatureAction action, string argument, Extension by) =>
        new CallPlan.Run(new ConsultApplication(by, argument, parts), new CallParty(PartyKind.Service, "voicemail", ""));
}
