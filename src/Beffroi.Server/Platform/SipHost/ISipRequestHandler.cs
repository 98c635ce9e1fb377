// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Server.Platform.SipHost;

/// <summary>Answers one method outside of calls: REGISTER, SUBSCRIBE, MESSAGE. A feature registers it as a service.</summary>
/// <remarks>Threading: called on SIP threads; must not wait. <see cref="ServerTransaction.Respond"/> must follow, now or later.</remarks>
public interface ISipRequestHandler
{
    SipMethod Method { get; }

    void Handle(ServerTransaction transaction);
}

/// <summary>Takes the INVITEs that ask for a new call. There is one.</summary>
public interface IInviteHandler
{
    void Handle(InboundInvite invite);
}
