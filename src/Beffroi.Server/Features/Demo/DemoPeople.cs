// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Features.Demo;

/// <summary>One person of the demo town.</summary>
/// <param name="Site">M town hall, C workshop, B library.</param>
internal sealed record DemoPerson(string Number, string GivenName, string FamilyName, char Site, string Unit, string Function, Role Role);

/// <summary>The people of the demo town, and what is made for each: person, extension, device, account, a line of demo-accounts.csv.</summary>
internal sealed class DemoPeople(IDirectoryLoader loader)
{
    /// <summary>Extensions of the reception group.</summary>
    internal static readonly string[] Reception = ["1001", "1002", "1003", "1004"];

    internal static readonly string[] Units =
        ["Accueil", "Cabinet du maire", "Direction générale", "État civil", "Urbanisme", "Finances", "Action sociale", "Police municipale", "Informatique", "Services techniques", "Espaces verts", "Culture"];

    internal static readonly DemoPerson[] Town =
    [
        new("1001", "Nadia", "Belkacem", 'M', "Accueil", "Responsable de l'accueil", Role.Operator),
        new("1002", "Julien", "Caron", 'M', "Accueil", "Agent d'accueil", Role.Person),
        new("1003", "Sylvie", "Delmas", 'M', "Accueil", "Agente d'accueil", Role.Person),
        new("1004", "Mamadou", "Diallo", 'M', "Accueil", "Agent d'accueil", Role.Person),
        new("1005", "Hélène", "Marchand", 'M', "Cabinet du maire", "Maire", Role.Person),
        new("1006", "Thomas", "Lefèvre", 'M', "Cabinet du maire", "Secrétaire du maire", Role.Person),
        new("1007", "Catherine", "Roussel", 'M', "Direction générale", "Directrice générale des services", Role.Auditor),
        new("1008", "Amina", "Haddad", 'M', "État civil", "Officière d'état civil", Role.Person),
        new("1009", "Gérard", "Pons", 'M', "État civil", "Officier d'état civil", Role.Person),
        new("1010", "Élodie", "Fournier", 'M', "Urbanisme", "Instructrice des permis", Role.Person),
        new("1011", "Yann", "Le Goff", 'M', "Urbanisme", "Responsable de l'urbanisme", Role.Person),
        new("1012", "Brigitte", "Armand", 'M', "Finances", "Directrice des finances", Role.Person),
        new("1013", "Karim", "Messaoudi", 'M', "Finances", "Comptable", Role.Person),
        new("1014", "Chloé", "Vasseur", 'M', "Action sociale", "Directrice du CCAS", Role.Person),
        new("1015", "Fatou", "Ndiaye", 'M', "Action sociale", "Travailleuse sociale", Role.Person),
        new("1016", "Patrick", "Morel", 'M', "Police municipale", "Chef de la police municipale", Role.Person),
        new("1017", "Sophie", "Nguyen", 'M', "Informatique", "Responsable informatique", Role.Operator),
        new("1018", "Didier", "Lambert", 'C', "Services techniques", "Directeur des services techniques", Role.Person),
        new("1019", "Marc", "Girard", 'C', "Services techniques", "Responsable de la voirie", Role.Person),
        new("1020", "Leïla", "Bouzid", 'C', "Services techniques", "Assistante", Role.Person),
        new("1021", "Rémi", "Chevalier", 'C', "Espaces verts", "Responsable des espaces verts", Role.Person),
        new("1022", "Inès", "Da Silva", 'C', "Espaces verts", "Jardinière", Role.Person),
        new("1023", "Claire", "Dumont", 'B', "Culture", "Directrice de la médiathèque", Role.Person),
        new("1024", "Olivier", "Texier", 'B', "Culture", "Bibliothécaire", Role.Person),
        new("1025", "Maëlle", "Kervella", 'B', "Culture", "Bibliothécaire jeunesse", Role.Person),
    ];

    internal List<IDirectoryItem> Items { get; } = [];

    internal List<Account> Accounts { get; } = [];

    /// <summary>Lines for demo-accounts.csv, without the header.</summary>
    internal List<string> Lines { get; } = [];

    internal void Add(DemoPerson who, Site site, OrganisationUnit? unit, DateTimeOffset now)
    {
        var person = new Person
        {
            Id = Guid.CreateVersion7(now),
            OrganisationId = site.OrganisationId,
            SiteId = site.Id,
            UnitId = unit?.Id,
            GivenName = who.GivenName,
            FamilyName = who.FamilyName,
            Function = who.Function,
        };
        var extension = new Extension { Id = Guid.CreateVersion7(now), OrganisationId = site.OrganisationId, SiteId = site.Id, Number = who.Number, PersonId = person.Id };
        var (sip, password) = (loader.MakeSecret(), Passwords.Make());
        var login = $"{Plain(who.GivenName)}.{Plain(who.FamilyName)}";
        Items.AddRange([person, extension, loader.MakeDevice(extension, who.Number, person.DisplayName, DeviceKind.DeskPhone, sip, now)]);
        Accounts.Add(new()
        {
            Id = Guid.CreateVersion7(now),
            Login = login,
            Name = person.DisplayName,
            Role = who.Role,
            ScopeKind = who.Role == Role.Person ? ScopeKind.Organisation : ScopeKind.Everything,
            ScopeId = who.Role == Role.Person ? site.OrganisationId : Guid.Empty,
            PersonId = person.Id,
            PasswordHash = Passwords.HashMade(password),
            Enabled = true,
            CreatedAt = now,
        });
        Lines.Add(string.Join(';', who.Number, who.Number, sip, login, password, CsvTable.Cell(person.DisplayName), who.Role.ToString().ToLowerInvariant(), CsvTable.Cell(site.Name)));
    }

    /// <summary>Lower case, without accents, spaces as dashes: <c>yann.le-goff</c>.</summary>
    private static string Plain(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name.Normalize(NormalizationForm.FormD))
            if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark) text.Append(c == ' ' ? '-' : char.ToLowerInvariant(c));
        return text.ToString();
    }
}
