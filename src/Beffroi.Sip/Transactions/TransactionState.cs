// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Transactions;

/// <summary>States of the four machines of RFC 3261 §17, with Accepted of RFC 6026.</summary>
internal enum TransactionState : byte
{
    Calling,
    Trying,
    Proceeding,
    Accepted,
    Completed,
    Confirmed,
    Terminated,
}
