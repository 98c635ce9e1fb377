// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json.Serialization;

namespace Beffroi.Server.Features.Directory.Contract;

/// <summary>What the parts of the directory have in common. Each is one immutable record: what the store holds, what memory keeps and
/// what the API shows; what must not be shown is <see cref="JsonIgnoreAttribute"/>. A change makes a new record.</summary>
public interface IDirectoryItem
{
    Guid Id { get; }

    /// <summary>The organisation it belongs to; its own id for an organisation.</summary>
    Guid Organisation { get; }

    /// <summary>The site it is at, for scopes; null when it is at none.</summary>
    Guid? Site { get; }

    /// <summary>The unit it belongs to, for scopes; null when none.</summary>
    Guid? Unit { get; }

    /// <summary>How people call it, for the audit.</summary>
    string Label { get; }

    /// <summary>Raised by each change; a change based on an older one is refused.</summary>
    int Version { get; }
}

/// <summary>A commune, a métropole, an association of communes: extensions are unique within one.</summary>
public sealed record Organisation : IDirectoryItem
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public int Version { get; init; }

    Guid IDirectoryItem.Organisation => Id;

    Guid? IDirectoryItem.Site => null;

    Guid? IDirectoryItem.Unit => null;

    string IDirectoryItem.Label => Name;
}

/// <summary>A building or a place with its own emergency route and presented number.</summary>
public sealed record Site : IDirectoryItem
{
    public required Guid Id { get; init; }

    public required Guid OrganisationId { get; init; }

    public required string Name { get; init; }

    /// <summary>Postal address: where help is sent.</summary>
    public string Address { get; init; } = "";

    public int Version { get; init; }

    Guid IDirectoryItem.Organisation => OrganisationId;

    Guid? IDirectoryItem.Site => Id;

    Guid? IDirectoryItem.Unit => null;

    string IDirectoryItem.Label => Name;
}

/// <summary>A direction or a service, in a tree.</summary>
public sealed record OrganisationUnit : IDirectoryItem
{
    public required Guid Id { get; init; }

    public required Guid OrganisationId { get; init; }

    /// <summary>The unit above; null at the top.</summary>
    public Guid? ParentId { get; init; }

    public required string Name { get; init; }

    public int Version { get; init; }

    Guid IDirectoryItem.Organisation => OrganisationId;

    Guid? IDirectoryItem.Site => null;

    Guid? IDirectoryItem.Unit => Id;

    string IDirectoryItem.Label => Name;
}

/// <summary>A civil servant, an elected member: somebody who is called.</summary>
public sealed record Person : IDirectoryItem
{
    public required Guid Id { get; init; }

    public required Guid OrganisationId { get; init; }

    public required Guid SiteId { get; init; }

    public Guid? UnitId { get; init; }

    public required string GivenName { get; init; }

    public required string FamilyName { get; init; }

    /// <summary>What the person does: « Officier d'état civil ».</summary>
    public string Function { get; init; } = "";

    public string Email { get; init; } = "";

    /// <summary>Of screens and prompts: <c>fr</c> or <c>en</c>.</summary>
    public string Language { get; init; } = "fr";

    public int Version { get; init; }

    [JsonIgnore]
    public string DisplayName => $"{GivenName} {FamilyName}".Trim();

    Guid IDirectoryItem.Organisation => OrganisationId;

    Guid? IDirectoryItem.Site => SiteId;

    Guid? IDirectoryItem.Unit => UnitId;

    string IDirectoryItem.Label => DisplayName;

    /// <summary>Masks the name: logs are read by many.</summary>
    public override string ToString() => $"person {Id}";
}

/// <summary>An internal number (poste), of a person or of a place.</summary>
public sealed record Extension : IDirectoryItem
{
    public required Guid Id { get; init; }

    public required Guid OrganisationId { get; init; }

    public required Guid SiteId { get; init; }

    /// <summary>Digits, unique within the organisation.</summary>
    public required string Number { get; init; }

    /// <summary>Whose it is; null for a meeting room, a lift, a lobby.</summary>
    public Guid? PersonId { get; init; }

    /// <summary>What displays show when it is nobody's; empty: the person's name.</summary>
    public string Name { get; init; } = "";

    public int Version { get; init; }

    Guid IDirectoryItem.Organisation => OrganisationId;

    Guid? IDirectoryItem.Site => SiteId;

    Guid? IDirectoryItem.Unit => null;

    string IDirectoryItem.Label => Number;

    /// <summary>Masks the number.</summary>
    public override string ToString() => $"extension {Id}";
}

/// <summary>What sort of device registers.</summary>
public enum DeviceKind
{
    DeskPhone,
    Softphone,
    Dect,
    Gateway,
}

/// <summary>Something that registers by SIP for an extension.</summary>
public sealed record Device : IDirectoryItem
{
    public required Guid Id { get; init; }

    public required Guid OrganisationId { get; init; }

    public required Guid SiteId { get; init; }

    public required Guid ExtensionId { get; init; }

    public required string Name { get; init; }

    public required DeviceKind Kind { get; init; }

    /// <summary>Unique everywhere; case matters (RFC 3261 §19.1.4).</summary>
    public required string SipUsername { get; init; }

    /// <summary>The realm for which the secrets below were hashed.</summary>
    public required string Realm { get; init; }

    /// <summary>False: its registrations and calls are refused.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Message-waiting by NOTIFY without subscription, for older telephones that never subscribe.</summary>
    public bool UnsolicitedMwi { get; init; }

    /// <summary>When the secret was made.</summary>
    public required DateTimeOffset SecretAt { get; init; }

    /// <summary>H(username:realm:secret), RFC 7616 §3.4.2; the secret itself is not kept.</summary>
    [JsonIgnore]
    public byte[] Ha1Md5 { get; init; } = [];

    [JsonIgnore]
    public byte[] Ha1Sha256 { get; init; } = [];

    [JsonIgnore]
    public byte[] Ha1Sha512256 { get; init; } = [];

    public int Version { get; init; }

    Guid IDirectoryItem.Organisation => OrganisationId;

    Guid? IDirectoryItem.Site => SiteId;

    Guid? IDirectoryItem.Unit => null;

    string IDirectoryItem.Label => SipUsername;

    /// <summary>Shows neither name nor secret.</summary>
    public override string ToString() => $"device {Id}";
}
