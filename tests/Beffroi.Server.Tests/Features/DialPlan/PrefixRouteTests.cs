// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text.Json;
using Beffroi.Calls;
using Beffroi.Calls.Routing;
using Beffroi.Server.Features.DialPlan.Routing;
using Beffroi.Server.Platform.Identity;
using Xunit;

namespace Beffroi.Server.Tests.Features.DialPlan;

/// <summary>Prefixes that lead to a trunk, and trunks that bring internal calls: the old PBX of a town that moves.</summary>
public sealed class PrefixRouteTests : IAsyncLifetime
{
    private const string Prefixes = "/api/v1/dial-plan/prefixes";
    private TownHall _hall = null!;
    private string _old = "", _public = "";

    public async Task InitializeAsync()
    {
        _hall = await TownHall.OpenAsync();
        await _hall.HasDirectNumberAsync("01 99 00 10 00", null, "organisation");
        await _hall.HasDirectNumberAsync("01 99 00 10 01", "1001");
        _public = await TrunkAsync("Opérateur", 1);
        _old = await TrunkAsync("Ancien", 2);
    }

    public async Task DisposeAsync() => await _hall.DisposeAsync();

    private async Task<string> TrunkAsync(string name, int order, string? internalFor = null) =>
        (await _hall.Admin.PostAsync("/api/v1/trunks", Trunk(name, order, internalFor))).GetProperty("trunk").Id();

    private static object Trunk(string name, int order, string? internalFor) => new { name, kind = "static", host = "192.0.2.1", order, optionsPingSeconds = 0, internalFor };

    private Task BringsInternalCallsAsync() => _hall.Admin.PutAsync($"/api/v1/trunks/{_old}", Trunk("Ancien", 2, _hall.Town));

    private Task<JsonElement> PrefixAsync(string prefix, int digits, int strip = 0, string prepend = "", string? trunk = null, HttpStatusCode expected = HttpStatusCode.Created) =>
        _hall.Admin.PostAsync(Prefixes, Route(prefix, digits, digits, strip, prepend, trunk ?? _old), expected);

    private object Route(string prefix, int minDigits, int maxDigits, int strip, string prepend, string trunk) =>
        new { organisationId = _hall.Town, prefix, minDigits, maxDigits, strip, prepend, trunk, label = $"Vers {prefix}" };

    private async Task<string> SentAsync(string dialled)
    {
        var (outcome, _, steps, _) = await _hall.ExplainAsync("1001", dialled);
        Assert.Equal("outside", outcome);
        return steps.Split('\n').Single(s => s.Contains("Liaison «", StringComparison.Ordinal));
    }

    private async Task BarsAsync(string number, bool allowedByDefault, params object[] rules)
    {
        var barring = await _hall.Admin.PostAsync("/api/v1/dial-plan/calling-classes", new { organisationId = _hall.Town, name = "Interne", allowedByDefault, rules });
        await _hall.Admin.PutAsync($"/api/v1/dial-plan/lines/{_hall.Extensions[number]}", new { callingClass = barring.Id() });
    }

