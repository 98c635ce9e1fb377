// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;

namespace Beffroi.Server.Features.Forwarding.Contract;

/// <summary>Forwardings and do not disturb as a telephone sets them, by a code or by a key.</summary>
public interface ITelephoneForwardings
{
    /// <summary>Does what the feature code would, with the rights of the extension; the audit names its telephone. What is so already is not written again.</summary>
    /// <param name="argument">For a forwarding: the digits dialled, or <c>voicemail</c>.</param>
    /// <param name="noAnswerAfter">The time before a forwarding on no answer, 5 to 120 s (the nearest of these is taken); null: as it is.</param>
    Task<Outcome<ForwardingRules>> SetAsync(FeatureAction action, string argument, Extension by, TimeSpan? noAnswerAfter, CancellationToken stop);
}
