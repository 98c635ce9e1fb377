// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.DialPlan;

public sealed class DemoRulesTests
{
    [Fact]
    public async Task The_demo_town_answers_its_citizens_by_its_hours_and_finds_the_place_of_an_emergency()
    {
        await using var server = await TestServer.StartAsync(new ManualTime(TownHall.Monday), null, "--Demo:Town=true");
        var now = server.Service<IDirectory>().Current;
        async Task<string> ExplainAsync(string? extension, string number, DateTimeOffset at)
        {
            var caller = extension is not null && now.TryExtension(extension, out var known) ? (Guid?)known.Id : null;
            return (await server.Administrator.PostAsync("/api/v1/dial-plan/explain", new { number, extension = caller, from = "0639980000", at }, HttpStatusCode.OK)).ToString();
        }

        var open = await ExplainAsync(null, "+33199001000", TownHall.Monday);
        Assert.Contains("\"huntGroup\"", open, StringComparison.Ordinal);
        Assert.Contains("welcome-open", open, StringComparison.Ordinal);
        Assert.Contains("welcome-closed", await ExplainAsync(null, "+33199001000", TownHall.Monday.AddHours(12)), StringComparison.Ordinal);
        Assert.Contains("+33199001090", await ExplainAsync("1024", "18", TownHall.Monday), StringComparison.Ordinal);
        Assert.Contains("+33199001008", await ExplainAsync("1008", "0639980042", TownHall.Monday), StringComparison.Ordinal);
        Assert.Contains("dial-plan.barred", await ExplainAsync("1008", "00442071838750", TownHall.Monday), StringComparison.Ordinal);
        Assert.Contains("\"outside\"", await ExplainAsync("1005", "00442071838750", TownHall.Monday), StringComparison.Ordinal);
        var town = now.Organisations.Values.Single().Id;
        var conflicts = await server.Administrator.GetAsync($"/api/v1/dial-plan/conflicts?organisation={town}");
        Assert.Equal(0, conflicts.GetArrayLength());
    }
}
