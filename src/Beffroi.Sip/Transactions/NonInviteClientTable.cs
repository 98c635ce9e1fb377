// SPDX-License-Identifier: EUPL-1.2
#pragma warning disable IDE0055 // the tables stand in columns, like the figures they come from
using static Beffroi.Sip.Transactions.Stimulus;
using static Beffroi.Sip.Transactions.TransactionState;

namespace Beffroi.Sip.Transactions;

/// <summary>Non-INVITE client transaction: RFC 3261 §17.1.2, figure 6.</summary>
internal static class NonInviteClientTable
{
    internal static (TransactionState Next, Acts Do) On(TransactionState state, Stimulus stimulus) => (state, stimulus) switch
    {
        (Trying or Proceeding, TimerRetransmit) => (state,      Acts.SendAgain | Acts.ArmRetransmit),                    // E: doubled up to T2, T2 in Proceeding
        (Trying or Proceeding, TimerGiveUp)     => (Terminated, Acts.TellTimeout | Acts.Forget),                         // F
        (Trying or Proceeding, Status1xx)       => (Proceeding, Acts.Pass),
        (Trying or Proceeding, Status2xx or Status3xxTo6xx)
                                                => (Completed,  Acts.Pass | Acts.DisarmRetransmit | Acts.DisarmGiveUp | Acts.ArmLinger),   // K
        (Trying or Proceeding, TransportFailed) => (Terminated, Acts.TellFailure | Acts.Forget),
        (Completed, TimerLinger)                => (Terminated, Acts.Forget),
        _                                       => (state,      Acts.Nothing),
    };
}
