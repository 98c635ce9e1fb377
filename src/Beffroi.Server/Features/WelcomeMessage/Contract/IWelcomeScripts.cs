// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;

namespace Beffroi.Server.Features.WelcomeMessage.Contract;

/// <summary>Makes the scripts of welcome messages.</summary>
public interface IWelcomeScripts
{
    /// <param name="prompt">Name of the prompt to play; empty: none.</param>
    /// <param name="then">What follows the message.</param>
    ICallApplication Script(Welcome welcome, bool open, string prompt, CallPlan then);
}
