// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.WelcomeMessage.Contract;

namespace Beffroi.Server.Features.WelcomeMessage;

/// <summary>Plays a welcome or closed message, then goes on.</summary>
internal sealed class WelcomeApplication(Welcome welcome, bool open, string prompt, CallPlan then, PromptLibrary prompts) : ICallApplication
{
    public string Name => "welcome-message";

    public async Task RunAsync(ICallContext call, CancellationToken hangup)
    {
        if (welcome.AnswerFirst) await call.AnswerAsync();
        if (prompt.Length > 0)
        {
            var clip = prompts.Find(prompt, call.Language);
            call.Served(Name, open ? "open" : "closed", prompt, clip.Duration);
            // While ringing, the ringing itself plays the message: see RingSound.
            if (!open || welcome.Moment == WelcomeMoment.BeforeRinging) await call.PlayAsync(clip, hangup);
        }

        if (then is CallPlan.Refused refused) await call.EndAsync(refused.Refusal);
        else await call.ContinueAsync(then);
    }
}

/// <summary>Makes <see cref="WelcomeApplication"/>s.</summary>
internal sealed class WelcomeScripts(PromptLibrary prompts) : IWelcomeScripts
{
    public ICallApplication Script(Welcome welcome, bool open, string prompt, CallPlan then) => new WelcomeApplication(welcome, open, prompt, then, prompts);
}
