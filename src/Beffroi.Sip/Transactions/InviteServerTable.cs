// SPDX-License-Identifier: EUPL-1.2
#pragma warning disable IDE0055 // the tables stand in columns, like the figures they come from
using static Beffroi.Sip.Transactions.Stimulus;
using static Beffroi.Sip.Transactions.TransactionState;

namespace Beffroi.Sip.Transactions;

/// <summary>INVITE server transaction: RFC 3261 §17.2.1, figure 7, as amended by RFC 6026 §7.1 and §8.8.</summary>
internal static class InviteServerTable
{
    internal static (TransactionState Next, Acts Do) On(TransactionState state, Stimulus stimulus) => (state, stimulus) switch
    {
        (Proceeding, RequestAgain)    => (Proceeding, Acts.SendAgain),
        (Proceeding, TimerTrying)     => (Proceeding, Acts.SendTrying),                       // only armed while nothing was sent
        (Proceeding, Status1xx)       => (Proceeding, Acts.Send),
        (Proceeding, Status2xx)       => (Accepted,   Acts.Send | Acts.ArmLinger),            // L
        (Proceeding, Status3xxTo6xx)  => (Completed,  Acts.Send | Acts.ArmRetransmit | Acts.ArmGiveUp),
        (Accepted,   Status2xx)       => (Accepted,   Acts.Send),
        (Accepted,   Ack)             => (Accepted,   Acts.Pass),
        (Accepted,   TimerLinger)     => (Terminated, Acts.Forget),
        (Completed,  RequestAgain)    => (Completed,  Acts.SendAgain),
        (Completed,  TimerRetransmit) => (Completed,  Acts.SendAgain | Acts.ArmRetransmit),
        (Completed,  Ack)             => (Confirmed,  Acts.DisarmRetransmit | Acts.DisarmGiveUp | Acts.ArmLinger),   // I
        (Completed,  TimerGiveUp)     => (Terminated, Acts.TellTimeout | Acts.Forget),
        (Confirmed,  TimerLinger)     => (Terminated, Acts.Forget),
        (Terminated, _)               => (Terminated, Acts.Nothing),
        (_, TransportFailed)          => (state,      Acts.TellFailure),                      // the state is kept: RFC 6026 §8.8
        _                             => (state,      Acts.Nothing),                          // absorbed
    };
}