    [Theory]
    [InlineData(0, "", "82345")]
    [InlineData(1, "", "2345")]
    [InlineData(1, "55", "552345")]
    [InlineData(3, "7", "745")]
    public async Task Digits_are_taken_off_and_put_before_and_the_one_trunk_is_tried_with_the_extensions_own_number(int strip, string prepend, string sent)
    {
        await PrefixAsync("8", 4, strip, prepend);
        Assert.StartsWith($"1. Liaison « Ancien » : compose {sent}, présente 1001", await SentAsync("82345"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_explainer_says_the_prefix_in_both_languages()
    {
        await PrefixAsync("8", 4, strip: 1);
        var (_, _, fr, whole) = await _hall.ExplainAsync("1001", "82345");
        Assert.Contains("Le préfixe 8 mène à « Vers 8 » : 2345 y est composé.", fr, StringComparison.Ordinal);
        Assert.Contains("Numéro présenté : 1001", fr, StringComparison.Ordinal);
        Assert.Contains("The prefix 8 leads to \"Vers 8\": 2345 is dialled there.", whole.GetProperty("steps").EnumerateArray().Select(s => s.Text("en")));
        await _hall.Admin.PutAsync($"/api/v1/trunks/{_old}", new { name = "Ancien", kind = "static", host = "192.0.2.1", optionsPingSeconds = 0, enabled = false });
        Assert.Contains("La liaison de ce préfixe n'est pas en service", (await _hall.ExplainAsync("1001", "82345")).Steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_longest_prefix_wins_and_one_with_another_number_of_digits_is_passed_over()
    {
        var third = await TrunkAsync("Piscine", 3);
        await PrefixAsync("8", 4, strip: 1);
        await PrefixAsync("82", 3, strip: 2, trunk: third);
        await PrefixAsync("83", 5, strip: 2, trunk: third);
        Assert.Contains("« Piscine » : compose 345,", await SentAsync("82345"), StringComparison.Ordinal);
        Assert.Contains("« Ancien » : compose 3456,", await SentAsync("83456"), StringComparison.Ordinal);
        Assert.Contains("« Piscine » : compose 34567,", await SentAsync("8334567"), StringComparison.Ordinal);
        foreach (var wrong in new[] { "8", "8234", "834567" }) Assert.Equal("refused", (await _hall.ExplainAsync("1001", wrong)).Outcome);
    }

    [Fact]
    public async Task Emergency_numbers_codes_and_internal_numbers_win_and_public_numbers_go_where_they_went()
    {
        await PrefixAsync("1", 3, strip: 1);
        await PrefixAsync("1", 2, strip: 1);
        Assert.Equal("extension", (await _hall.ExplainAsync("1001", "1002")).Outcome);
        Assert.Equal("emergency", (await _hall.ExplainAsync("1001", "112")).Outcome);
        Assert.Equal("featureCode", (await _hall.ExplainAsync("1001", "*8")).Outcome);
        Assert.Contains("« Ancien » : compose 204,", await SentAsync("1204"), StringComparison.Ordinal);
        Assert.Contains("Liaison « Opérateur » : compose +33639980000", (await _hall.ExplainAsync("1001", "00639980000")).Steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_class_bars_behind_a_prefix_by_the_digits_dialled_and_by_nothing_else()
    {
        await PrefixAsync("8", 4, strip: 1);
        await BarsAsync("1002", false, new { prefix = "84", allowed = false });
        Assert.Equal("outside", (await _hall.ExplainAsync("1002", "82345")).Outcome);
        Assert.Equal("dial-plan.barred", (await _hall.ExplainAsync("1002", "00639980000")).Refusal);
        var (_, refusal, steps, _) = await _hall.ExplainAsync("1002", "84567");
        Assert.Equal("dial-plan.barred", refusal);
        Assert.Contains("interdit par la règle « 84 »", steps, StringComparison.Ordinal);
        Assert.Equal("outside", (await _hall.ExplainAsync("1001", "84567")).Outcome);
    }

    [Fact]
    public async Task A_forwarding_leads_behind_a_prefix_on_the_rights_of_who_forwards_and_a_direct_number_by_rule()
    {
        await PrefixAsync("8", 4, strip: 1);
        await _hall.Admin.PutAsync($"/api/v1/forwardings/{_hall.Extensions["1002"]}", new { immediate = "82345" });
        var (_, _, steps, _) = await _hall.ExplainAsync("1001", "1002");
        Assert.Contains("« Ancien » : compose 2345, présente 1002", steps, StringComparison.Ordinal);
        await BarsAsync("1002", true, new { prefix = "82", allowed = false });
        Assert.Equal("dial-plan.barred", (await _hall.ExplainAsync("1001", "1002")).Refusal);
        await _hall.HasDirectNumberAsync("01 99 00 10 45", "82345");
        Assert.Contains("« Ancien » : compose 2345, présente +33639980000", (await _hall.ExplainAsync(null, "0199001045", from: "0639980000")).Steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trunk_brings_calls_to_internal_numbers_only_where_it_is_for_the_organisation()
    {
        Assert.Equal("dial-plan.not-our-number", (await _hall.ExplainAsync(null, "1001", from: "2345", trunk: _old)).Refusal);
        await BringsInternalCallsAsync();
        var (outcome, _, steps, whole) = await _hall.ExplainAsync(null, "1001", from: "2345", trunk: _old);
        Assert.Equal("extension", outcome);
        Assert.Contains("La liaison porte les appels internes de Saint-Aubin", steps, StringComparison.Ordinal);
        Assert.Contains("The trunk carries the internal calls of Saint-Aubin", whole.ToString(), StringComparison.Ordinal);
        Assert.Equal("extension", (await _hall.ExplainAsync(null, "0199001001", from: "2345", trunk: _old)).Outcome);
        Assert.Equal("dial-plan.not-our-number", (await _hall.ExplainAsync(null, "1001", from: "2345", trunk: _public)).Refusal);
        Assert.Equal("dial-plan.not-our-number", (await _hall.ExplainAsync(null, "1001", from: "2345")).Refusal);
        await _hall.Admin.PostAsync("/api/v1/hunt-groups", new { organisationId = _hall.Town, number = "600", name = "Accueil", strategy = "serial", members = Array.Empty<object>() });
        Assert.Equal("huntGroup", (await _hall.ExplainAsync(null, "600", from: "2345", trunk: _old)).Outcome);
    }

    [Theory]
    [InlineData("82345")]                   // back where it came from, or to a third PBX
    [InlineData("00639980000")]
    [InlineData("0639980000")]
    [InlineData("+33639980000")]
    [InlineData("*21*0639980000#")]
    [InlineData("#31#1001")]
    [InlineData("*441001")]
    [InlineData("*81001")]
    public async Task What_comes_by_such_a_trunk_goes_out_by_none_and_asks_for_no_service(string dialled)
    {
        await PrefixAsync("8", 4, strip: 1);
        await BringsInternalCallsAsync();
        Assert.Equal("refused", (await _hall.ExplainAsync(null, dialled, from: "1001", trunk: _old)).Outcome);
    }

    [Theory]
    [InlineData("0639980000")]
    [InlineData("82345")]
    public async Task No_forwarding_and_no_direct_number_takes_such_a_call_out_again(string outside)
    {
        await PrefixAsync("8", 4, strip: 1);
        await _hall.Admin.PutAsync($"/api/v1/forwardings/{_hall.Extensions["1002"]}", new { immediate = outside });
        await _hall.Admin.PutAsync($"/api/v1/forwardings/{_hall.Extensions["1003"]}", new { noAnswer = outside });
        await _hall.HasDirectNumberAsync("01 99 00 10 02", "1002");
        Assert.Equal("outside", (await _hall.ExplainAsync(null, "0199001002", from: "0612345678", trunk: _old)).Outcome);
        await BringsInternalCallsAsync();
        foreach (var dialled in new[] { "1002", "0199001002" })
        {
            var (_, refusal, steps, _) = await _hall.ExplainAsync(null, dialled, from: "2345", trunk: _old);
            Assert.Equal("dial-plan.inward-only", refusal);
            Assert.Contains("il ne ressort par aucune liaison", steps, StringComparison.Ordinal);
        }

        var (_, _, _, whole) = await _hall.ExplainAsync(null, "1003", from: "2345", trunk: _old);
        var unanswered = whole.GetProperty("then").EnumerateArray().Single(t => t.Text("when") == "noAnswer").ToString();
        Assert.Contains("dial-plan.inward-only", unanswered, StringComparison.Ordinal);
        Assert.Equal("outside", (await _hall.ExplainAsync("1001", "1002")).Outcome);
    }

    [Fact]
    public async Task A_telephone_that_deflects_such_a_call_leads_it_nowhere_outside_and_who_transfers_it_does_by_their_own_rights()
    {
        await PrefixAsync("8", 4, strip: 1);
        await BringsInternalCallsAsync();
        var engine = _hall.Server.Service<DialPlanEngine>();
        var peer = new CallParty(PartyKind.External, "2345", "Paul") { Trunk = Guid.Parse(_old) };
        var anne = new CallParty(PartyKind.Internal, "1001", "Anne") { Extension = Guid.Parse(_hall.Extensions["1001"]) };
        foreach (var outside in new[] { "00639980000", "82345" })
        {
            var request = new CallRequest { Caller = peer, Dialled = outside, At = TownHall.Monday, OnBehalfOf = anne };
            Assert.IsType<Way.ToOutside>(engine.Resolve(request));
            var deflected = Assert.IsType<Way.Refused>(engine.Resolve(request with { Diversions = [new Diversion(anne, DiversionReason.Deflection)] }));
            Assert.Equal("dial-plan.inward-only", deflected.Refusal.Code);
        }
    }

    [Theory]
    [InlineData("*21*0639980000#")]
    [InlineData("#31#1002")]
    [InlineData("82345")]
    [InlineData("00639980000")]
    public async Task A_stranger_who_sends_an_extension_on_uses_none_of_its_rights(string dialled)
    {
        await PrefixAsync("8", 4, strip: 1);
        var anne = new CallParty(PartyKind.Internal, "1001", "Anne") { Extension = Guid.Parse(_hall.Extensions["1001"]) };
        var peer = new CallParty(PartyKind.External, "2345", "Paul") { Trunk = Guid.Parse(_old) };
        var way = _hall.Server.Service<DialPlanEngine>().Resolve(new CallRequest { Caller = anne, Dialled = dialled, At = TownHall.Monday, OnBehalfOf = peer });
        Assert.Equal("dial-plan.caller-unknown", Assert.IsType<Way.Refused>(way).Refusal.Code);
    }

    [Fact]
    public async Task A_prefix_is_kept_over_a_restart_and_keeps_its_trunk()
    {
        var made = await PrefixAsync("8", 4, strip: 1);
        await BringsInternalCallsAsync();
        var used = await _hall.Admin.DeleteAsync($"/api/v1/trunks/{_old}", HttpStatusCode.Conflict);
        Assert.Equal("urn:beffroi:trunks.still-used", used.Text("type"));
        await _hall.Server.StopAsync();
        await using var again = await TestServer.StartAsync(folder: _hall.Server.Folder);
        Assert.Equal(made.ToString(), (await again.Administrator.GetAsync($"{Prefixes}/{made.Id()}")).ToString());
        Assert.Equal(_hall.Town, (await again.Administrator.GetAsync($"/api/v1/trunks/{_old}")).GetProperty("trunk").Text("internalFor"));
        await again.Administrator.DeleteAsync($"{Prefixes}/{made.Id()}");
        await again.Administrator.DeleteAsync($"/api/v1/trunks/{_old}");
    }

    [Fact]
    public async Task A_prefix_is_set_by_administrators_of_the_organisation_and_its_fields_are_checked()
    {
        var made = await PrefixAsync("8", 4);
        await (await _hall.Server.SignInAsync(Role.Operator)).PostAsync(Prefixes, Route("7", 4, 4, 0, "", _old), HttpStatusCode.Forbidden);
        await _hall.Server.Anybody().PostAsync(Prefixes, Route("7", 4, 4, 0, "", _old), HttpStatusCode.Unauthorized);
        await (await _hall.Server.SignInAsync(Role.Auditor)).GetAsync($"{Prefixes}/{made.Id()}");
        var elsewhere = await _hall.Server.SignInAsync(Role.Administrator, new Scope(ScopeKind.Organisation, Guid.NewGuid()));
        await elsewhere.DeleteAsync($"{Prefixes}/{made.Id()}", HttpStatusCode.NotFound);
        Assert.Empty((await elsewhere.GetAsync(Prefixes)).EnumerateArray());
        object[] wrong =
        [
            Route("", 4, 4, 0, "", _old), Route("8x", 4, 4, 0, "", _old), Route("1234567", 4, 4, 0, "", _old), Route("7", 5, 4, 0, "", _old), Route("7", 4, 16, 0, "", _old),
            Route("7", 4, 4, 5, "", _old), Route("7", 4, 4, 6, "1", _old), Route("7", 4, 4, -1, "", _old), Route("7", 4, 4, 0, "+33", _old), Route("7", 4, 4, 0, "", Guid.NewGuid().ToString()),
        ];
        foreach (var route in wrong) await _hall.Admin.PostAsync(Prefixes, route, HttpStatusCode.BadRequest);
        await _hall.Admin.PostAsync("/api/v1/trunks", Trunk("Autre", 9, Guid.NewGuid().ToString()), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_prefix_that_collides_is_refused_whichever_comes_first()
    {
        const string conflict = "urn:beffroi:dial-plan.number-conflict";
        var plan = $"/api/v1/dial-plan/organisations/{_hall.Town}";
        Assert.Equal(conflict, (await PrefixAsync("0", 4, expected: HttpStatusCode.Conflict)).Text("type"));
        var made = await PrefixAsync("8", 4);
        Assert.Equal(conflict, (await PrefixAsync("8", 4, strip: 1, expected: HttpStatusCode.Conflict)).Text("type"));
        await _hall.Admin.PutAsync($"{Prefixes}/{made.Id()}", Route("8", 4, 5, 1, "", _old));
        Assert.Equal(conflict, (await _hall.Admin.PutAsync(plan, new { outsidePrefix = "8" }, HttpStatusCode.Conflict)).Text("type"));
        var codes = new[] { new { action = "pickupDirected", pattern = "8{extension}", fr = "intercepter", en = "pick up" } };
        Assert.Equal(conflict, (await _hall.Admin.PutAsync(plan, new { outsidePrefix = "0", codes }, HttpStatusCode.Conflict)).Text("type"));
        await _hall.ArrivesAsync("Zoé", "Faure", "82001", _hall.Hall);
        var told = await _hall.Admin.GetAsync($"/api/v1/dial-plan/conflicts?organisation={_hall.Town}");
        Assert.Equal("warning", Assert.Single(told.EnumerateArray()).Text("weight"));
        Assert.Equal("extension", (await _hall.ExplainAsync("1001", "82001")).Outcome);
    }
}
