// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Identity;
using Xunit;

namespace Beffroi.Server.Tests.Features.Directory;

public class DirectoryTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private string _town = "", _hall = "";

    public async Task InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _town = (await _server.Administrator.PostAsync("/api/v1/organisations", new { name = "Saint-Aubin" })).Id();
        _hall = (await _server.Administrator.PostAsync("/api/v1/sites", new { organisationId = _town, name = "Mairie", address = "1 place de la Mairie" })).Id();
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_person_gets_an_extension_and_a_device_whose_secret_is_shown_once()
    {
        var admin = _server.Administrator;
        var person = await admin.PostAsync("/api/v1/persons", new { siteId = _hall, givenName = "Aïcha", familyName = "Benali" });
        var extension = await admin.PostAsync("/api/v1/extensions", new { siteId = _hall, number = "101", personId = person.Id() });
        var made = await admin.PostAsync("/api/v1/devices", new { extensionId = extension.Id(), name = "Poste de bureau" });
        Assert.Equal("101", made.GetProperty("device").Text("sipUsername"));
        Assert.True(made.Text("sipSecret").Length >= 24);
        var listed = (await admin.GetAsync("/api/v1/devices")).ToString();
        Assert.DoesNotContain(made.Text("sipSecret"), listed, StringComparison.Ordinal);
        Assert.DoesNotContain("ha1", listed, StringComparison.OrdinalIgnoreCase);

        var now = _server.Service<IDirectory>().Current;
        Assert.True(now.TryDevice("101", out var device));
        Assert.Equal("Aïcha Benali", now.DisplayName(now.ExtensionOf(device)));
        Assert.Equal(16, device.Ha1Md5.Length);
        Assert.Equal(32, device.Ha1Sha256.Length);
        Assert.Equal(32, device.Ha1Sha512256.Length);
    }

    [Fact]
    public async Task An_extension_is_unique_within_its_organisation_and_a_sip_username_everywhere()
    {
        var admin = _server.Administrator;
        var other = (await admin.PostAsync("/api/v1/organisations", new { name = "Vieux-Bourg" })).Id();
        var school = (await admin.PostAsync("/api/v1/sites", new { organisationId = other, name = "École" })).Id();
        var here = await admin.PostAsync("/api/v1/extensions", new { siteId = _hall, number = "101" });
        var again = await admin.PostAsync("/api/v1/extensions", new { siteId = _hall, number = "101" }, HttpStatusCode.Conflict);
        Assert.Equal("urn:beffroi:dial-plan.number-conflict", again.Text("type"));
        var there = await admin.PostAsync("/api/v1/extensions", new { siteId = school, number = "101" });
        await admin.PostAsync("/api/v1/devices", new { extensionId = here.Id(), name = "a" });
        var second = await admin.PostAsync("/api/v1/devices", new { extensionId = there.Id(), name = "b" });
        Assert.StartsWith("101-", second.GetProperty("device").Text("sipUsername"), StringComparison.Ordinal);
        var taken = await admin.PostAsync("/api/v1/devices", new { extensionId = there.Id(), name = "c", sipUsername = "101" }, HttpStatusCode.Conflict);
        Assert.Equal("urn:beffroi:directory.sip-username-taken", taken.Text("type"));
    }

    [Fact]
    public async Task What_is_wrong_with_a_request_is_said_field_by_field()
    {
        var problem = await _server.Administrator.PostAsync("/api/v1/persons", new { siteId = _hall, givenName = "", familyName = "", email = "a\u0007b" }, HttpStatusCode.BadRequest);
        Assert.Equal("urn:beffroi:request.invalid", problem.Text("type"));
        Assert.True(problem.GetProperty("errors").TryGetProperty("familyName", out _));
        Assert.True(problem.GetProperty("errors").TryGetProperty("email", out _));
        var unknown = await _server.Administrator.PostAsync("/api/v1/organisations", new { name = "x", nom = "y" }, HttpStatusCode.BadRequest);
        Assert.Equal("urn:beffroi:request.invalid", unknown.Text("type"));
    }

    [Fact]
    public async Task Of_two_changes_based_on_one_version_the_second_is_refused()
    {
        var admin = _server.Administrator;
        var person = await admin.PostAsync("/api/v1/persons", new { siteId = _hall, givenName = "Luc", familyName = "Martin" });
        var path = $"/api/v1/persons/{person.Id()}";
        await admin.PutAsync(path, new { siteId = _hall, givenName = "Luc", familyName = "Martin", function = "Maire", version = 0 });
        var late = await admin.PutAsync(path, new { siteId = _hall, givenName = "Luc", familyName = "Martin", function = "Adjoint", version = 0 }, HttpStatusCode.Conflict);
        Assert.Equal("urn:beffroi:storage.conflict", late.Text("type"));
        Assert.Equal("Maire", (await admin.GetAsync(path)).GetProperty("person").Text("function"));
    }

    [Fact]
    public async Task An_operator_of_one_site_neither_sees_nor_changes_another()
    {
        var admin = _server.Administrator;
        var library = (await admin.PostAsync("/api/v1/sites", new { organisationId = _town, name = "Médiathèque" })).Id();
        var hers = await admin.PostAsync("/api/v1/persons", new { siteId = library, givenName = "Inès", familyName = "Roche" });
        var his = await admin.PostAsync("/api/v1/persons", new { siteId = _hall, givenName = "Paul", familyName = "Petit" });
        var operatorOfLibrary = await _server.SignInAsync(Role.Operator, new(ScopeKind.Site, Guid.Parse(library)));
        var seen = await operatorOfLibrary.GetAsync("/api/v1/persons");
        Assert.Equal(hers.Id(), Assert.Single(seen.GetProperty("items").EnumerateArray().ToArray()).GetProperty("person").Id());
        await operatorOfLibrary.SendAsync(HttpMethod.Get, $"/api/v1/persons/{his.Id()}", null, HttpStatusCode.NotFound);
        await operatorOfLibrary.DeleteAsync($"/api/v1/persons/{his.Id()}", HttpStatusCode.NotFound);
        var moved = await operatorOfLibrary.PutAsync($"/api/v1/persons/{hers.Id()}", new { siteId = _hall, givenName = "Inès", familyName = "Roche" }, HttpStatusCode.Forbidden);
        Assert.Equal("urn:beffroi:identity.out-of-scope", moved.Text("type"));
        await operatorOfLibrary.PostAsync("/api/v1/persons", new { siteId = _hall, givenName = "A", familyName = "B" }, HttpStatusCode.Forbidden);
        await operatorOfLibrary.PostAsync("/api/v1/persons", new { siteId = library, givenName = "A", familyName = "B" });
    }

    [Fact]
    public async Task An_import_with_bad_lines_writes_nothing_and_lists_every_one()
    {
        const string File = """
            given_name;family_name;site;extension
            Léa;Moreau;Mairie;201
            Tom;;Mairie;202
            Zoé;Leroy;Château;203
            Max;Roux;Mairie;20x
            Eva;Blanc;Mairie;201
            """;
        var problem = await _server.Administrator.UploadAsync("/api/v1/persons/import", File, HttpStatusCode.BadRequest);
        Assert.Equal("urn:beffroi:directory.import-refused", problem.Text("type"));
        Assert.Equal(["line 3", "line 4", "line 5", "line 6"], problem.GetProperty("errors").EnumerateObject().Select(e => e.Name));
        Assert.Equal(0, (await _server.Administrator.GetAsync("/api/v1/persons")).GetProperty("total").GetInt32());

        var good = await _server.Administrator.UploadAsync("/api/v1/persons/import", "given_name;family_name;site;extension\nLéa;Moreau;Mairie;201\nTom;Blanc;mairie;202\n");
        Assert.Equal(2, good.GetProperty("persons").GetInt32());
        Assert.Equal("201", good.GetProperty("devices")[0].Text("sipUsername"));
        var found = await _server.Administrator.GetAsync("/api/v1/persons?search=lea");
        Assert.Equal(1, found.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task A_line_with_a_cell_too_many_hides_no_other_and_what_the_interface_takes_an_import_takes_too()
    {
        var address = new string('a', 150) + "@mairie.example";
        var names = (new string('é', 80), new string('b', 80));
        var problem = await _server.Administrator.UploadAsync("/api/v1/persons/import", $"""
            given_name;family_name;site;extension;device;email
            Léa;Moreau;Mairie;201;99;
            Tom;Blanc;Mairie;202;dect;;too many
            Zoé;Leroy;Château;203;dect;
            Max;Roux;Mairie;204;Dect,Gateway;{address}
            """, HttpStatusCode.BadRequest);
        Assert.Equal("urn:beffroi:directory.import-refused", problem.Text("type"));
        Assert.Equal(["line 2", "line 3", "line 4", "line 5"], problem.GetProperty("errors").EnumerateObject().Select(e => e.Name));
        Assert.Single(problem.GetProperty("errors").GetProperty("line 5").EnumerateArray());

        await _server.Administrator.UploadAsync("/api/v1/persons/import", $"given_name;family_name;site;extension;device;email\n{names.Item1};{names.Item2};Mairie;201;dect;{address}\n");
        var device = Assert.Single((await _server.Administrator.GetAsync("/api/v1/devices")).EnumerateArray());
        Assert.Equal(120, device.Text("name").Length);
    }

    [Fact]
    public async Task What_others_hang_on_is_not_removed()
    {
        var admin = _server.Administrator;
        var person = await admin.PostAsync("/api/v1/persons", new { siteId = _hall, givenName = "Jo", familyName = "Noir" });
        var extension = await admin.PostAsync("/api/v1/extensions", new { siteId = _hall, number = "300", personId = person.Id() });
        var refused = await admin.DeleteAsync($"/api/v1/persons/{person.Id()}", HttpStatusCode.Conflict);
        Assert.Equal("urn:beffroi:directory.still-used", refused.Text("type"));
        await admin.DeleteAsync($"/api/v1/extensions/{extension.Id()}");
        await admin.DeleteAsync($"/api/v1/persons/{person.Id()}");
        await admin.DeleteAsync($"/api/v1/sites/{_hall}");
        await admin.DeleteAsync($"/api/v1/organisations/{_town}");
    }

    [Fact]
    public async Task The_directory_is_there_again_after_a_restart()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("beffroi-restart-").FullName;
        var first = await TestServer.StartAsync(folder: folder);
        var town = (await first.Administrator.PostAsync("/api/v1/organisations", new { name = "Vieux-Bourg" })).Id();
        var site = (await first.Administrator.PostAsync("/api/v1/sites", new { organisationId = town, name = "École" })).Id();
        var extension = await first.Administrator.PostAsync("/api/v1/extensions", new { siteId = site, number = "77" });
        await first.Administrator.PostAsync("/api/v1/devices", new { extensionId = extension.Id(), name = "Préau" });
        Assert.True(first.Service<IDirectory>().Current.TryDevice("77", out var before));
        await first.StopAsync();
        await using (var second = await TestServer.StartAsync(folder: folder))
        {
            Assert.True(second.Service<IDirectory>().Current.TryDevice("77", out var after));
            Assert.Equal(before.Ha1Sha256, after.Ha1Sha256);
            Assert.Equal(before.SecretAt, after.SecretAt, TimeSpan.FromMilliseconds(1));
        }

        System.IO.Directory.Delete(folder, recursive: true);
    }
}
