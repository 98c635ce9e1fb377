// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json.Serialization;

namespace Beffroi.Calls;

/// <summary>Which side of the town's wall a party is on.</summary>
public enum PartyKind
{
    /// <summary>A person or a thing of the town, known by an extension.</summary>
    Internal,

    /// <summary>Somebody outside, known by a telephone number or not at all.</summary>
    External,

    /// <summary>A service of Beffroi itself: voicemail, a park slot, an announcement.</summary>
    Service,
}

/// <summary>One end of a call, as the history names it. Immutable.</summary>
/// <param name="Kind">Internal, external or a service.</param>
/// <param name="Number">Extension, E.164 number, or service name; empty when withheld by the network.</param>
/// <param name="Name">The name to show; may be empty.</param>
/// <remarks><see cref="ToString"/> masks: numbers and names are personal data and logs are read by many.
/// Number and name are <see cref="PlainText"/>, whoever wrote them: every party is made here, so no store and no screen meets anything else.</remarks>
public sealed record CallParty(PartyKind Kind, string Number, string Name)
{
    public string Number { get; init => field = PlainText.Of(value, PlainText.MostOfParty); } = PlainText.Of(Number, PlainText.MostOfParty);

    public string Name { get; init => field = PlainText.Of(value, PlainText.MostOfParty); } = PlainText.Of(Name, PlainText.MostOfParty);

    /// <summary>The extension of the directory, when the party has one: several organisations may use the same <see cref="Number"/>.</summary>
    public Guid? Extension { get; init; }

    /// <summary>The person of the directory, when the party is one.</summary>
    public Guid? Person { get; init; }

    /// <summary>The device (SIP username) that speaks for the party, when known.</summary>
    public string? Device { get; init; }

    /// <summary>The trunk through which an external party is reached.</summary>
    public Guid? Trunk { get; init; }

    /// <summary>The site where the party is; decides the emergency route.</summary>
    public Guid? Site { get; init; }

    /// <summary>Whose service it is, when the party is one: it may be at no site.</summary>
    public Guid? Organisation { get; init; }

    /// <summary>The party asked that its number be withheld (RFC 3323 <c>Privacy: id</c>).</summary>
    public bool Withheld { get; init; }

    /// <summary>Not shown in the house either: a colleague withholds the number from the public alone.</summary>
    [JsonIgnore]
    public bool IsMasked => Withheld && Kind == PartyKind.External;

    /// <summary>Nobody known.</summary>
    [JsonIgnore]
    public static CallParty Unknown { get; } = new(PartyKind.External, "", "");

    /// <summary>The kind and the last two digits.</summary>
    public override string ToString() => $"{Kind}:{(Number.Length > 2 ? new string('*', Number.Length - 2) + Number[^2..] : Number)}";
}
