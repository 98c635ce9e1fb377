// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Directory;

/// <summary>A device that an import made, with its secret, shown this once.</summary>
public sealed record ImportedDevice(string Extension, string SipUsername, string SipSecret)
{
    /// <summary>Masks the secret.</summary>
    public override string ToString() => "imported device";
}

/// <summary>What an import did.</summary>
public sealed record ImportResult(int Persons, int Extensions, IReadOnlyList<ImportedDevice> Devices);

/// <summary>Persons from CSV, with extension and device: all lines or none.</summary>
internal sealed class PersonImport(DirectoryStore directory, INumberCheck numbers, ServerSettings server)
{
    private const int MostLines = 50_000;
    private static readonly string[] Columns = ["given_name", "family_name", "site", "extension", "unit", "function", "email", "organisation", "sip_username", "device"];

    internal async Task<Outcome<ImportResult>> RunAsync(Caller caller, string text, CancellationToken stop)
    {
        var unread = new FieldErrors();
        if (!CsvTable.Read(text, Columns, ["family_name", "site"], MostLines, unread).Succeeded(out var table, out var refusal)) return refusal;
        ImportResult? result = null;
        var outcome = await directory.AddManyAsync(caller, (now, change) =>
        {
            var plan = new Plan(now, caller, change, numbers, server.Realm, unread);
            foreach (var line in table) plan.Take(line);
            if (plan.Errors.Refused(out var wrong, "directory.import-refused", "Nothing was imported: mend the lines listed in errors and send the file again.")) return wrong;
            result = new(plan.Items.OfType<Person>().Count(), plan.Items.OfType<Extension>().Count(), plan.Secrets);
            return plan.Items;
        }, stop);
        return outcome.Succeeded(out _, out refusal) ? result! : refusal;
    }

    /// <summary>The import in the making: what it would add, and what is wrong.</summary>
    private sealed class Plan(DirectorySnapshot now, Caller caller, Change change, INumberCheck check, string realm, FieldErrors errors)
    {
        private readonly HashSet<(Guid, string)> _numbers = [];
        private readonly HashSet<string> _usernames = new(StringComparer.Ordinal);

        internal FieldErrors Errors { get; } = errors;

        internal List<IDirectoryItem> Items { get; } = [];

        internal List<ImportedDevice> Secrets { get; } = [];

        internal void Take(CsvLine line)
        {
            var at = $"line {line.Number}";
            var site = Site(line, at);
            var unit = site is null ? null : Unit(line, site, at);
            foreach (var column in Columns)
                if (line[column].Length > Most(column) || line[column].Any(char.IsControl)) Errors.Add(at, $"{column} is longer than {Most(column)} characters or holds a control character");
            Errors.Check(at, line["family_name"].Length > 0, "family_name is missing");
            if (site is null) return;
            var person = new Person
            {
                Id = Guid.CreateVersion7(change.Now),
                OrganisationId = site.OrganisationId,
                SiteId = site.Id,
                UnitId = unit?.Id,
                GivenName = line["given_name"],
                FamilyName = line["family_name"],
                Function = line["function"],
                Email = line["email"],
            };
            if (!now.Covers(caller.Scope, person)) Errors.Add(at, "this account's scope does not reach there");
            Items.Add(person);
            if (line["extension"].Length > 0) TakeExtension(line, person, at);
            else Errors.Check(at, line["sip_username"].Length + line["device"].Length == 0, "a device needs an extension");
        }

        private void TakeExtension(CsvLine line, Person person, string at)
        {
            var number = line["extension"];
            if (number.Length > 15 || !number.All(char.IsAsciiDigit)) Errors.Add(at, "extension must be 1 to 15 digits");
            else if (check.Check(person.OrganisationId, number) is { } conflict) Errors.Add(at, conflict.Detail);
            else if (!_numbers.Add((person.OrganisationId, number))) Errors.Add(at, "the extension stands in an earlier line too");
            var extension = new Extension { Id = Guid.CreateVersion7(change.Now), OrganisationId = person.OrganisationId, SiteId = person.SiteId, Number = number, PersonId = person.Id };
            Items.Add(extension);
            if (line["device"] == "none") return;
            var username = line["sip_username"].Length > 0 ? line["sip_username"] : DeviceSecrets.FreeUsername(now, number);
            if (!DeviceSecrets.IsUsername(username)) Errors.Add(at, "sip_username must be 2 to 64 letters, digits, . - or _");
            else if (now.TryDevice(username, out _) || !_usernames.Add(username)) Errors.Add(at, "the SIP username is taken");
            var kind = DeviceKind.DeskPhone;
            // By name alone: Enum.TryParse takes any number for a value that nothing else knows.
            if (line["device"].Length > 0 && !(line["device"].All(c => char.IsAsciiLetter(c) || c == '-') && Enum.TryParse(line["device"].Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out kind)))
                Errors.Add(at, "device must be desk-phone, softphone, dect, gateway or none");
            var secret = DeviceSecrets.Make();
            Items.Add(DeviceSecrets.Device(extension, username, person.DisplayName, kind, realm, secret, change.Now));
            Secrets.Add(new(number, username, secret));
        }

        private Site? Site(CsvLine line, string at)
        {
            var named = now.Sites.Values.Where(s => Same(s.Name, line["site"]) && (line["organisation"].Length == 0 || Same(now.Organisations[s.OrganisationId].Name, line["organisation"]))).ToList();
            if (named.Count != 1) Errors.Add(at, named.Count == 0 ? "there is no such site" : "several organisations have a site of that name: name the organisation");
            return named.Count == 1 ? named[0] : null;
        }

        private OrganisationUnit? Unit(CsvLine line, Site site, string at)
        {
            if (line["unit"].Length == 0) return null;
            var unit = now.Units.Values.FirstOrDefault(u => u.OrganisationId == site.OrganisationId && Same(u.Name, line["unit"]));
            Errors.Check(at, unit is not null, "there is no such unit in the organisation of the site");
            return unit;
        }

        /// <summary>As much as the API takes.</summary>
        private static int Most(string column) => column switch { "email" => 200, "function" or "site" or "unit" or "organisation" => 120, _ => 80 };

        private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
    }
}
