// SPDX-License-Identifier: EUPL-1.2
#pragma warning disable IDE0055 // arrows stand in columns, like the figures
using Beffroi.Sip.Transactions;
using Xunit;
using static Beffroi.Sip.Transactions.Acts;
using static Beffroi.Sip.Transactions.Stimulus;
using static Beffroi.Sip.Transactions.TransactionState;

namespace Beffroi.Sip.Tests.Transactions;

/// <summary>Each table, arrow by arrow, against its figure; every pair that no arrow names must change nothing.</summary>
public sealed class TransactionTableTests
{
    private delegate (TransactionState Next, Acts Do) Table(TransactionState state, Stimulus stimulus);

    private sealed record Arrow(TransactionState From, Stimulus On, TransactionState To, Acts Do);

    [Fact]
    public void The_invite_client_follows_figure_5_with_rfc_6026() => Follows(InviteClientTable.On, [Calling, Proceeding, Accepted, Completed, Terminated],
    [
        new(Calling,    TimerRetransmit, Calling,    SendAgain | ArmRetransmit),
        new(Calling,    TimerGiveUp,     Terminated, TellTimeout | Forget),
        new(Calling,    Status1xx,       Proceeding, Pass | DisarmRetransmit | DisarmGiveUp),
        new(Calling,    Status2xx,       Accepted,   Pass | DisarmRetransmit | DisarmGiveUp | ArmLinger),
        new(Calling,    Status3xxTo6xx,  Completed,  SendAck | Pass | DisarmRetransmit | DisarmGiveUp | ArmLinger),
        new(Calling,    TransportFailed, Terminated, TellFailure | Forget),
        new(Proceeding, Status1xx,       Proceeding, Pass),
        new(Proceeding, Status2xx,       Accepted,   Pass | DisarmGiveUp | ArmLinger),
        new(Proceeding, Status3xxTo6xx,  Completed,  SendAck | Pass | DisarmGiveUp | ArmLinger),
        new(Proceeding, TimerGiveUp,     Terminated, TellTimeout | Forget),                       // only armed by a CANCEL
        new(Proceeding, TransportFailed, Terminated, TellFailure | Forget),
        new(Accepted,   Status2xx,       Accepted,   Pass),
        new(Accepted,   TimerLinger,     Terminated, Forget),
        new(Completed,  Status3xxTo6xx,  Completed,  SendAckAgain),
        new(Completed,  TimerLinger,     Terminated, Forget),
        new(Completed,  TransportFailed, Terminated, Forget),
    ]);

    [Fact]
    public void The_other_client_follows_figure_6() => Follows(NonInviteClientTable.On, [Trying, Proceeding, Completed, Terminated],
    [
        new(Trying,     TimerRetransmit, Trying,     SendAgain | ArmRetransmit),
        new(Trying,     TimerGiveUp,     Terminated, TellTimeout | Forget),
        new(Trying,     TransportFailed, Terminated, TellFailure | Forget),
        new(Trying,     Status1xx,       Proceeding, Pass),
        new(Trying,     Status2xx,       Completed,  Pass | DisarmRetransmit | DisarmGiveUp | ArmLinger),
        new(Trying,     Status3xxTo6xx,  Completed,  Pass | DisarmRetransmit | DisarmGiveUp | ArmLinger),
        new(Proceeding, TimerRetransmit, Proceeding, SendAgain | ArmRetransmit),
        new(Proceeding, TimerGiveUp,     Terminated, TellTimeout | Forget),
        new(Proceeding, TransportFailed, Terminated, TellFailure | Forget),
        new(Proceeding, Status1xx,       Proceeding, Pass),
        new(Proceeding, Status2xx,       Completed,  Pass | DisarmRetransmit | DisarmGiveUp | ArmLinger),
        new(Proceeding, Status3xxTo6xx,  Completed,  Pass | DisarmRetransmit | DisarmGiveUp | ArmLinger),
        new(Completed,  TimerLinger,     Terminated, Forget),
    ]);

    [Fact]
    public void The_invite_server_follows_figure_7_with_rfc_6026() => Follows(InviteServerTable.On, [Proceeding, Accepted, Completed, Confirmed, Terminated],
    [
        new(Proceeding, RequestAgain,    Proceeding, SendAgain),
        new(Proceeding, TimerTrying,     Proceeding, SendTrying),
        new(Proceeding, Status1xx,       Proceeding, Send),
        new(Proceeding, Status2xx,       Accepted,   Send | ArmLinger),
        new(Proceeding, Status3xxTo6xx,  Completed,  Send | ArmRetransmit | ArmGiveUp),
        new(Proceeding, TransportFailed, Proceeding, TellFailure),
        new(Accepted,   Status2xx,       Accepted,   Send),
        new(Accepted,   Ack,             Accepted,   Pass),
        new(Accepted,   TimerLinger,     Terminated, Forget),
        new(Accepted,   TransportFailed, Accepted,   TellFailure),
        new(Completed,  RequestAgain,    Completed,  SendAgain),
        new(Completed,  TimerRetransmit, Completed,  SendAgain | ArmRetransmit),
        new(Completed,  Ack,             Confirmed,  DisarmRetransmit | DisarmGiveUp | ArmLinger),
        new(Completed,  TimerGiveUp,     Terminated, TellTimeout | Forget),
        new(Completed,  TransportFailed, Completed,  TellFailure),
        new(Confirmed,  TimerLinger,     Terminated, Forget),
        new(Confirmed,  TransportFailed, Confirmed,  TellFailure),
    ]);

    [Fact]
    public void The_other_server_follows_figure_8() => Follows(NonInviteServerTable.On, [Trying, Proceeding, Completed, Terminated],
    [
        new(Trying,     Status1xx,       Proceeding, Send),
        new(Trying,     Status2xx,       Completed,  Send | ArmLinger),
        new(Trying,     Status3xxTo6xx,  Completed,  Send | ArmLinger),
        new(Trying,     TransportFailed, Trying,     TellFailure),
        new(Trying,     TimerGiveUp,     Terminated, Forget),
        new(Proceeding, RequestAgain,    Proceeding, SendAgain),
        new(Proceeding, Status1xx,       Proceeding, Send),
        new(Proceeding, Status2xx,       Completed,  Send | ArmLinger),
        new(Proceeding, Status3xxTo6xx,  Completed,  Send | ArmLinger),
        new(Proceeding, TransportFailed, Proceeding, TellFailure),
        new(Proceeding, TimerGiveUp,     Terminated, Forget),
        new(Completed,  RequestAgain,    Completed,  SendAgain),
        new(Completed,  TimerLinger,     Terminated, Forget),
        new(Completed,  TransportFailed, Completed,  TellFailure),
    ]);

    private static void Follows(Table table, TransactionState[] states, Arrow[] arrows)
    {
        foreach (var state in states)
            foreach (var stimulus in Enum.GetValues<Stimulus>())
            {
                var arrow = arrows.SingleOrDefault(one => one.From == state && one.On == stimulus) ?? new Arrow(state, stimulus, state, Nothing);
                var (next, acts) = table(state, stimulus);
                Assert.True(next == arrow.To && acts == arrow.Do, $"({state}, {stimulus}) gives ({next}, {acts}), the figure says ({arrow.To}, {arrow.Do})");
            }
    }
}
