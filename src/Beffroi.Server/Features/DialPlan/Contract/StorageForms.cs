// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>How numbers and destinations are written in the store: readable in SQL, the same on SQLite and PostgreSQL.</summary>
public static class StorageForms
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <summary>The canonical digits; an empty text is no number.</summary>
    public static PropertyBuilder<PhoneNumber> IsNumber(this PropertyBuilder<PhoneNumber> property) =>
        property.HasConversion(number => number.Reveal(), text => PhoneOf(text)).HasMaxLength(PhoneNumber.MaxLength);

    /// <summary><c>number:1001</c>, <c>voicemail:1001</c>, <c>outside:+33199001000</c>, <c>announcement:closed</c>, <c>none:</c>.</summary>
    public static PropertyBuilder<Destination> IsDestination(this PropertyBuilder<Destination> property) =>
        property.HasConversion(destination => TextOf(destination), text => DestinationOf(text)).HasMaxLength(80);

    /// <summary>As <see cref="IsDestination(PropertyBuilder{Destination})"/>; NULL is none set.</summary>
    public static PropertyBuilder<Destination?> IsDestination(this PropertyBuilder<Destination?> property) =>
        property.HasConversion(destination => destination == null ? null : TextOf(destination.Value), text => text == null ? null : DestinationOf(text)).HasMaxLength(80);

    /// <summary>A small immutable list or record, as JSON text.</summary>
    public static PropertyBuilder<T> IsJson<T>(this PropertyBuilder<T> property) where T : class => property.HasConversion(
        value => JsonSerializer.Serialize(value, Json), text => JsonSerializer.Deserialize<T>(text, Json)!,
        new ValueComparer<T>((a, b) => ReferenceEquals(a, b), value => value.GetHashCode(), value => value));

    private static PhoneNumber PhoneOf(string text) => text.Length == 0 ? PhoneNumber.None : PhoneNumber.Of(text);

    private static string TextOf(Destination destination) => $"{JsonNamingPolicy.CamelCase.ConvertName(destination.Kind.ToString())}:{destination.Target}";

    private static Destination DestinationOf(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && Enum.TryParse<DestinationKind>(text[..colon], ignoreCase: true, out var kind) ? new Destination(kind, text[(colon + 1)..]) : Destination.Nowhere;
    }
}
