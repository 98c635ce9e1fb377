// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json.Serialization;

namespace Beffroi.Server.Features.Calendars.Contract;

/// <summary>Open from one minute of the day to another, by the clock on the wall.</summary>
/// <param name="From">Minute of the day, 0 to 1439.</param>
/// <param name="To">Minute of the day, after <paramref name="From"/>, up to 1440: midnight. Hours past midnight are two spans.</param>
[JsonConverter(typeof(HourSpanJson))]
public readonly record struct HourSpan(int From, int To)
{
    public bool IsValid => From >= 0 && From < To && To <= 24 * 60;

    /// <summary>"08:30-12:00".</summary>
    public override string ToString() => $"{From / 60:00}:{From % 60:00}-{To / 60:00}:{To % 60:00}";

    /// <summary>Reads "08:30-12:00"; "24:00" is midnight at the end.</summary>
    public static bool TryParse(string? text, out HourSpan span)
    {
        span = default;
        if (text is not { Length: 11 } || text[5] != '-' || !TryMinute(text.AsSpan(0, 5), out var from) || !TryMinute(text.AsSpan(6), out var to)) return false;
        span = new HourSpan(from, to);
        return span.IsValid;
    }

    private static bool TryMinute(ReadOnlySpan<char> text, out int minute)
    {
        minute = 0;
        if (text[2] != ':' || !int.TryParse(text[..2], System.Globalization.NumberStyles.None, null, out var hours)
            || !int.TryParse(text[3..], System.Globalization.NumberStyles.None, null, out var minutes) || minutes > 59) return false;
        minute = (hours * 60) + minutes;
        return minute <= 24 * 60;
    }
}

/// <summary>Days that differ from the week: works, local feast, a late opening. No hours: closed.</summary>
public sealed record CalendarException(DateOnly First, DateOnly Last, IReadOnlyList<HourSpan> Hours, string Label);

/// <summary>Opened or closed by hand, whatever the hours say, until a moment or until taken back.</summary>
public sealed record CalendarOverride(bool Open, DateTimeOffset? Until);

/// <summary>Why a calendar is open or closed.</summary>
public enum CalendarCause
{
    Hours,
    PublicHoliday,
    Exception,
    ByHand,
}

/// <summary>What a calendar says at an instant.</summary>
/// <param name="NextChange">When it will say otherwise; null when nothing changes within a year.</param>
/// <param name="Label">Name of the holiday or exception, empty otherwise (French, as the administrator or the law wrote it).</param>
public sealed record CalendarState(bool Open, CalendarCause Cause, string Label, DateTimeOffset? NextChange);

/// <summary>Opening hours in a town's own time zone, with public holidays and exceptions.</summary>
/// <remarks>Threading: immutable. All questions are computed, nothing is cached.</remarks>
public sealed class Calendar
{
    private const int HorizonDays = 370;
    private readonly IReadOnlyList<HourSpan>[] _week;
    private readonly IReadOnlyList<CalendarException> _exceptions;
    private readonly CalendarOverride? _override;

