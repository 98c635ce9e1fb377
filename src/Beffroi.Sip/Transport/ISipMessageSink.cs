// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.Transport;

/// <summary>The layer above the transport.</summary>
public interface ISipMessageSink
{
    /// <summary>A well-formed message; a request carries its source already (<see cref="SipMessage.Stamp"/>). On the receive thread of its socket or connection:
    /// must not block. Messages of one flow come in their order.</summary>
    void Receive(SipMessage message, SipFlow flow);
}
