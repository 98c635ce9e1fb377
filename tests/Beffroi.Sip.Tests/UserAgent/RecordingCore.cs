// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>Keeps what comes in; a test may set what to do with it.</summary>
internal sealed class RecordingCore : ISipCore
{
    internal List<InboundInvite> Invites { get; } = [];
    internal List<ServerTransaction> Requests { get; } = [];

    /// <summary>Default: taken by a <see cref="Ear"/> that does nothing by itself.</summary>
    internal Action<InboundInvite>? WhenInvited { get; set; }
    internal Action<ServerTransaction> WhenAsked { get; set; } = transaction => transaction.Respond(SipStatus.Ok);
    internal List<Ear> Ears { get; } = [];

    internal Ear LastEar => Ears[^1];

    public void OnInvite(InboundInvite invite)
    {
        Invites.Add(invite);
        if (WhenInvited is { } act)
        {
            act(invite);
            return;
        }
        Take(invite);
    }

    internal Ear Take(InboundInvite invite)
    {
        var ear = new Ear();
        Ears.Add(ear);
        ear.Session = invite.Take(ear);
        return ear;
    }

    public void OnRequest(ServerTransaction transaction)
    {
        Requests.Add(transaction);
        WhenAsked(transaction);
    }
}
