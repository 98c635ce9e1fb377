// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Media.Codecs;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Voicemail;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Storage;
using Beffroi.Server.Tests.Features.DialPlan;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Beffroi.Server.Tests.Features.Voicemail;

/// <summary>Whose a box is: a group's members together, and for an extension whoever has it now.</summary>
public sealed class SharedBoxTests : IAsyncLifetime
{
    private readonly List<Guid> _told = [];
    private TownHall _hall = null!;

    private IMessageCounts Counts => _hall.Server.Service<IMessageCounts>();

    public async Task InitializeAsync()
    {
        _hall = await TownHall.OpenAsync();
        Counts.Changed += _told.Add;
    }

    public async Task DisposeAsync() => await _hall.DisposeAsync();

    private async Task<Guid> BoxAsync(string number, string email = "") => Guid.Parse((await _hall.Admin.PostAsync("/api/v1/voicemail/boxes", new { organisationId = _hall.Town, number, email })).Id());

    private object Group(params string[] members) =>
        new { organisationId = _hall.Town, number = "600", name = "Accueil", strategy = "ringAll", members = members.Select(m => new { extension = _hall.Extensions[m] }) };

    private object Extension(string number, string? person, string? newNumber = null, bool deleteVoicemail = false) =>
        new { siteId = _hall.Hall, number = newNumber ?? number, personId = person is null ? null : _hall.Persons[person], deleteVoicemail };

    private async Task<VoicemailMessage> LeavesAsync(Guid box)
    {
        var message = new VoicemailMessage(Guid.CreateVersion7(), box, TownHall.Monday, "+33639980000", "", 3, false);
        var path = Path.Combine(_hall.Server.Folder, "voicemail", "recording", $"{message.Id:N}.wav");
        WavFile.Write(path, new short[8000 * 3], 8000);
        await _hall.Server.Service<VoicemailStore>().DepositAsync(message, path, default);
        return message;
    }

    private bool HasSound(Guid id) => File.Exists(Path.Combine(_hall.Server.Folder, "voicemail", $"{id:N}.sealed"));

    private int New(string number) => Counts.Of(_hall.Extension(number)).New;

    private Guid Id(string number) => Guid.Parse(_hall.Extensions[number]);

    private async Task<IReadOnlyList<string>> AuditAsync()
    {
        await using var db = await _hall.Server.Service<Store>().ReadAsync(default);
        return await db.Set<AuditEntry>().OrderBy(a => a.Id).Select(a => a.Action).ToListAsync();
    }

    [Fact]
    public async Task A_groups_message_lights_the_lamps_of_all_its_members_until_one_has_heard_it()
    {
        await _hall.Admin.PostAsync("/api/v1/hunt-groups", Group("1001", "1002"));
        var own = await BoxAsync("1001");
        var shared = await BoxAsync("600");
        await LeavesAsync(own);
        Assert.Equal((1, 0, 0), (New("1001"), New("1002"), New("1003")));
        _told.Clear();
        var message = await LeavesAsync(shared);
        Assert.Equal((2, 1, 0), (New("1001"), New("1002"), New("1003")));
        Assert.Equal(new[] { Id("1001"), Id("1002") }.Order(), _told.Order());
        var bruno = await _hall.SignsInAsync("1002");
        await bruno.PutAsync($"/api/v1/voicemail/messages/{message.Id}", new { heard = true });
        Assert.Equal((1, 0), (New("1001"), New("1002")));
    }

    [Fact]
    public async Task Who_joins_or_leaves_a_group_has_its_lamp_lit_or_put_out()
    {
        var group = await _hall.Admin.PostAsync("/api/v1/hunt-groups", Group("1001"));
        await LeavesAsync(await BoxAsync("600"));
        _told.Clear();
        await _hall.Admin.PutAsync($"/api/v1/hunt-groups/{group.Id()}", Group("1002"));
        Assert.Equal((0, 1), (New("1001"), New("1002")));
        Assert.Equal(new[] { Id("1001"), Id("1002") }.Order(), _told.Order());
    }

    [Fact]
    public async Task An_extension_without_a_person_has_a_lamp_too()
    {
        await _hall.Admin.PostAsync("/api/v1/extensions", new { siteId = _hall.Hall, number = "1009", name = "Salle des mariages" });
        var extension = _hall.Server.Service<IDirectory>().Current.Extensions.Values.Single(e => e.Number == "1009");
        await LeavesAsync(await BoxAsync("1009"));
        Assert.Equal(new MessageCount(1, 0), Counts.Of(extension));
        Assert.Equal([extension.Id], _told);
    }

