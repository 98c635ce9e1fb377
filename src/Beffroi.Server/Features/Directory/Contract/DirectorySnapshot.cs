// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Features.Directory.Contract;

/// <summary>The whole directory at one moment. Immutable; every lookup is O(1).</summary>
public sealed class DirectorySnapshot
{
    private readonly Dictionary<(Guid Organisation, string Number), Extension> _byNumber = [];
    private readonly Dictionary<string, Device> _byUsername = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Extension[]> _everywhere = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, Extension[]> _ofPerson;
    private readonly Dictionary<Guid, Device[]> _ofExtension;

    private DirectorySnapshot(IReadOnlyDictionary<Guid, Organisation> organisations, IReadOnlyDictionary<Guid, Site> sites, IReadOnlyDictionary<Guid, OrganisationUnit> units,
        IReadOnlyDictionary<Guid, Person> persons, IReadOnlyDictionary<Guid, Extension> extensions, IReadOnlyDictionary<Guid, Device> devices)
    {
        (Organisations, Sites, Units, Persons, Extensions, Devices) = (organisations, sites, units, persons, extensions, devices);
        foreach (var extension in extensions.Values) _byNumber[(extension.OrganisationId, extension.Number)] = extension;
        foreach (var device in devices.Values) _byUsername[device.SipUsername] = device;
        foreach (var same in extensions.Values.GroupBy(e => e.Number, StringComparer.Ordinal)) _everywhere[same.Key] = [.. same];
        _ofPerson = extensions.Values.Where(e => e.PersonId is not null).GroupBy(e => e.PersonId!.Value).ToDictionary(g => g.Key, g => g.OrderBy(e => e.Number, StringComparer.Ordinal).ToArray());
        _ofExtension = devices.Values.GroupBy(d => d.ExtensionId).ToDictionary(g => g.Key, g => g.OrderBy(d => d.SipUsername, StringComparer.Ordinal).ToArray());
    }

    public static DirectorySnapshot Empty { get; } = Of([]);

    public IReadOnlyDictionary<Guid, Organisation> Organisations { get; }

    public IReadOnlyDictionary<Guid, Site> Sites { get; }

    public IReadOnlyDictionary<Guid, OrganisationUnit> Units { get; }

    public IReadOnlyDictionary<Guid, Person> Persons { get; }

    public IReadOnlyDictionary<Guid, Extension> Extensions { get; }

    public IReadOnlyDictionary<Guid, Device> Devices { get; }

    /// <summary>The device that signs in with this SIP username.</summary>
    public bool TryDevice(string sipUsername, [NotNullWhen(true)] out Device? device) => _byUsername.TryGetValue(sipUsername, out device);

    /// <summary>The extension of that number within an organisation.</summary>
    public bool TryExtension(Guid organisation, string number, [NotNullWhen(true)] out Extension? extension) => _byNumber.TryGetValue((organisation, number), out extension);

    /// <summary>The extension of that number when only one organisation has it: for calls that come without an organisation.</summary>
    public bool TryExtension(string number, [NotNullWhen(true)] out Extension? extension)
    {
        extension = _everywhere.TryGetValue(number, out var all) && all.Length == 1 ? all[0] : null;
        return extension is not null;
    }

    /// <summary>The extension that a device speaks for.</summary>
    public Extension ExtensionOf(Device device) => Extensions[device.ExtensionId];

    /// <summary>The person of an extension, or null.</summary>
    public Person? PersonOf(Extension extension) => extension.PersonId is { } id ? Persons.GetValueOrDefault(id) : null;

    /// <summary>A person's extensions, by number.</summary>
    public IReadOnlyList<Extension> ExtensionsOf(Guid person) => _ofPerson.TryGetValue(person, out var list) ? list : [];

    /// <summary>An extension's devices, by SIP username.</summary>
    public IReadOnlyList<Device> DevicesOf(Guid extension) => _ofExtension.TryGetValue(extension, out var list) ? list : [];

    /// <summary>What a display shows for an extension: the person's name, else the extension's own, else the number.</summary>
    public string DisplayName(Extension extension) => PersonOf(extension)?.DisplayName ?? (extension.Name.Length > 0 ? extension.Name : extension.Number);

    /// <summary>True when the item lies within the scope.</summary>
    public bool Covers(Scope scope, IDirectoryItem item)
    {
        if (scope.Kind is not ScopeKind.Unit) return scope.Covers(item.Organisation, item.Site);
        var unit = item switch
        {
            Extension extension => PersonOf(extension)?.UnitId,
            Device device => PersonOf(ExtensionOf(device))?.UnitId,
            _ => item.Unit,
        };
        return IsWithin(unit, scope.Id);
    }

    /// <summary>True when <paramref name="unit"/> is <paramref name="above"/> or lies under it.</summary>
    public bool IsWithin(Guid? unit, Guid above)
    {
        for (var depth = 0; unit is { } id && depth < 32; depth++)
        {
            if (id == above) return true;
            unit = Units.GetValueOrDefault(id)?.ParentId;
        }

        return false;
    }

    /// <summary>A snapshot of these items alone.</summary>
    public static DirectorySnapshot Of(IEnumerable<IDirectoryItem> items) => Build(items, new Tables());

    /// <summary>This snapshot with some items added or replaced and others gone.</summary>
    public DirectorySnapshot With(IEnumerable<IDirectoryItem> kept, IEnumerable<IDirectoryItem>? gone = null)
    {
        var tables = new Tables
        {
            Organisations = new(Organisations),
            Sites = new(Sites),
            Units = new(Units),
            Persons = new(Persons),
            Extensions = new(Extensions),
            Devices = new(Devices),
        };
        foreach (var item in gone ?? []) tables.Remove(item.Id);
        return Build(kept, tables);
    }

    private static DirectorySnapshot Build(IEnumerable<IDirectoryItem> items, Tables tables)
    {
        foreach (var item in items) tables.Put(item);
        return new(tables.Organisations, tables.Sites, tables.Units, tables.Persons, tables.Extensions, tables.Devices);
    }

    private sealed class Tables
    {
        public Dictionary<Guid, Organisation> Organisations { get; init; } = [];

        public Dictionary<Guid, Site> Sites { get; init; } = [];

        public Dictionary<Guid, OrganisationUnit> Units { get; init; } = [];

        public Dictionary<Guid, Person> Persons { get; init; } = [];

        public Dictionary<Guid, Extension> Extensions { get; init; } = [];

        public Dictionary<Guid, Device> Devices { get; init; } = [];

        public void Put(IDirectoryItem item)
        {
            switch (item)
            {
                case Organisation organisation: Organisations[item.Id] = organisation; break;
                case Site site: Sites[item.Id] = site; break;
                case OrganisationUnit unit: Units[item.Id] = unit; break;
                case Person person: Persons[item.Id] = person; break;
                case Extension extension: Extensions[item.Id] = extension; break;
                case Device device: Devices[item.Id] = device; break;
            }
        }

        public void Remove(Guid id) =>
            _ = Organisations.Remove(id) || Sites.Remove(id) || Units.Remove(id) || Persons.Remove(id) || Extensions.Remove(id) || Devices.Remove(id);
    }
}
