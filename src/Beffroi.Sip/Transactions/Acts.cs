// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Transactions;

/// <summary>What the owner of the table has to do, in the order of the bits.</summary>
[Flags]
internal enum Acts : ushort
{
    Nothing = 0,

    /// <summary>Send this response for the first time.</summary>
    Send = 1,

    /// <summary>Send the last message again: the request of a client, the response of a server.</summary>
    SendAgain = 2,

    /// <summary>Client: build the ACK for this response (RFC 3261 §17.1.1.3) and send it.</summary>
    SendAck = 4,

    /// <summary>Client: send that ACK again.</summary>
    SendAckAgain = 8,

    /// <summary>Give the response, or the ACK, to the transaction user.</summary>
    Pass = 16,
    TellTimeout = 32,
    TellFailure = 64,

    /// <summary>Arm A, E or G; the owner does so on unreliable transports only.</summary>
    ArmRetransmit = 128,
    DisarmRetransmit = 256,

    /// <summary>Arm B, F or H.</summary>
    ArmGiveUp = 512,
    DisarmGiveUp = 1024,

    /// <summary>Arm D, I, J, K, L or M: the owner knows which, and that some are zero on reliable transports.</summary>
    ArmLinger = 2048,

    /// <summary>Leave the table.</summary>
    Forget = 4096,

    /// <summary>Server: send 100 Trying.</summary>
    SendTrying = 8192,
}
