// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Sip.Messages;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Tells where a call has been: Diversion (RFC 5806), newest first, and History-Info (RFC 7044), oldest first.</summary>
internal static class DiversionHeaders
{
    /// <param name="write">How a party's number is written; null: as it is in the house.</param>
    public static IReadOnlyList<SipHeader> Of(RingAs how, string domain, Func<CallParty, string>? write = null)
    {
        if (how.Diversions.Count == 0) return [];
        var headers = new List<SipHeader>(how.Diversions.Count * 2 + 1);
        for (var i = how.Diversions.Count - 1; i >= 0; i--)
        {
            var diversion = how.Diversions[i];
            headers.Add(new SipHeader(SipHeaderName.Diversion, $"{Address(diversion.From, domain, write)};reason={Word(diversion.Reason)};counter=1"));
        }

        var index = "1";
        foreach (var diversion in how.Diversions)
        {
            headers.Add(new SipHeader(SipHeaderName.HistoryInfo, $"{Address(diversion.From, domain, write)};index={index}"));
            index += ".1";
        }

        headers.Add(new SipHeader(SipHeaderName.HistoryInfo, string.Create(CultureInfo.InvariantCulture, $"{Address(how.Called, domain, write)};index={index};mp={index[..^2]}")));
        return headers;
    }

    /// <summary>The number alone: names stay in the house.</summary>
    private static string Address(CallParty party, string domain, Func<CallParty, string>? write) =>
        $"<{SipUri.Of(write is null ? party.Number : write(party), domain).Reveal()}>";

    /// <summary>RFC 5806 §4.4.</summary>
    private static string Word(DiversionReason reason) => reason switch
    {
        DiversionReason.Unconditional => "unconditional",
        DiversionReason.UserBusy => "user-busy",
        DiversionReason.NoAnswer => "no-answer",
        DiversionReason.Unavailable => "unavailable",
        DiversionReason.DoNotDisturb => "do-not-disturb",
        DiversionReason.Deflection => "deflection",
        DiversionReason.TimeOfDay => "time-of-day",
        DiversionReason.FollowMe => "follow-me",
        _ => "unknown",
    };
}
