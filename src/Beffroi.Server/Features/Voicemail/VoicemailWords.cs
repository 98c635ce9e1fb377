// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.DialPlan.Contract;

namespace Beffroi.Server.Features.Voicemail;

/// <summary>What voicemail says, as rows of prompt names.</summary>
internal static class VoicemailWords
{
    /// <summary>"You have 3 new messages and 1 saved message."</summary>
    public static IReadOnlyList<string> Counts(int fresh, int old, string language)
    {
        if (fresh + old == 0) return ["voicemail-no-messages"];
        List<string> words = ["voicemail-you-have"];
        if (fresh > 0) words.AddRange([.. Count(fresh, language), fresh == 1 ? "voicemail-new-message" : "voicemail-new-messages"]);
        if (fresh > 0 && old > 0) words.Add("and");
        if (old > 0) words.AddRange([.. Count(old, language), old == 1 ? "voicemail-old-message" : "voicemail-old-messages"]);
        return words;
    }

    /// <summary>"From 01 99 00 10 01, received yesterday at 14:30."</summary>
    public static IReadOnlyList<string> Introduction(string caller, DateTime at, DateOnly today, string language)
    {
        var from = PhoneNumber.TryParse(caller, out var number)
            ? (IEnumerable<string>)["from-number", .. SpokenNumber.Telephone(NumberingPlan.French.Display(number), language)]
            : ["from-withheld"];
        return [.. from, "received-at", .. SpokenNumber.Date(DateOnly.FromDateTime(at), today, language), "at", .. SpokenNumber.Time(TimeOnly.FromDateTime(at), language)];
    }

    private static IReadOnlyList<string> Count(int number, string language) => SpokenNumber.Of(Math.Min(number, SpokenNumber.Greatest), language);
}
