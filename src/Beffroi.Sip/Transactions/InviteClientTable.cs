// SPDX-License-Identifier: EUPL-1.2
#pragma warning disable IDE0055 // the tables stand in columns, like the figures they come from
using static Beffroi.Sip.Transactions.Stimulus;
using static Beffroi.Sip.Transactions.TransactionState;

namespace Beffroi.Sip.Transactions;

/// <summary>INVITE client transaction: RFC 3261 §17.1.1, figure 5, as amended by RFC 6026 §7.2.</summary>
internal static class InviteClientTable
{
    internal static (TransactionState Next, Acts Do) On(TransactionState state, Stimulus stimulus) => (state, stimulus) switch
    {
        (Calling,    TimerRetransmit) => (Calling,    Acts.SendAgain | Acts.ArmRetransmit),                              // A, doubled
        (Calling,    TimerGiveUp)     => (Terminated, Acts.TellTimeout | Acts.Forget),                                   // B
        (Calling,    Status1xx)       => (Proceeding, Acts.Pass | Acts.DisarmRetransmit | Acts.DisarmGiveUp),
        (Calling,    Status2xx)       => (Accepted,   Acts.Pass | Acts.DisarmRetransmit | Acts.DisarmGiveUp | Acts.ArmLinger),
        (Calling,    Status3xxTo6xx)  => (Completed,  Acts.SendAck | Acts.Pass | Acts.DisarmRetransmit | Acts.DisarmGiveUp | Acts.ArmLinger),
        (Proceeding, Status1xx)       => (Proceeding, Acts.Pass),
        (Proceeding, Status2xx)       => (Accepted,   Acts.Pass | Acts.DisarmGiveUp | Acts.ArmLinger),                   // M
        (Proceeding, Status3xxTo6xx)  => (Completed,  Acts.SendAck | Acts.Pass | Acts.DisarmGiveUp | Acts.ArmLinger),    // D
        (Proceeding, TimerGiveUp)     => (Terminated, Acts.TellTimeout | Acts.Forget),                                   // armed by a CANCEL: RFC 3261 §9.1
        (Accepted,   Status2xx)       => (Accepted,   Acts.Pass),                                                        // again, or of another fork
        (Accepted,   TimerLinger)     => (Terminated, Acts.Forget),
        (Completed,  Status3xxTo6xx)  => (Completed,  Acts.SendAckAgain),
        (Completed,  TimerLinger)     => (Terminated, Acts.Forget),
        (Calling or Proceeding, TransportFailed) => (Terminated, Acts.TellFailure | Acts.Forget),
        (Completed,  TransportFailed) => (Terminated, Acts.Forget),                                                      // the ACK could not be sent; the user has its answer
        _                             => (state,      Acts.Nothing),
    };
}
