// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.Transport;

/// <summary>Where a URI is reached: RFC 3263.</summary>
public interface ISipResolver
{
    /// <summary>The targets, to be tried in this order. Empty when the domain has none or its name servers do not answer.
    /// Completes synchronously when the URI holds an address or the answer is known.</summary>
    ValueTask<IReadOnlyList<SipTarget>> ResolveAsync(SipUri uri, CancellationToken stop);

    /// <summary>This target did not answer, or answered 503 (RFC 3263 §4.3): for a while it comes after the others of its domain.</summary>
    void Failed(in SipTarget target)
    {
    }
}
