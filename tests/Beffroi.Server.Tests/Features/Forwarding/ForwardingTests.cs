// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Forwarding;
using Beffroi.Server.Features.Forwarding.Contract;
using Beffroi.Server.Tests.Features.DialPlan;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Beffroi.Server.Tests.Features.Forwarding;

public sealed class ForwardingTests : IAsyncLifetime
{
    private TownHall _hall = null!;

    public async Task InitializeAsync() => _hall = await TownHall.OpenAsync();

    public async Task DisposeAsync() => await _hall.DisposeAsync();

    private Task ForwardsAsync(string number, object rules, HttpStatusCode expected = HttpStatusCode.OK) =>
        _hall.Admin.PutAsync($"/api/v1/forwardings/{_hall.Extensions[number]}", rules, expected);

    [Fact]
    public async Task All_calls_of_who_is_away_ring_at_a_colleague()
    {
        await ForwardsAsync("1001", new { immediate = "1002" });
        var (outcome, _, steps, _) = await _hall.ExplainAsync("1003", "1001");
        Assert.Equal("extension", outcome);
        Assert.Contains("Renvoi du poste 1001 (immédiat) vers 1002", steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_case_after_the_ringing_has_its_own_way()
    {
        await ForwardsAsync("1001", new { busy = "1002", noAnswer = "1003", noAnswerAfterS = 15 });
        var (_, _, steps, whole) = await _hall.ExplainAsync("1003", "1002");
        Assert.Contains("20 s", steps, StringComparison.Ordinal);
        whole = (await _hall.ExplainAsync("1002", "1001")).Whole;
        var then = whole.GetProperty("then").EnumerateArray().ToDictionary(t => t.Text("when"), t => t.GetProperty("steps").ToString());
        Assert.Contains("Bruno Roux", then["busy"], StringComparison.Ordinal);
        Assert.Contains("Chlo", then["noAnswer"], StringComparison.Ordinal);
        Assert.Contains("calls.unreachable", then["unreachable"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forwardings_that_lead_back_are_refused_when_the_call_comes()
    {
        await ForwardsAsync("1001", new { immediate = "1002" });
        await ForwardsAsync("1002", new { immediate = "1003" });
        await ForwardsAsync("1003", new { immediate = "1001" });
        Assert.Equal("forwarding.loop", await LastCodeAsync("1001"));
    }

    [Fact]
    public async Task A_chain_of_more_than_five_forwardings_ends()
    {
        for (var n = 1011; n <= 1018; n++) await _hall.ArrivesAsync("P", $"N{n}", $"{n}", _hall.Hall);
        for (var n = 1011; n <= 1017; n++) await ForwardsAsync($"{n}", new { immediate = $"{n + 1}" });
        Assert.Equal("forwarding.too-many-hops", await LastCodeAsync("1011"));
    }

    [Fact]
    public async Task The_rights_of_who_forwards_count_and_not_those_of_who_calls()
    {
        await ForwardsAsync("1001", new { immediate = "0639980001" });
        Assert.Equal("outside", (await _hall.ExplainAsync("1002", "1001")).Outcome);
        await ForwardsAsync("1001", new { immediate = "0899123456" }, HttpStatusCode.Forbidden);
        await ForwardsAsync("1001", new { immediate = "1001" }, HttpStatusCode.BadRequest);
        await ForwardsAsync("1001", new { immediate = "019900" }, HttpStatusCode.BadRequest);
        var barred = await _hall.Admin.PostAsync("/api/v1/dial-plan/calling-classes", new { organisationId = _hall.Town, name = "Interne", allowedByDefault = false, rules = Array.Empty<object>() });
        await _hall.Admin.PutAsync($"/api/v1/dial-plan/lines/{_hall.Extensions["1001"]}", new { callingClass = barred.Id() });
        Assert.Equal("dial-plan.barred", await LastCodeAsync("1001"));
    }

    [Fact]
    public async Task Do_not_disturb_refuses_and_a_stranger_is_forwarded_like_a_colleague()
    {
        await ForwardsAsync("1001", new { doNotDisturb = true });
        Assert.Equal("forwarding.do-not-disturb", (await _hall.ExplainAsync("1002", "1001")).Refusal);
        await _hall.HasDirectNumberAsync("0199001001", "1001");
        await _hall.HasDirectNumberAsync("0199001000", null, "organisation");
        await ForwardsAsync("1001", new { immediate = "0639980001" });
        var (outcome, _, steps, _) = await _hall.ExplainAsync(null, "0199001001", from: "0612345678");
        Assert.Equal("outside", outcome);
        Assert.Contains("Numéro présenté : +33199001001", steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_sets_their_own_and_nobody_elses()
    {
        var anne = await _hall.SignsInAsync("1001");
        await anne.PutAsync($"/api/v1/forwardings/{_hall.Extensions["1001"]}", new { busy = "1002" });
        Assert.Equal("number", (await anne.GetAsync($"/api/v1/forwardings/{_hall.Extensions["1001"]}")).GetProperty("busy").Text("kind"));
        await anne.PutAsync($"/api/v1/forwardings/{_hall.Extensions["1002"]}", new { busy = "1001" }, HttpStatusCode.NotFound);
        var library = await _hall.SignsInAtAsync(_hall.Library);
        await library.PutAsync($"/api/v1/forwardings/{_hall.Extensions["1001"]}", new { }, HttpStatusCode.NotFound);
        await library.PutAsync($"/api/v1/forwardings/{_hall.Extensions["1003"]}", new { doNotDisturb = true });
    }

    [Fact]
    public async Task An_older_version_is_refused_and_every_change_is_in_the_audit()
    {
        await ForwardsAsync("1001", new { busy = "1002", version = 0 });
        await ForwardsAsync("1001", new { busy = "1003", version = 0 }, HttpStatusCode.Conflict);
        await using var db = await _hall.Server.Service<Server.Platform.Storage.Store>().ReadAsync(default);
        Assert.Contains(db.Set<Server.Platform.Journal.AuditEntry>(), a => a.Action == "forwarding.rules-added" && a.SubjectName == "1001");
    }

    [Fact]
    public async Task Codes_do_by_telephone_what_the_screen_does()
    {
        var codes = _hall.Server.App.Services.GetServices<IFeatureCodeService>().OfType<ForwardingCodes>().Single();
        var anne = _hall.Extension("1001");
        var none = ForwardingRules.None(anne.Id, anne.OrganisationId);
        Assert.True(codes.Apply(FeatureAction.ForwardNoAnswerSet, "1002", anne, none).Succeeded(out var set, out _));
        Assert.Equal((new Destination(DestinationKind.Number, "1002"), "forward-set"), (set.Rules.NoAnswer!.Value, set.Prompt));
        Assert.True(codes.Apply(FeatureAction.ForwardNoAnswerClear, "", anne, set.Rules).Succeeded(out var cleared, out _));
        Assert.Null(cleared.Rules.NoAnswer);
        Assert.False(codes.Apply(FeatureAction.ForwardBusySet, "0899123456", anne, none).Succeeded(out _, out var refusal));
        Assert.Equal("forwarding.barred", refusal.Code);
        Assert.True(codes.Apply(FeatureAction.DoNotDisturbOn, "", anne, none).Succeeded(out var quiet, out _));
        Assert.True(quiet.Rules.DoNotDisturb);
        await Task.CompletedTask;
    }

    private async Task<string> LastCodeAsync(string called)
    {
        var (_, refusal, _, _) = await _hall.ExplainAsync(called == "1001" ? "1002" : "1001", called);
        return refusal;
    }
}
