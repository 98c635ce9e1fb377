// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Tests.Features.DialPlan;
using Xunit;

namespace Beffroi.Server.Tests.Features.DirectNumbers;

public sealed class DirectNumberTests : IAsyncLifetime
{
    private TownHall _hall = null!;

    public async Task InitializeAsync() => _hall = await TownHall.OpenAsync();

    public async Task DisposeAsync() => await _hall.DisposeAsync();

    [Fact]
    public async Task A_range_of_a_hundred_leads_to_the_extensions_in_step()
    {
        var made = await _hall.Admin.PostAsync("/api/v1/direct-numbers/ranges",
            new { organisationId = _hall.Town, first = "01 99 00 10 00", count = 100, firstExtension = "1000" }, HttpStatusCode.OK);
        Assert.Equal("+33199001099", made.Text("last"));
        Assert.Contains("Chloé Blanc", (await _hall.ExplainAsync(null, "0199001003", from: "0639980000")).Steps, StringComparison.Ordinal);
        var listed = await _hall.Admin.GetAsync("/api/v1/direct-numbers?number=%2B3319900100");
        Assert.Equal(10, listed.GetArrayLength());
    }

    [Fact]
    public async Task A_range_that_meets_a_number_already_there_adds_nothing()
    {
        await _hall.HasDirectNumberAsync("0199001050", "1001");
        var refused = await _hall.Admin.PostAsync("/api/v1/direct-numbers/ranges", new { organisationId = _hall.Town, first = "0199001000", count = 100 }, HttpStatusCode.Conflict);
        Assert.Equal("urn:beffroi:dial-plan.number-conflict", refused.Text("type"));
        Assert.Equal(1, (await _hall.Admin.GetAsync("/api/v1/direct-numbers")).GetArrayLength());
    }

    [Theory]
    [InlineData("15")]
    [InlineData("3631")]
    [InlineData("0199")]
    [InlineData("bonjour")]
    public async Task What_is_no_number_of_the_public_plan_is_refused(string number) =>
        await _hall.Admin.PostAsync("/api/v1/direct-numbers", new { organisationId = _hall.Town, number }, HttpStatusCode.BadRequest);

    [Fact]
    public async Task A_number_moves_to_another_destination_and_keeps_its_digits()
    {
        var number = await _hall.HasDirectNumberAsync("0199001001", "1001");
        var path = $"/api/v1/direct-numbers/{number.Id()}";
        await _hall.Admin.PutAsync(path, new { organisationId = _hall.Town, number = "0199001001", destination = new { kind = "number", target = "1002" }, version = 0 });
        Assert.Contains("Bruno", (await _hall.ExplainAsync(null, "0199001001", from: "")).Steps, StringComparison.Ordinal);
        await _hall.Admin.PutAsync(path, new { organisationId = _hall.Town, number = "0199001002" }, HttpStatusCode.Conflict);
        await _hall.Admin.PutAsync(path, new { organisationId = _hall.Town, number = "0199001001", version = 0 }, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_site_changes_its_own_numbers_and_not_those_of_the_town()
    {
        var town = await _hall.HasDirectNumberAsync("0199001000", "1001");
        var library = await _hall.SignsInAtAsync(_hall.Library);
        await library.PutAsync($"/api/v1/direct-numbers/{town.Id()}", new { organisationId = _hall.Town, number = "0199001000" }, HttpStatusCode.NotFound);
        Assert.Equal(0, (await library.GetAsync("/api/v1/direct-numbers")).GetArrayLength());
    }
}
