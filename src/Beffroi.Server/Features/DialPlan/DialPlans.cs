// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using Beffroi.Calls;
using Beffroi.Server.Features.Calendars.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.DialPlan;

/// <summary>Each organisation's way of dialling.</summary>
internal sealed class DialPlanBook(Store store, IDirectory directory, INumberCheck numbers) : Book<DialPlanSheet>(store, "dial-plan", "plan")
{
    private volatile FrozenDictionary<Guid, FeatureCodes> _codes = FrozenDictionary<Guid, FeatureCodes>.Empty;

    public FeatureCodes Codes(Guid organisation) => _codes.GetValueOrDefault(organisation) ?? FeatureCodes.Default;

    /// <summary>The organisation's sheet, or what holds where nothing was set.</summary>
    public DialPlanSheet Of(Guid organisation) => Pages.GetValueOrDefault(organisation) ?? DialPlanSheet.Default(organisation);

    protected override string Label(DialPlanSheet page) => directory.Current.Organisations.GetValueOrDefault(page.Id)?.Name ?? "";

    protected override Refusal? Check(DialPlanSheet page, IReadOnlyCollection<DialPlanSheet> all) =>
        numbers.CheckPlan(page.Id, page.OutsidePrefix, page.Codes is null ? FeatureCodes.Default : new FeatureCodes(page.Codes));

    protected override void Swapped(FrozenDictionary<Guid, DialPlanSheet> pages) =>
        _codes = pages.Values.Where(p => p.Codes is not null).ToFrozenDictionary(p => p.Id, p => new FeatureCodes(p.Codes!));
}

/// <summary>Calling classes ("discriminations").</summary>
internal sealed class CallingClassBook(Store store, DialPlanBook plans, Lazy<LineBook> lines) : Book<CallingClass>(store, "dial-plan", "calling-class")
{
    private volatile FrozenDictionary<Guid, CallingRights> _rights = FrozenDictionary<Guid, CallingRights>.Empty;

    public CallingRights? Rights(Guid id) => _rights.GetValueOrDefault(id);

    protected override string Label(CallingClass page) => page.Name;

    protected override Refusal? Check(CallingClass page, IReadOnlyCollection<CallingClass> all) =>
        all.Any(c => c.Id != page.Id && c.OrganisationId == page.OrganisationId && string.Equals(c.Name, page.Name, StringComparison.OrdinalIgnoreCase))
            ? new Refusal("dial-plan.calling-class-taken", RefusalKind.Conflict, 500, "This organisation has a calling class of that name already.")
            : null;

    protected override string? StillUsedBy(CallingClass page) =>
        plans.Pages.Values.Any(p => p.DefaultClass == page.Id) ? "the organisation, as its default" : lines.Value.Any(l => l.Names(page.Id)) ? "extensions" : null;

    protected override void Swapped(FrozenDictionary<Guid, CallingClass> pages) =>
        _rights = pages.Values.ToFrozenDictionary(c => c.Id, c => new CallingRights(c.Id, c.Name, c.AllowedByDefault, c.Rules, NumberingPlan.French));
}

/// <summary>What single extensions may do and show.</summary>
internal sealed class LineBook(Store store, IDirectory directory, CallingClassBook classes, ICalendars calendars) : Book<LineSettings>(store, "dial-plan", "line")
{
    /// <summary>Whether some extension's settings are so. Those of an extension that was removed are gone from the store and no longer count here.</summary>
    public bool Any(Func<LineSettings, bool> so)
    {
        var extensions = directory.Current.Extensions;
        return Pages.Values.Any(line => so(line) && extensions.ContainsKey(line.Id));
    }

    /// <summary>Asked within the change: what the line names may have been removed since the request was read.</summary>
    protected override Refusal? Check(LineSettings page, IReadOnlyCollection<LineSettings> all)
    {
        foreach (var named in new[] { page.CallingClass, page.ClosedClass, page.PinClass })
            if (named is { } id && classes.Pages.GetValueOrDefault(id)?.OrganisationId != page.OrganisationId) return Gone("calling class");
        return page.Calendar is { } calendar && calendars.OrganisationOf(calendar) != page.OrganisationId ? Gone("calendar") : null;
    }

    private static Refusal Gone(string what) => new("dial-plan.line-names-nothing", RefusalKind.Conflict, 500, $"The {what} that the line names is not there.");

    protected override string Label(LineSettings page) => directory.Current.Extensions.GetValueOrDefault(page.Id)?.Number ?? "";

    protected override bool Covers(Caller caller, LineSettings page)
    {
        var now = directory.Current;
        return now.Extensions.TryGetValue(page.Id, out var extension) ? now.Covers(caller.Scope, extension) : base.Covers(caller, page);
    }
}

/// <summary>The books as calls see them.</summary>
internal sealed class DialPlans(DialPlanBook plans, CallingClassBook classes, LineBook lines, PrefixRouteBook prefixes) : IDialPlans
{
    public string OutsidePrefix(Guid organisation) => plans.Of(organisation).OutsidePrefix;

    public FeatureCodes Codes(Guid organisation) => plans.Codes(organisation);

    public PrefixRoute? Prefix(Guid organisation, string dialled) => prefixes.Of(organisation, dialled);

    public IReadOnlyList<PrefixRoute> Prefixes(Guid organisation) => prefixes.All(organisation);

    public bool UsesTrunk(Guid trunk) => prefixes.Pages.Values.Any(r => r.Trunk == trunk);

    public LineSettings? Line(Guid extension) => lines.Pages.GetValueOrDefault(extension);

    public CallingRights? Rights(Guid callingClass) => classes.Rights(callingClass);

    public bool UsesCalendar(Guid calendar) => lines.Any(l => l.Calendar == calendar);

    public CountingClass ClassOf(Guid organisation, Guid extension)
    {
        if (Line(extension)?.CallingClass is { } own && classes.Rights(own) is { } rights) return new CountingClass(rights, ClassReason.Line);
        return plans.Of(organisation).DefaultClass is { } common && classes.Rights(common) is { } shared
            ? new CountingClass(shared, ClassReason.Organisation)
            : new CountingClass(BuiltInRights.National, ClassReason.BuiltIn);
    }
}
