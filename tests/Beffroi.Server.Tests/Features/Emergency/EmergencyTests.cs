// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Emergency;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Storage;
using Beffroi.Server.Tests.Features.DialPlan;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.Emergency;

public sealed class EmergencyTests
{
    [Fact]
    public async Task A_route_shows_only_a_number_of_the_town()
    {
        await using var hall = await TownHall.OpenAsync();
        await hall.Admin.PostAsync("/api/v1/emergency/routes", new { siteId = hall.Hall, presented = "0142000000" }, HttpStatusCode.BadRequest);
        await hall.HasDirectNumberAsync("0199001000", null);
        await hall.Admin.PostAsync("/api/v1/emergency/routes", new { siteId = hall.Hall, presented = "0199001000" });
        await hall.Admin.PostAsync("/api/v1/emergency/routes", new { siteId = hall.Hall, presented = "0199001000" }, HttpStatusCode.Conflict);
        await hall.Admin.PostAsync("/api/v1/emergency/routes", new { siteId = hall.Hall, presented = "0199001000", number = "3631" }, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_emergency_call_is_written_down_told_and_seen()
    {
        await using var hall = await TownHall.OpenAsync();
        var call = Guid.NewGuid();
        hall.Server.Service<IEmergency>().Alert(new EmergencyCall(call, TownHall.Monday, "15", "1003", "Chloé Blanc", Guid.Parse(hall.Town), Guid.Parse(hall.Library), PhoneNumber.Of("+33199001030")));
        await WrittenAsync(hall, call);
        var library = await hall.SignsInAtAsync(hall.Library);
        var told = Assert.Single((await library.GetAsync("/api/v1/emergency/calls?unseen=true")).EnumerateArray());
        Assert.Equal(("15", "1003"), (told.Text("number"), told.Text("extension")));
        var elsewhere = await hall.SignsInAtAsync(hall.Hall);
        Assert.Equal(0, (await elsewhere.GetAsync("/api/v1/emergency/calls")).GetArrayLength());
        await elsewhere.PostAsync($"/api/v1/emergency/calls/{call}/seen", new { }, HttpStatusCode.NotFound);
        await library.PostAsync($"/api/v1/emergency/calls/{call}/seen", new { }, HttpStatusCode.OK);
        Assert.Equal(0, (await library.GetAsync("/api/v1/emergency/calls?unseen=true")).GetArrayLength());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""[{"number":"15","fr":"","en":"","text":false}]""")]
    [InlineData("""[{"number":"112"},{"number":"112"}]""")]
    [InlineData("""[{"number":"112"},{"number":"1x"}]""")]
    public void A_list_that_would_lose_emergency_numbers_stops_the_start(string text)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, text);
        var stopped = Assert.Throws<SettingsException>(() => EmergencySetup.Read(path));
        File.Delete(path);
        Assert.Contains("Emergency:Numbers", stopped.Message, StringComparison.Ordinal);
    }

    /// <summary>The watch writes from its own loop: each try reads the store, bounded in time.</summary>
    private static async Task WrittenAsync(TownHall hall, Guid call)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.InProcess);
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            await using var db = await hall.Server.Service<Store>().ReadAsync(limit.Token);
            if (await db.Set<EmergencyAlert>().FindAsync([call], limit.Token) is not null) return;
            await Task.Yield();
        }
    }
}
