// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text;
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.EventPackages;

/// <summary>What waits in a mailbox: voice messages not heard and heard, and how many of each are urgent.</summary>
/// <param name="Account">URI of the mailbox to call; null leaves it out.</param>
public sealed record MessageSummary(int New, int Old, int UrgentNew = 0, int UrgentOld = 0, string? Account = null);

/// <summary>The message-summary event package, RFC 3842: the message-waiting lamp.</summary>
/// <remarks>Threading: any thread; the functions given must be too.</remarks>
public sealed class MessageSummaryPackage(Func<string, MessageSummary?> summaryOf, Func<string, string, bool> mayWatch) : IEventPackage
{
    public const string PackageName = "message-summary";

    public string Name => PackageName;

    public string ContentType => "application/simple-message-summary";

    public TimeSpan DefaultExpires => TimeSpan.FromHours(1);

    public TimeSpan MinInterval => TimeSpan.FromSeconds(1);

    /// <summary>404 for a resource without mailbox, once the subscriber may know it.</summary>
    public int Authorize(string subscriber, string resource) =>
        !mayWatch(subscriber, resource) ? SipStatus.Forbidden : summaryOf(resource) is null ? SipStatus.NotFound : SipStatus.Ok;

    public ReadOnlyMemory<byte> Write(SubscriptionView subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        return Write(summaryOf(subscription.Resource) ?? new MessageSummary(0, 0));
    }

    /// <summary>The body alone, for a NOTIFY that nobody subscribed to: telephones that only know that.</summary>
    public static ReadOnlyMemory<byte> Write(MessageSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var text = new StringBuilder("Messages-Waiting: ").Append(summary.New > 0 ? "yes\r\n" : "no\r\n");
        if (summary.Account is { } account && SipUri.TryParse(account, out var uri)) text.Append("Message-Account: ").Append(uri.Reveal()).Append("\r\n");
        return Encoding.ASCII.GetBytes(text.Append(CultureInfo.InvariantCulture, $"Voice-Message: {summary.New}/{summary.Old} ({summary.UrgentNew}/{summary.UrgentOld})\r\n").ToString());
    }
}
