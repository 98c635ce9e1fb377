// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Transactions;

/// <summary>What can happen to a transaction. Each table uses its own part of it.</summary>
internal enum Stimulus : byte
{
    /// <summary>Server: the request that made the transaction came again.</summary>
    RequestAgain,

    /// <summary>INVITE server: the ACK.</summary>
    Ack,

    /// <summary>Server: the user sends. Client: the peer sent.</summary>
    Status1xx,
    Status2xx,
    Status3xxTo6xx,

    /// <summary>Timer A (INVITE client), E (other client) or G (INVITE server): time to send again.</summary>
    TimerRetransmit,

    /// <summary>Timer B, F or H: nobody answers.</summary>
    TimerGiveUp,

    /// <summary>Timer D, K (client), I, J, L, M: nothing late can come any more.</summary>
    TimerLinger,

    /// <summary>INVITE server: nobody answered for 200 ms.</summary>
    TimerTrying,

    TransportFailed,
}
