// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Platform.Live;

namespace Beffroi.Server.Features.DialPlan;

/// <summary>Asks every feature that owns numbers, and the rules of <see cref="NumberConflicts"/>.</summary>
/// <param name="services">Asked at the first check: those who own numbers ask this themselves.</param>
internal sealed class NumberCheck(IServiceProvider services) : INumberCheck
{
    private readonly Lazy<(IReadOnlyList<INumberOwner> Owners, IDialPlans Plans, IEmergency Emergency)> _known = new(() =>
        ([.. services.GetServices<INumberOwner>()], services.GetRequiredService<IDialPlans>(), services.GetRequiredService<IEmergency>()));

    public Refusal? Check(Guid organisation, string digits, Guid self = default)
    {
        var (owners, plans, emergency) = _known.Value;
        foreach (var owner in owners)
            if (owner.Find(organisation, digits, self) is { } taken) return Refuse($"The number {digits} is that of {taken.Owner} already.");
        var conflict = NumberConflicts.Of(new OwnedNumber(PhoneNumber.Of(digits), ""), plans.Codes(organisation), plans.OutsidePrefix(organisation), Emergencies(emergency), NumberingPlan.French)
            .FirstOrDefault(c => c.Weight == ConflictWeight.Error);
        return conflict is null ? null : Refuse(conflict.En);
    }

    public Refusal? CheckPlan(Guid organisation, string outsidePrefix, FeatureCodes codes)
    {
        var before = Errors(Find(organisation)).Select(c => c.En).ToHashSet(StringComparer.Ordinal);
        return Errors(Find(organisation, codes, outsidePrefix)).FirstOrDefault(c => !before.Contains(c.En)) is { } conflict ? Refuse(conflict.En) : null;
    }

    /// <summary>Why a prefix cannot lead to a trunk, or null: an outside line, a feature code or another prefix has its numbers.</summary>
    internal Refusal? CheckPrefix(PrefixRoute route, IEnumerable<PrefixRoute> all)
    {
        var plans = _known.Value.Plans;
        return Errors(Of(route, all, plans.Codes(route.OrganisationId), plans.OutsidePrefix(route.OrganisationId))).FirstOrDefault() is { } conflict ? Refuse(conflict.En) : null;
    }

    public Refusal Refuse(string because) => new("dial-plan.number-conflict", RefusalKind.Conflict, 500, because);

    /// <summary>All conflicts of an organisation as it is.</summary>
    internal IReadOnlyList<NumberConflict> Find(Guid organisation) => Find(organisation, _known.Value.Plans.Codes(organisation), _known.Value.Plans.OutsidePrefix(organisation));

    /// <summary>What an emergency number hides. A look-up for each emergency number: cheap enough for each health check.</summary>
    internal IEnumerable<NumberConflict> Hidden(Guid organisation)
    {
        var (owners, plans, emergency) = _known.Value;
        var prefix = plans.OutsidePrefix(organisation);
        return from number in emergency.Current.Numbers
               from digits in prefix.Length > 0 ? [number.Number, prefix + number.Number] : new[] { number.Number }
               from owner in owners
               let hidden = owner.Find(organisation, digits, Guid.Empty)
               where hidden is not null
               select NumberConflicts.WithEmergency(hidden, number.Number, ConflictWeight.Error);
    }

    private IReadOnlyList<NumberConflict> Find(Guid organisation, FeatureCodes codes, string outsidePrefix)
    {
        var routes = _known.Value.Plans.Prefixes(organisation);
        return
        [
            .. NumberConflicts.Find(Owned(organisation), codes, outsidePrefix, Emergencies(_known.Value.Emergency), NumberingPlan.French),
            .. routes.SelectMany((route, i) => Of(route, routes.Skip(i + 1), codes, outsidePrefix)),
        ];
    }

    private IEnumerable<NumberConflict> Of(PrefixRoute route, IEnumerable<PrefixRoute> others, FeatureCodes codes, string outsidePrefix) =>
        NumberConflicts.Of(route, others, Owned(route.OrganisationId), codes, outsidePrefix, Emergencies(_known.Value.Emergency));

    private IEnumerable<OwnedNumber> Owned(Guid organisation) => _known.Value.Owners.SelectMany(o => o.Numbers(organisation));

    private static IEnumerable<NumberConflict> Errors(IEnumerable<NumberConflict> conflicts) => conflicts.Where(c => c.Weight == ConflictWeight.Error);

    private static HashSet<string> Emergencies(IEmergency emergency) => [.. emergency.Current.Numbers.Select(n => n.Number)];
}

/// <summary>The list of emergency numbers changes with a release or a file, where nothing can be refused: what has such a number is shown until it is given another.</summary>
internal sealed class NumberHealth(NumberCheck check, IDirectory directory) : IHealthSource
{
    public ValueTask<IReadOnlyList<HealthNote>> CheckAsync(CancellationToken stop) => ValueTask.FromResult<IReadOnlyList<HealthNote>>(
        [.. directory.Current.Organisations.Keys.SelectMany(check.Hidden).Take(5).Select(c => new HealthNote("dial-plan", false, c.En + " Give it another number.", c.Fr + " Donnez-lui un autre numéro."))]);
}
