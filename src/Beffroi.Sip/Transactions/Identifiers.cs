// SPDX-License-Identifier: EUPL-1.2
using System.Security.Cryptography;
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.Transactions;

/// <summary>Tags, branches and Call-IDs: random, so that nobody off the path can guess a dialog or answer for a peer (RFC 3261 §19.3).</summary>
internal static class Identifiers
{
    internal static string NewTag() => Random(8);

    internal static string NewCallId() => Random(12);

    /// <param name="prefix">Cookie, instance and loop hash: see <see cref="LoopGuard"/>.</param>
    internal static string NewBranch(string prefix)
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        Span<char> text = stackalloc char[16];
        Convert.TryToHexStringLower(bytes, text, out _);
        return string.Concat(prefix, text);
    }

    private static string Random(int length)
    {
        Span<byte> bytes = stackalloc byte[length];
        RandomNumberGenerator.Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}

/// <summary>Knows our own requests when they come back: RFC 3261 §16.3 item 4. A branch carries the number of this process and a hash of what routes the request;
/// the same request coming back unchanged is a loop (482), one that was changed on its way is a spiral and passes.</summary>
/// <remarks>A B2BUA starts anew on each leg, so a loop over other B2BUAs shows only in Max-Forwards, which the call passes on.</remarks>
internal sealed class LoopGuard
{
    private readonly string _mine = Via.Cookie + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    private readonly byte[] _mark;

    internal LoopGuard() => _mark = System.Text.Encoding.ASCII.GetBytes(_mine);

    /// <summary>Branch of a new request.</summary>
    internal string NewBranch(string requestUri) => Identifiers.NewBranch(Prefix(requestUri));

    /// <summary>A cheap look first: whether our mark stands anywhere in the request.</summary>
    internal bool MayBeOurs(Messages.SipMessage request) => request.Bytes.IndexOf(_mark) >= 0;

    /// <summary>Whether a Via branch was made here for the same Request-URI.</summary>
    internal bool IsLoop(string? branch, string requestUri) =>
        branch is not null && branch.StartsWith(_mine, StringComparison.Ordinal) && branch.StartsWith(Prefix(requestUri), StringComparison.Ordinal);

    private string Prefix(string requestUri) => string.Concat(_mine, ((uint)requestUri.GetHashCode(StringComparison.Ordinal)).ToString("x8", System.Globalization.CultureInfo.InvariantCulture));
}
