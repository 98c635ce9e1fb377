// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text;
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Demo;

/// <summary>Saint-Aubin-les-Cloches: a town that does not exist, for trying Beffroi out. Its numbers are ARCEP's for fiction, 01 99 00 xx xx. Every secret is random and stands in <c>demo-accounts.csv</c>, mode 0600.</summary>
internal sealed class DemoTown(Store store, IDirectory directory, IDirectoryLoader loader, AccountStore accounts, ServerSettings server, IEnumerable<IDemoPart> parts) : IAfterTakeUp
{
    private const string TownName = "Saint-Aubin-les-Cloches";
    private const int FirstLoadUser = 20_001;
    private static readonly Caller Demo = Caller.Itself("demo");

    public Task TakenUpAsync(CancellationToken stop) => FillAsync(stop);

    /// <summary>Fills an empty store, and adds the load users that are missing. Does nothing to a store that holds another town.</summary>
    internal async Task FillAsync(CancellationToken stop)
    {
        if (!server.DemoTown && server.DemoUsers == 0) return;
        var people = new DemoPeople(loader);
        if (directory.Current.Organisations.Count == 0)
        {
            var facts = await FillTownAsync(people, stop);
            foreach (var part in parts) await part.FillAsync(facts, Demo, stop);
        }

        await FillLoadUsersAsync(people, stop);
        if (people.Lines.Count > 0) WriteAccounts(people.Lines);
    }

    private async Task<DemoFacts> FillTownAsync(DemoPeople people, CancellationToken stop)
    {
        DemoFacts? facts = null;
        await SaveAsync(change =>
        {
            var town = new Organisation { Id = Guid.CreateVersion7(change.Now), Name = TownName };
            Site Site(string name, string address) => new() { Id = Guid.CreateVersion7(change.Now), OrganisationId = town.Id, Name = name, Address = address };
            var hall = Site("Mairie", "1 place de l'Hôtel-de-Ville, Saint-Aubin-les-Cloches");
            var workshop = Site("Centre technique municipal", "12 rue des Forges, Saint-Aubin-les-Cloches");
            var library = Site("Médiathèque", "5 rue du Carillon, Saint-Aubin-les-Cloches");
            var units = DemoPeople.Units.ToDictionary(u => u, u => new OrganisationUnit { Id = Guid.CreateVersion7(change.Now), OrganisationId = town.Id, Name = u });
            people.Items.AddRange([town, hall, workshop, library, .. units.Values]);
            foreach (var line in DemoPeople.Town)
                people.Add(line, line.Site switch { 'M' => hall, 'C' => workshop, _ => library }, units[line.Unit], change.Now);
            facts = new(town, hall, workshop, library, [.. people.Items.OfType<Extension>().Where(e => DemoPeople.Reception.Contains(e.Number))], "+33199001000");
        }, people, stop);
        return facts!;
    }

    private async Task FillLoadUsersAsync(DemoPeople people, CancellationToken stop)
    {
        var town = directory.Current.Organisations.Values.FirstOrDefault(o => o.Name == TownName);
        if (town is null || server.DemoUsers == 0) return;
        var hall = directory.Current.Sites.Values.Where(s => s.OrganisationId == town.Id).OrderBy(s => s.Id).First();
        var missing = Enumerable.Range(FirstLoadUser, server.DemoUsers).Select(n => n.ToString(CultureInfo.InvariantCulture))
            .Where(n => !directory.Current.TryExtension(town.Id, n, out _) && !directory.Current.TryDevice(n, out _)).ToList();
        foreach (var thousand in missing.Chunk(4000))
        {
            await SaveAsync(change =>
            {
                foreach (var number in thousand) people.Add(new(number, "Charge", number, 'M', "", "", Role.Person), hall, null, change.Now);
            }, people, stop);
        }
    }

    /// <summary>One transaction with one audit row: a row per load user would only hide the others.</summary>
    private async Task SaveAsync(Action<Change> make, DemoPeople people, CancellationToken stop)
    {
        var outcome = await store.ChangeAsync<Done>(Demo, change =>
        {
            make(change);
            change.Db.ChangeTracker.AutoDetectChangesEnabled = false;
            change.Db.AddRange(people.Items);
            change.Db.AddRange(people.Accounts);
            change.Audit("demo.filled", Guid.Empty, string.Create(CultureInfo.InvariantCulture, $"{people.Accounts.Count} persons"), null, null);
            IReadOnlyList<IDirectoryItem> items = [.. people.Items];
            IReadOnlyList<Account> logins = [.. people.Accounts];
            change.OnSaved(() =>
            {
                loader.Loaded(items);
                foreach (var account in logins) accounts.Keep(account);
            });
            return Task.FromResult<Outcome<Done>>(default(Done));
        }, stop);
        people.Items.Clear();
        people.Accounts.Clear();
        if (!outcome.Succeeded(out _, out var refusal)) throw new InvalidOperationException($"The demo town cannot be written: {refusal.Detail}");
    }

    private void WriteAccounts(IReadOnlyList<string> lines)
    {
        var path = Path.Combine(server.DataFolder, "demo-accounts.csv");
        var isNew = !File.Exists(path);
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, UnixCreateMode = isNew ? UnixFileMode.UserRead | UnixFileMode.UserWrite : null });
        using var writer = new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        if (isNew) writer.Write("extension;sip_username;sip_password;login;password;name;role;site\n");
        foreach (var line in lines) writer.Write(line + "\n");
    }
}

/// <summary>Plugs in the demo town: an empty store is filled with it when the settings ask for it.</summary>
public static class DemoSetup
{
    public static void AddDemo(this WebApplicationBuilder builder) => builder.Services.AddSingleton<IAfterTakeUp, DemoTown>();
}
