// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.Transactions;

/// <summary>What makes two requests the same for a server transaction: RFC 3261 §17.2.3.</summary>
/// <param name="Branch">Branch of the top Via; for a peer of RFC 2543 the fields of its own rule, put together.</param>
/// <param name="Host">sent-by of the top Via, with <paramref name="Port"/> (0: none).</param>
/// <param name="Method">Invite also for its ACK.</param>
internal readonly record struct TransactionKey(string Branch, string Host, int Port, SipMethod Method)
{
    /// <summary>The key of a request; <paramref name="method"/> is Invite to look for what an ACK or a CANCEL belongs to.</summary>
    internal static TransactionKey Of(SipMessage request, SipMethod method)
    {
        var via = request.TopVia;
        if (via.HasUniqueBranch) return new TransactionKey(via.Branch, via.Host, via.Port, method);
        // The To tag is left out: an ACK carries the one of our response. Branch is part of "the top Via", but some peers of old write none, and a bare cookie tells
        // nothing apart (RFC 4475 §3.2.1).
        var old = $"{request.CallId}\n{request.FromTag}\n{request.CSeqNumber}\n{via.Branch}\n{System.Text.Encoding.UTF8.GetString(request.RequestUriText)}";
        return new TransactionKey(old, via.Host, via.Port, method);
    }

    /// <summary>The branch alone is random enough to spread; string hashes are seeded per process.</summary>
    public override int GetHashCode() => Branch.GetHashCode(StringComparison.Ordinal) ^ (int)Method;

    public bool Equals(TransactionKey other) => Method == other.Method && Port == other.Port && Branch == other.Branch && Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase);
}
