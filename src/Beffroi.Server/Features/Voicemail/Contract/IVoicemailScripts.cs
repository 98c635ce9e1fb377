// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;

namespace Beffroi.Server.Features.Voicemail.Contract;

/// <summary>Makes the scripts of voicemail.</summary>
public interface IVoicemailScripts
{
    /// <summary>The caller leaves a message.</summary>
    ICallApplication Deposit(VoicemailBox box);
}