    [Fact]
    public async Task An_extension_passes_to_another_person_only_without_what_the_former_one_was_told()
    {
        var box = await BoxAsync("1001", "anne@saint-aubin.example");
        var message = await LeavesAsync(box);
        var (path, bruno) = ($"/api/v1/extensions/{_hall.Extensions["1001"]}", await _hall.SignsInAsync("1002"));
        var refused = await _hall.Admin.PutAsync(path, Extension("1001", "1002"), HttpStatusCode.Conflict);
        Assert.Equal("urn:beffroi:voicemail.box-changes-hands", refused.Text("type"));
        await bruno.SendAsync(HttpMethod.Get, $"/api/v1/voicemail/boxes/{box}/messages", null, HttpStatusCode.NotFound);

        await _hall.Admin.PutAsync(path, Extension("1001", "1002", deleteVoicemail: true));
        Assert.False(HasSound(message.Id));
        Assert.Contains("voicemail.box-removed", await AuditAsync());
        var now = Assert.Single((await bruno.GetAsync("/api/v1/voicemail/boxes")).EnumerateArray());
        Assert.Equal((_hall.Persons["1002"], "Bruno Roux", ""), (now.Text("person"), now.GetProperty("box").Text("name"), now.GetProperty("box").Text("email")));
        Assert.NotEqual(box.ToString(), now.GetProperty("box").Id());
        var heard = await LeavesAsync(Guid.Parse(now.GetProperty("box").Id()));
        var anne = await _hall.SignsInAsync("1001");
        Assert.Empty((await anne.GetAsync("/api/v1/voicemail/boxes")).EnumerateArray());
        await anne.SendAsync(HttpMethod.Get, $"/api/v1/voicemail/messages/{heard.Id}/sound", null, HttpStatusCode.NotFound);
        Assert.Equal(1, New("1001"));
    }

    [Fact]
    public async Task A_box_with_nothing_private_passes_with_its_extension_and_follows_a_new_number()
    {
        var box = await BoxAsync("1001");
        await _hall.Admin.PutAsync($"/api/v1/extensions/{_hall.Extensions["1001"]}", Extension("1001", "1002"));
        var message = await LeavesAsync(box);
        await _hall.Admin.PutAsync($"/api/v1/extensions/{_hall.Extensions["1001"]}", Extension("1001", "1002", newNumber: "1011"));
        var kept = _hall.Server.Service<VoicemailBook>().Pages[box];
        Assert.Equal(("1011", "Bruno Roux"), (kept.Number.Reveal(), kept.Name));
        var bruno = await _hall.SignsInAsync("1002");
        Assert.Equal(message.Id.ToString(), Assert.Single((await bruno.GetAsync($"/api/v1/voicemail/boxes/{box}/messages")).EnumerateArray()).Id());
        await _hall.Server.StopAsync();
        await using var again = await TestServer.StartAsync(folder: _hall.Server.Folder);
        Assert.Equal("1011", again.Service<VoicemailBook>().Pages[box].Number.Reveal());
    }

    [Fact]
    public async Task An_extension_goes_with_its_box_and_messages_or_not_at_all()
    {
        var box = await BoxAsync("1001");
        var message = await LeavesAsync(box);
        var path = $"/api/v1/extensions/{_hall.Extensions["1001"]}";
        var refused = await _hall.Admin.DeleteAsync(path, HttpStatusCode.Conflict);
        Assert.Equal("urn:beffroi:voicemail.box-left-behind", refused.Text("type"));
        Assert.True(HasSound(message.Id));
        await _hall.Admin.DeleteAsync($"{path}?deleteVoicemail=true");
        Assert.False(HasSound(message.Id));
        Assert.Empty(_hall.Server.Service<VoicemailBook>().Pages);
        var noted = await AuditAsync();
        Assert.Contains("voicemail.box-removed", noted);
        Assert.Contains("directory.extension-removed", noted);
        // Whoever has the number next begins with nothing.
        await _hall.Admin.PostAsync("/api/v1/extensions", new { siteId = _hall.Hall, number = "1001", personId = _hall.Persons["1002"] });
        Assert.Empty((await (await _hall.SignsInAsync("1002")).GetAsync("/api/v1/voicemail/boxes")).EnumerateArray());
        await _hall.Admin.DeleteAsync($"/api/v1/persons/{_hall.Persons["1001"]}");                  // nothing ties her to a box any more
    }

    [Fact]
    public async Task A_group_keeps_its_number_as_long_as_it_has_a_box()
    {
        var group = await _hall.Admin.PostAsync("/api/v1/hunt-groups", Group("1001"));
        var box = await BoxAsync("600");
        var path = $"/api/v1/hunt-groups/{group.Id()}";
        Assert.Equal("urn:beffroi:hunt-groups.still-used", (await _hall.Admin.DeleteAsync(path, HttpStatusCode.Conflict)).Text("type"));
        var moved = await _hall.Admin.PutAsync(path, new { organisationId = _hall.Town, number = "601", name = "Accueil", strategy = "ringAll", members = Array.Empty<object>() }, HttpStatusCode.Conflict);
        Assert.Equal("urn:beffroi:hunt-groups.still-used", moved.Text("type"));
        await _hall.Admin.DeleteAsync($"/api/v1/voicemail/boxes/{box}");
        await _hall.Admin.DeleteAsync(path);
    }
}
