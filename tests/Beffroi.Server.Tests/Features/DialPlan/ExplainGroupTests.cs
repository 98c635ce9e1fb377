// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Tests.Features.CallControl;
using Xunit;

namespace Beffroi.Server.Tests.Features.DialPlan;

/// <summary>What the explainer says of a group, beside what its telephones then do.</summary>
public sealed class ExplainGroupTests
{
    [Fact]
    public async Task A_group_tells_who_rings_in_which_order_who_does_not_and_where_the_call_goes_then()
    {
        await using var town = await CallingTown.OpenAsync();
        var alice = await town.RegisteredAsync("101");
        var (bob, carol) = (await town.RegisteredAsync("102"), await town.RegisteredAsync("103"));
        await town.PhoneAsync("104");                                                        // never registers
        await town.RegisteredAsync("105");
        var now = town.Server.Service<IDirectory>().Current;
        Guid Id(string number) => now.TryExtension(number, out var extension) ? extension.Id : throw new InvalidOperationException(number);
        var api = town.Server.Administrator;
        await api.PostAsync("/api/v1/hunt-groups", new
        {
            organisationId = town.Organisation,
            number = "600",
            name = "Accueil",
            strategy = "serial",
            memberRingS = 10,
            timeoutS = 40,
            members = new[] { new { extension = Id("103"), loggedIn = true }, new { extension = Id("104"), loggedIn = true }, new { extension = Id("102"), loggedIn = true }, new { extension = Id("105"), loggedIn = false } },
            overflow = new { kind = "number", target = "105" },
        });
        var told = await api.PostAsync("/api/v1/dial-plan/explain", new { number = "600", extension = Id("101") }, HttpStatusCode.OK);
        var steps = told.GetProperty("steps").EnumerateArray().Where(s => s.Text("code").StartsWith("hunt-groups.", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            [
                "1. 103 Agent 103 sonne 10 s.", "2. 102 Agent 102 sonne 10 s.", "Puis à nouveau depuis le premier, jusqu'à 40 s en tout.", "Ne sonne pas : 104 Agent 104 (aucun appareil enregistré).",
                "Ne sonne pas : 105 Agent 105 (sorti du groupement).",
            ],
            steps.Skip(1).Select(s => s.Text("fr")));
        Assert.Equal("1. 103 Agent 103 rings for 10 s.", steps[1].Text("en"));
        var overflow = Assert.Single(told.GetProperty("then").EnumerateArray()).GetProperty("steps").EnumerateArray().Select(s => s.Text("fr")).ToList();
        Assert.Equal("Personne de « Accueil » n'a répondu : débordement vers 105.", overflow[0]);
        Assert.Contains("Enregistré(s) : 105.", overflow);
        Assert.Equal("Ni renvoi ni messagerie : l'appel se termine.", overflow[^1]);

        alice.Dials("600", town.Sip);
        await carol.SeesAsync("invite 101");                                                // the first that was told is the first that rings
        carol.Answers();
        await alice.SeesAsync("accepted");
        Assert.DoesNotContain(bob.Seen, s => s.StartsWith("invite", StringComparison.Ordinal));
        told = await api.PostAsync("/api/v1/dial-plan/explain", new { number = "600", extension = Id("105") }, HttpStatusCode.OK);
        Assert.Contains("Ne sonne pas : 103 Agent 103 (occupé, ou ne veut pas être dérangé).", told.GetProperty("steps").EnumerateArray().Select(s => s.Text("fr")));
    }
}
