// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Transactions;

namespace Beffroi.Sip.UserAgent;

/// <summary>The element above the stack: it decides what a request outside any dialog gets.</summary>
/// <remarks>Threading: called on the thread that received the message, never under a lock; must not block.</remarks>
public interface ISipCore
{
    /// <summary>A new session is asked for. 100 Trying is arranged; loops, Max-Forwards, merged requests, Require and Replaces were checked.</summary>
    /// <remarks>Either <see cref="InboundInvite.Respond"/> or <see cref="InboundInvite.Take"/> must follow, now or later, from any thread.</remarks>
    void OnInvite(InboundInvite invite);

    /// <summary>Any other request that belongs to no dialog of ours (REGISTER, SUBSCRIBE, MESSAGE, OPTIONS, PUBLISH, REFER), and MESSAGE and OPTIONS inside a session.</summary>
    /// <remarks>Must be answered by <see cref="ServerTransaction.Respond"/>, now or later, from any thread.</remarks>
    void OnRequest(ServerTransaction transaction);
}
