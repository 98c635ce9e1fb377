// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Forwarding.Contract;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Forwarding;

/// <summary>All forwardings, and their changes by screen and by feature code.</summary>
internal sealed class ForwardingBook(Store store, IDirectory directory, IDialPlans plans) : Book<ForwardingRules>(store, "forwarding", "rules"), IForwardings
{
    private const string VoicemailWord = "voicemail";

    public event Action<Guid>? Changed;

    public ForwardingRules? Of(Guid extension) => Pages.GetValueOrDefault(extension);

    /// <summary>Changes an extension's rules, or makes its first ones.</summary>
    /// <param name="version">The version the change is based on; null: whatever it is.</param>
    public Task<Outcome<ForwardingRules>> ChangeAsync(Caller caller, Extension extension, int? version, Func<ForwardingRules, Outcome<ForwardingRules>> edit, CancellationToken stop) =>
        PutAsync(caller, extension.Id, before =>
        {
            var rules = before ?? ForwardingRules.None(extension.Id, extension.OrganisationId);
            if (version is not null && version != rules.Version) return StoreFaults.Conflict;
            return edit(rules).Succeeded(out var after, out var refusal) ? after with { Version = rules.Version + 1 } : refusal;
        }, stop);

    /// <summary>Reads where to forward: an internal number, a public one that the extension's own calling class allows, or <c>voicemail</c>.</summary>
    public Outcome<Destination> ReadTarget(Extension extension, string digits)
    {
        if (digits == VoicemailWord) return Destination.VoicemailOf(PhoneNumber.Of(extension.Number));
        var now = directory.Current;
        if (digits == extension.Number) return new Refusal("forwarding.to-itself", RefusalKind.Invalid, 403, "An extension cannot be forwarded to itself.");
        if (now.TryExtension(extension.OrganisationId, digits, out _) || (digits.Length is > 0 and < 9 && digits.All(char.IsAsciiDigit) && IsInternal(extension, digits)))
            return new Destination(DestinationKind.Number, digits);
        var prefix = plans.OutsidePrefix(extension.OrganisationId);
        var outside = prefix.Length > 0 && digits.StartsWith(prefix, StringComparison.Ordinal) && NumberingPlan.French.Normalise(digits[prefix.Length..], out _) == NumberFault.None
            ? digits[prefix.Length..] : digits;
        var fault = NumberingPlan.French.Normalise(outside, out var number);
        if (fault != NumberFault.None) return new Refusal("forwarding.no-such-number", RefusalKind.Invalid, 404, $"The number to forward to is neither internal nor public: {fault}.");
        return plans.ClassOf(extension.OrganisationId, extension.Id).Rights.Allows(number, out _)
            ? Destination.To(number.Number)
            : new Refusal("forwarding.barred", RefusalKind.Forbidden, 403, "The calling class of the extension does not allow the number to forward to.");
    }

    /// <summary>Hunt groups and other internal numbers are told from outside numbers by the router; here it is enough that the digits are no public number.</summary>
    private bool IsInternal(Extension extension, string digits)
    {
        var prefix = plans.OutsidePrefix(extension.OrganisationId);
        return (prefix.Length == 0 || !digits.StartsWith(prefix, StringComparison.Ordinal)) && NumberingPlan.French.Normalise(digits, out _) != NumberFault.None;
    }

    protected override string Label(ForwardingRules page) => directory.Current.Extensions.GetValueOrDefault(page.Id)?.Number ?? "";

    protected override void Shown(FrozenDictionary<Guid, ForwardingRules> before, FrozenDictionary<Guid, ForwardingRules> after)
    {
        if (Changed is not { } changed) return;
        foreach (var (extension, rules) in after)
            if (!before.TryGetValue(extension, out var old) || !ReferenceEquals(old, rules)) changed(extension);
        foreach (var extension in before.Keys)
            if (!after.ContainsKey(extension)) changed(extension);
    }

    protected override bool Covers(Caller caller, ForwardingRules page)
    {
        var now = directory.Current;
        if (!now.Extensions.TryGetValue(page.Id, out var extension)) return base.Covers(caller, page);
        return OwnOrCovered(caller, extension, now);
    }

    /// <summary>A person's own extension, or one within the scope of who operates.</summary>
    internal static bool OwnOrCovered(Caller caller, Extension extension, DirectorySnapshot now) =>
        caller.Role == Role.Person ? caller.Person is { } person && extension.PersonId == person : now.Covers(caller.Scope, extension);
}
