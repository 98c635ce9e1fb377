// SPDX-License-Identifier: EUPL-1.2
#pragma warning disable IDE0055 // the tables stand in columns, like the figures they come from
using static Beffroi.Sip.Transactions.Stimulus;
using static Beffroi.Sip.Transactions.TransactionState;

namespace Beffroi.Sip.Transactions;

/// <summary>Non-INVITE server transaction: RFC 3261 §17.2.2, figure 8; a transport error keeps the state as in RFC 6026 §8.8 for INVITE.</summary>
/// <remarks>Deviation: figure 8 terminates on a transport error. Kept alive until J instead, so that a retransmission over the same flow gets the response
/// once the buffer has room, and the user cannot run twice.</remarks>
internal static class NonInviteServerTable
{
    internal static (TransactionState Next, Acts Do) On(TransactionState state, Stimulus stimulus) => (state, stimulus) switch
    {
        (Trying,     Status1xx)                   => (Proceeding, Acts.Send),
        (Trying,     Status2xx or Status3xxTo6xx) => (Completed,  Acts.Send | Acts.ArmLinger),   // J
        (Proceeding, RequestAgain)                => (Proceeding, Acts.SendAgain),
        (Proceeding, Status1xx)                   => (Proceeding, Acts.Send),
        (Proceeding, Status2xx or Status3xxTo6xx) => (Completed,  Acts.Send | Acts.ArmLinger),
        (Completed,  RequestAgain)                => (Completed,  Acts.SendAgain),
        (Completed,  TimerLinger)                 => (Terminated, Acts.Forget),
        (Trying or Proceeding, TimerGiveUp)       => (Terminated, Acts.Forget),                  // the user never answered; so does no 408: RFC 4320 §4.2
        (Terminated, _)                           => (Terminated, Acts.Nothing),
        (_, TransportFailed)                      => (state,      Acts.TellFailure),
        _                                         => (state,      Acts.Nothing),                  // a second final response is dropped
    };
}
