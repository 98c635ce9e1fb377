// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Features.HuntGroups;

/// <summary>Logs members in and out by telephone: of one group, or of all theirs.</summary>
internal sealed class HuntGroupCodes(HuntGroupBook groups, PromptLibrary prompts) : IFeatureCodeService
{
    public IReadOnlyCollection<FeatureAction> Actions => [FeatureAction.GroupLogIn, FeatureAction.GroupLogOut];

    public CallPlan Plan(FeatureAction action, string argument, Extension by) =>
        new CallPlan.Run(new Log(groups, prompts, action == FeatureAction.GroupLogIn, argument, by), new CallParty(PartyKind.Service, argument, ""));

    private sealed class Log(HuntGroupBook groups, PromptLibrary prompts, bool loggedIn, string number, Extension by) : ICallApplication
    {
        public string Name => "hunt-group-login";

        public async Task RunAsync(ICallContext call, CancellationToken hangup)
        {
            var own = groups.Pages.Values.Where(g => g.OrganisationId == by.OrganisationId && g.Members.Any(m => m.Extension == by.Id) && (number.Length == 0 || g.Number.Reveal() == number)).ToList();
            var done = own.Count > 0;
            foreach (var group in own)
                done &= (await groups.LogAsync(Caller.Itself($"telephone {by.Number}"), group.Id, by.Id, loggedIn, CancellationToken.None)).Succeeded(out _, out _);
            if (done) call.Served("hunt-group", loggedIn ? "logged-in" : "logged-out", number);
            await call.SayAndEndAsync(prompts, own.Count == 0 ? "not-allowed" : !done ? "error-service" : loggedIn ? "group-logged-in" : "group-logged-out");
        }
    }
}