    /// <param name="week">Hours by day of the week, Sunday first (<see cref="DayOfWeek"/>); seven entries.</param>
    public Calendar(Guid id, string name, TimeZoneInfo zone, IReadOnlyList<IReadOnlyList<HourSpan>> week, HolidayRegion holidays, bool openOnHolidays,
        IReadOnlyList<CalendarException> exceptions, CalendarOverride? byHand)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(week.Count, 7);
        (Id, Name, Zone, Holidays, OpenOnHolidays) = (id, name, zone, holidays, openOnHolidays);
        _week = [.. week.Select(Sorted)];
        _exceptions = [.. exceptions.Select(e => e with { Hours = Sorted(e.Hours) })];
        _override = byHand;
    }

    public Guid Id { get; }

    public string Name { get; }

    public TimeZoneInfo Zone { get; }

    public HolidayRegion Holidays { get; }

    public bool OpenOnHolidays { get; }

    /// <summary>Open or closed at <paramref name="instant"/>, why, and until when.</summary>
    public CalendarState At(DateTimeOffset instant)
    {
        if (_override is { } byHand && (byHand.Until is null || instant < byHand.Until))
            return new CalendarState(byHand.Open, CalendarCause.ByHand, "", NextChangeAfterOverride(byHand));
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Zone).DateTime);
        var (_, cause, label) = HoursOf(today);
        var change = (DateTimeOffset?)null;
        foreach (var (from, to) in OpenSpans(today.AddDays(-1)))
        {
            if (to <= instant) continue;
            if (from <= instant) return new CalendarState(true, cause, label, to == DateTimeOffset.MaxValue ? null : to);
            change = from;
            break;
        }
        return new CalendarState(false, cause, label, change);
    }

    /// <summary>As <see cref="At"/>, without looking for the next change: three days are enough to know.</summary>
    public bool IsOpen(DateTimeOffset instant)
    {
        if (_override is { } byHand && (byHand.Until is null || instant < byHand.Until)) return byHand.Open;
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Zone).DateTime);
        return OpenSpans(today.AddDays(-1), days: 3).Any(span => span.From <= instant && instant < span.To);
    }

    private DateTimeOffset? NextChangeAfterOverride(CalendarOverride byHand)
    {
        if (byHand.Until is not { } until) return null;
        var then = new Calendar(Id, Name, Zone, _week, Holidays, OpenOnHolidays, _exceptions, null).At(until);
        return then.Open == byHand.Open ? then.NextChange : until;
    }

    /// <summary>Open spans in real time from a day on, touching spans joined, for a little more than a year unless told fewer days.</summary>
    private IEnumerable<(DateTimeOffset From, DateTimeOffset To)> OpenSpans(DateOnly first, int days = HorizonDays)
    {
        (DateTimeOffset From, DateTimeOffset To)? current = null;
        for (var day = 0; day < days; day++)
        {
            var date = first.AddDays(day);
            foreach (var span in HoursOf(date).Hours)
            {
                var (from, to) = (Instant(date, span.From, opening: true), Instant(date, span.To, opening: false));
                if (from >= to) continue;                                    // swallowed by the hour that spring skips
                if (current is { } running && from <= running.To)
                {
                    current = (running.From, to > running.To ? to : running.To);
                    continue;
                }
                if (current is { } done) yield return done;
                current = (from, to);
            }
        }
        // A span still running at the horizon has no known end: a calendar open around the clock never changes.
        if (current is { } last) yield return last.To >= Instant(first.AddDays(days), 0, opening: true) ? (last.From, DateTimeOffset.MaxValue) : last;
    }

    private (IReadOnlyList<HourSpan> Hours, CalendarCause Cause, string Label) HoursOf(DateOnly date)
    {
        foreach (var exception in _exceptions)
            if (date >= exception.First && date <= exception.Last) return (exception.Hours, CalendarCause.Exception, exception.Label);
        if (!OpenOnHolidays && PublicHolidays.On(date, Holidays) is { } holiday) return ([], CalendarCause.PublicHoliday, holiday.Fr);
        return (_week[(int)date.DayOfWeek], CalendarCause.Hours, "");
    }

    /// <summary>Wall clock to instant. In the hour that spring skips: the first instant after it. In the hour that autumn repeats: the first
    /// time round for an opening, the second for a closing, so that nobody finds a door shut that the clock says is open.</summary>
    private DateTimeOffset Instant(DateOnly date, int minute, bool opening)
    {
        var wall = date.ToDateTime(TimeOnly.MinValue).AddMinutes(minute);
        while (Zone.IsInvalidTime(wall)) wall = wall.AddMinutes(1);
        if (!Zone.IsAmbiguousTime(wall)) return new DateTimeOffset(wall, Zone.GetUtcOffset(wall));
        var offsets = Zone.GetAmbiguousTimeOffsets(wall);
        return new DateTimeOffset(wall, opening ? offsets.Max() : offsets.Min());
    }

    private static IReadOnlyList<HourSpan> Sorted(IReadOnlyList<HourSpan> hours) => [.. hours.OrderBy(h => h.From)];
}
