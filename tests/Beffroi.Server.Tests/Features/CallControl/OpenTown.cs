// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>One running town for all tests of a class: each uses numbers of its own. A telephone plays the operator's side of a trunk, with residents behind it.</summary>
public sealed class OpenTown : IAsyncLifetime
{
    internal CallingTown Town { get; private set; } = null!;

    /// <summary>A resident, behind the trunk.</summary>
    internal Phone Resident { get; private set; } = null!;

    internal Api Admin => Town.Server.Administrator;

    public async Task InitializeAsync()
    {
        // Ports rest for a while after each call: a town for many calls has many.
        var ports = (FreePorts.NextRange(401) + 1) & ~1;
        Town = await CallingTown.OpenAsync(FormattableString.Invariant($"--Media:Ports={ports}-{ports + 399}"));
        Resident = await Phone.StartAsync("+33639980000");
        await Admin.PostAsync("/api/v1/trunks", new
        {
            name = "operator",
            kind = "Static",
            host = "127.0.0.1",
            port = Resident.Address.Port,
            transport = "Udp",
            inboundAddresses = new[] { "127.0.0.1" },
            optionsPingSeconds = 0,
            presentedNumber = "+33199001000",
        });
    }

    public async Task DisposeAsync()
    {
        await Resident.DisposeAsync();
        await Town.DisposeAsync();
    }

    internal Task<Phone> PhoneAsync(string number) => Town.RegisteredAsync(number);

    internal Extension Extension(string number)
    {
        Assert.True(Town.Server.Service<IDirectory>().Current.TryExtension(number, out var extension));
        return extension;
    }

    internal async Task<string> GroupAsync(string number, string strategy, object? overflow, params string[] members) => (await Admin.PostAsync("/api/v1/hunt-groups", new
    {
        organisationId = Town.Organisation,
        number,
        name = $"Groupe {number}",
        strategy,
        members = members.Select(member => new { extension = Extension(member).Id }),
        overflow,
    })).Id();

    internal Task DirectNumberAsync(string number, object destination) =>
        Admin.PostAsync("/api/v1/direct-numbers", new { organisationId = Town.Organisation, number, label = number, destination });

    internal async Task<Guid> BoxAsync(string number) => Guid.Parse((await Admin.PostAsync("/api/v1/voicemail/boxes", new { organisationId = Town.Organisation, number })).Id());

    /// <summary>Waits until the legs of live calls are as wanted, told by their numbers.</summary>
    internal Task LegsAsync(Func<IReadOnlyList<string>, bool> wanted) => UntilAsync(async () =>
        wanted([.. (await Admin.GetAsync("/api/v1/calls")).EnumerateArray().SelectMany(c => c.GetProperty("legs").EnumerateArray()).Select(l => l.GetProperty("party").Text("number"))]));

    /// <summary>Waits until no live call has these numbers.</summary>
    internal Task FreeAsync(params string[] numbers) => LegsAsync(legs => !legs.Intersect(numbers).Any());

    /// <summary>What the journal has of the last ended call to these digits.</summary>
    internal async Task<string> StepsAsync(string dialled)
    {
        JsonElement found = default;
        await UntilAsync(async () =>
        {
            found = (await Admin.GetAsync("/api/v1/history")).GetProperty("calls").EnumerateArray().FirstOrDefault(c => c.Text("dialled") == dialled);
            return found.ValueKind == JsonValueKind.Object;
        });
        return (await Admin.GetAsync($"/api/v1/history/{found.Id()}")).GetProperty("steps").GetRawText();
    }

    /// <summary>Speaks until so much was recorded by voicemail: 16-bit samples of 8 kHz. Only one recording may run.</summary>
    internal async Task RecordsAsync(Phone caller, TimeSpan length)
    {
        var folder = new DirectoryInfo(Path.Combine(Town.Server.Folder, "voicemail", "recording"));
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!folder.EnumerateFiles().Any(file => file.Length >= length.TotalSeconds * 8000 * 2))
        {
            caller.Speaks();
            await pace.WaitForNextTickAsync(limit.Token);
        }
    }

    internal async Task<int> NewMessagesAsync(string box) => (await Admin.GetAsync("/api/v1/voicemail/boxes")).EnumerateArray()
        .Single(view => view.GetProperty("box").GetProperty("number").GetString() == box).GetProperty("newMessages").GetInt32();

    /// <summary>Looks until it is so.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> wanted)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(30));
        while (!await wanted()) await look.WaitForNextTickAsync(limit.Token);
    }
}
