// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using System.Text.Json;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Emergency.Contract;

/// <summary>A number of the ARCEP list.</summary>
/// <param name="Number">The digits: "112".</param>
/// <param name="Text">True for the 114, which is reached by text and video as well.</param>
public sealed record EmergencyNumber(string Number, string Fr, string En, bool Text);

/// <summary>Where one site's calls to one emergency number go.</summary>
/// <param name="Number">The emergency number, or empty for all of them.</param>
/// <param name="RoutedTo">The number to send to the operator instead of the short one: the long number of the competent centre (PDAAU plans); none: the short number itself.</param>
/// <param name="Presented">The site's number, shown so that the centre finds the place and can call back.</param>
/// <param name="Trunk">The trunk to use first; null: the ordinary order.</param>
public sealed record EmergencyRoute(Guid Id, Guid OrganisationId, Guid SiteId, string Number, PhoneNumber RoutedTo, PhoneNumber Presented, Guid? Trunk, int Version) : IPage;

/// <summary>Emergency numbers and routes as other features see them.</summary>
public interface IEmergency
{
    /// <summary>What is set now; any thread, never waits.</summary>
    EmergencyPlan Current { get; }

    /// <summary>Tells those on watch that somebody calls for help. Must be called when such a call begins; only enqueues.</summary>
    void Alert(EmergencyCall call);
}

/// <summary>An emergency call that has begun.</summary>
/// <param name="Number">The emergency number.</param>
/// <param name="Extension">Who calls, an internal number.</param>
/// <param name="Presented">The number shown to the centre, which will call back there.</param>
public sealed record EmergencyCall(Guid CallId, DateTimeOffset At, string Number, string Extension, string Name, Guid? Organisation, Guid? Site, PhoneNumber Presented);

/// <summary>Emergency numbers and the routes of every site. Looked up before anything else in the dial plan: no calling class, no conflict and no limit comes first.</summary>
/// <remarks>Threading: immutable.</remarks>
public sealed class EmergencyPlan
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly FrozenDictionary<string, EmergencyNumber> _numbers;
    private readonly FrozenDictionary<(Guid Site, string Number), EmergencyRoute> _routes;

    public EmergencyPlan(IReadOnlyList<EmergencyNumber> numbers, IEnumerable<EmergencyRoute> routes)
    {
        Numbers = numbers;
        _numbers = numbers.ToFrozenDictionary(n => n.Number);
        _routes = routes.ToFrozenDictionary(r => (r.SiteId, r.Number));
    }

    /// <summary>The list shipped with the server; the installation may replace it.</summary>
    public static IReadOnlyList<EmergencyNumber> French { get; } = Load();

    public IReadOnlyList<EmergencyNumber> Numbers { get; }

    /// <summary>Whether the digits are an emergency number: alone, or after the outside line prefix, since people in panic dial as they always do.</summary>
    public bool TryMatch(string dialled, string outsidePrefix, out EmergencyNumber number)
    {
        if (_numbers.TryGetValue(dialled, out number!)) return true;
        return outsidePrefix.Length > 0 && dialled.Length > outsidePrefix.Length && dialled.StartsWith(outsidePrefix, StringComparison.Ordinal)
            && _numbers.TryGetValue(dialled[outsidePrefix.Length..], out number!);
    }

    /// <summary>The route of a site for a number: its own line, else the site's line for all numbers, else null.</summary>
    public EmergencyRoute? RouteOf(Guid? site, EmergencyNumber number)
    {
        if (site is not { } known) return null;
        return _routes.GetValueOrDefault((known, number.Number)) ?? _routes.GetValueOrDefault((known, ""));
    }

    private static List<EmergencyNumber> Load()
    {
        using var stream = typeof(EmergencyPlan).Assembly.GetManifestResourceStream("Beffroi.Server.Features.Emergency.emergency-numbers.json")
            ?? throw new InvalidOperationException("emergency-numbers.json is not embedded in the server.");
        return JsonSerializer.Deserialize<List<EmergencyNumber>>(stream, Json) ?? [];
    }
}
