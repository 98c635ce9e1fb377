// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;

namespace Beffroi.Media.Prompts;

/// <summary>Says numbers, times and dates as a row of prompt names, for <see cref="PromptLibrary.Phrase"/>. Languages other than "en" are taken for French.</summary>
public static class SpokenNumber
{
    /// <summary>The greatest number that can be said.</summary>
    public const int Greatest = 999_999;

    public static IReadOnlyList<string> Of(int number, string language) => IsEnglish(language) ? English(number) : French(number);

    /// <summary>0 to 999,999 as in France: soixante-dix, quatre-vingt-onze, vingt et un.</summary>
    public static IReadOnlyList<string> French(int number)
    {
        CheckRange(number);
        List<string> names = [];
        if (number >= 1000)
        {
            if (number >= 2000) FrenchBelowThousand(number / 1000, names);      // mille, never "un mille"
            names.Add("thousand");
            number %= 1000;
            if (number == 0) return names;
        }
        FrenchBelowThousand(number, names);
        return names;
    }

    /// <summary>0 to 999,999 as in Britain: one hundred and five.</summary>
    public static IReadOnlyList<string> English(int number)
    {
        CheckRange(number);
        List<string> names = [];
        if (number >= 1000)
        {
            EnglishBelowThousand(number / 1000, names);
            names.Add("thousand");
            number %= 1000;
            if (number == 0) return names;
            if (number < 100) names.Add("and");
        }
        EnglishBelowThousand(number, names);
        return names;
    }

    /// <summary>Figure by figure; * and # and + are said too, everything else is skipped.</summary>
    public static IReadOnlyList<string> Digits(string digits)
    {
        ArgumentNullException.ThrowIfNull(digits);
        return [.. digits.Select(Digit).OfType<string>()];
    }

    /// <summary>A telephone number as people say it: in French by pairs (zéro un, quatre-vingt-dix-neuf), in English figure by figure.</summary>
    public static IReadOnlyList<string> Telephone(string number, string language)
    {
        ArgumentNullException.ThrowIfNull(number);
        var figures = string.Concat(number.Where(char.IsAsciiDigit));
        if (IsEnglish(language) || figures.Length < 4 || number.AsSpan().IndexOfAny('*', '#') >= 0) return Digits(number);
        List<string> names = [];
        if (number.TrimStart().StartsWith('+')) names.Add("plus");
        if (figures.Length % 2 == 1) names.Add(Digit(figures[0])!);
        for (var at = figures.Length % 2; at < figures.Length; at += 2)
        {
            var pair = int.Parse(figures.AsSpan(at, 2), NumberStyles.None, CultureInfo.InvariantCulture);
            if (pair < 10) names.Add("digit-0");
            FrenchBelowHundred(pair, names);
        }
        return names;
    }

    /// <summary>A time of day: quatorze heures trente; fourteen thirty.</summary>
    public static IReadOnlyList<string> Time(TimeOnly time, string language)
    {
        if (IsEnglish(language)) return [Small(time.Hour), time.Minute < 10 ? Name("minute", time.Minute) : Small(time.Minute)];
        return time.Minute switch
        {
            0 => [Name("hour", time.Hour)],
            1 or 21 or 31 or 41 or 51 => [Name("hour", time.Hour), Name("minute", time.Minute)],     // minutes are feminine
            _ => [Name("hour", time.Hour), Small(time.Minute)],
        };
    }

    /// <summary>A date as seen from <paramref name="today"/>: today, yesterday, else the day of the week, the day and the month.</summary>
    public static IReadOnlyList<string> Date(DateOnly date, DateOnly today, string language)
    {
        if (date == today) return ["today"];
        if (date.AddDays(1) == today) return ["yesterday"];
        var (weekday, month) = (Name("day", date.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)date.DayOfWeek), Name("month", date.Month));
        if (!IsEnglish(language)) return ["on", weekday, date.Day == 1 ? "first-of-month" : Small(date.Day), month];
        return date.Day is > 20 and not 30
            ? ["on", weekday, month, Small(date.Day / 10 * 10), Name("ordinal", date.Day % 10)]
            : ["on", weekday, month, Name("ordinal", date.Day)];
    }

    private static void FrenchBelowThousand(int number, List<string> names)
    {
        if (number >= 100)
        {
            if (number >= 200) names.Add(Small(number / 100));
            names.Add("hundred");
            number %= 100;
            if (number == 0) return;
        }
        FrenchBelowHundred(number, names);
    }

    private static void FrenchBelowHundred(int number, List<string> names)
    {
        if (number < 60)
        {
            names.Add(Small(number));
            return;
        }
        var score = number < 80 ? 60 : 80;                                  // soixante-douze, quatre-vingt-douze
        names.Add(Name("number", score));
        if (number is 61 or 71) names.Add("and");
        if (number > score) names.Add(Small(number - score));
    }

    private static void EnglishBelowThousand(int number, List<string> names)
    {
        if (number >= 100)
        {
            names.Add(Small(number / 100));
            names.Add("hundred");
            number %= 100;
            if (number == 0) return;
            names.Add("and");
        }
        if (number < 60)
        {
            names.Add(Small(number));
            return;
        }
        names.Add(Name("number", number / 10 * 10));
        if (number % 10 > 0) names.Add(Small(number % 10));
    }

    /// <summary>0 to 59: each has a recording of its own.</summary>
    private static string Small(int number) => Name(number < 10 ? "digit" : "number", number);

    private static string Name(string kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}");

    private static string? Digit(char figure) => figure switch
    {
        >= '0' and <= '9' => Name("digit", figure - '0'),
        '*' => "star",
        '#' => "hash",
        '+' => "plus",
        _ => null,
    };

    private static bool IsEnglish(string language) => language.StartsWith("en", StringComparison.OrdinalIgnoreCase);

    private static void CheckRange(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, Greatest);
    }
}
