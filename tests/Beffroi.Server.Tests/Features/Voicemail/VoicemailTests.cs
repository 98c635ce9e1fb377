// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text;
using Beffroi.Media.Codecs;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Voicemail;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Tests.Features.DialPlan;
using Xunit;

namespace Beffroi.Server.Tests.Features.Voicemail;

public sealed class VoicemailTests : IAsyncLifetime
{
    private TownHall _hall = null!;

    public async Task InitializeAsync() => _hall = await TownHall.OpenAsync();

    public async Task DisposeAsync() => await _hall.DisposeAsync();

    private async Task<Guid> BoxOfAsync(string number) => Guid.Parse((await _hall.Admin.PostAsync("/api/v1/voicemail/boxes", new { organisationId = _hall.Town, number })).Id());

    private async Task<VoicemailMessage> LeavesAsync(Guid box, TestServer? server = null)
    {
        var there = server ?? _hall.Server;
        var message = new VoicemailMessage(Guid.CreateVersion7(), box, TownHall.Monday, "+33639980000", "", 3, false);
        var path = Path.Combine(there.Folder, "voicemail", "recording", $"{message.Id:N}.wav");
        WavFile.Write(path, new short[8000 * 3], 8000);
        await there.Service<VoicemailStore>().DepositAsync(message, path, default);
        Assert.False(File.Exists(path));
        return message;
    }

    [Fact]
    public async Task A_message_is_sealed_on_disk_and_heard_by_its_owner_alone()
    {
        var box = await BoxOfAsync("1001");
        var message = await LeavesAsync(box);
        foreach (var file in System.IO.Directory.EnumerateFiles(Path.Combine(_hall.Server.Folder, "voicemail")))
            Assert.DoesNotContain("RIFF", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)), StringComparison.Ordinal);
        var anne = await _hall.SignsInAsync("1001");
        Assert.Equal("False", Assert.Single((await anne.GetAsync($"/api/v1/voicemail/boxes/{box}/messages")).EnumerateArray()).Text("heard"));
        using var sound = await anne.Http.GetAsync($"/api/v1/voicemail/messages/{message.Id}/sound");
        Assert.Equal((HttpStatusCode.OK, "audio/wav"), (sound.StatusCode, sound.Content.Headers.ContentType?.MediaType));
        Assert.Equal(44 + 48_000, (await sound.Content.ReadAsByteArrayAsync()).Length);
        foreach (var other in new[] { _hall.Admin, await _hall.SignsInAsync("1002"), await _hall.Server.SignInAsync(Role.Operator), await _hall.Server.SignInAsync(Role.Auditor) })
        {
            await other.SendAsync(HttpMethod.Get, $"/api/v1/voicemail/boxes/{box}/messages", null, HttpStatusCode.NotFound);
            await other.SendAsync(HttpMethod.Get, $"/api/v1/voicemail/messages/{message.Id}/sound", null, HttpStatusCode.NotFound);
            await other.DeleteAsync($"/api/v1/voicemail/messages/{message.Id}", HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task The_lamp_counts_new_and_old_messages()
    {
        var box = await BoxOfAsync("1001");
        var told = new List<Guid>();
        var counts = _hall.Server.Service<IMessageCounts>();
        counts.Changed += told.Add;
        var extension = Guid.Parse(_hall.Extensions["1001"]);
        var message = await LeavesAsync(box);
        await LeavesAsync(box);
        Assert.Equal(new MessageCount(2, 0), counts.Of(_hall.Extension("1001")));
        var anne = await _hall.SignsInAsync("1001");
        await anne.PutAsync($"/api/v1/voicemail/messages/{message.Id}", new { heard = true });
        Assert.Equal(new MessageCount(1, 1), counts.Of(_hall.Extension("1001")));
        await anne.DeleteAsync($"/api/v1/voicemail/messages/{message.Id}");
        Assert.Equal(new MessageCount(1, 0), counts.Of(_hall.Extension("1001")));
        Assert.Equal([extension, extension, extension, extension], told);
        await _hall.Server.StopAsync();
        await using var again = await TestServer.StartAsync(folder: _hall.Server.Folder);
        Assert.Equal(new MessageCount(1, 0), again.Service<IMessageCounts>().Of(again.Service<IDirectory>().Current.Extensions[extension]));
    }

    [Fact]
    public async Task A_message_that_the_store_could_not_take_is_taken_in_later()
    {
        var box = await BoxOfAsync("1001");
        var message = await LeavesAsync(box);
        var folder = Path.Combine(_hall.Server.Folder, "voicemail");
        var store = _hall.Server.Service<VoicemailStore>();
        // As after a crash between the files and the row: the sealed files are there, the row is not.
        var waiting = Path.Combine(folder, $"{message.Id:N}.waiting");
        var later = message with { Id = Guid.CreateVersion7() };
        var seal = _hall.Server.Service<Server.Platform.Privacy.ContentSeal>();
        await File.WriteAllBytesAsync(Path.Combine(folder, $"{later.Id:N}.waiting"), seal.Seal(later.Id, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(later)));
        await File.WriteAllBytesAsync(waiting, [1, 2, 3]);
        await store.TakeInWaitingAsync(default);
        Assert.Equal(2, (await store.ListAsync(box, default)).Count);
        Assert.False(File.Exists(Path.Combine(folder, $"{later.Id:N}.waiting")));
    }

    [Fact]
    public async Task Messages_older_than_the_box_keeps_them_are_forgotten_with_their_sound()
    {
        var box = await BoxOfAsync("1001");
        var message = await LeavesAsync(box);
        var store = _hall.Server.Service<VoicemailStore>();
        await store.ForgetOldAsync(TownHall.Monday.AddDays(89), default);
        Assert.Single(await store.ListAsync(box, default));
        await store.ForgetOldAsync(TownHall.Monday.AddDays(91), default);
        Assert.Empty(await store.ListAsync(box, default));
        Assert.Null(await store.SoundAsync(message.Id, default));
    }

    [Fact]
    public async Task A_call_nobody_answers_goes_to_the_box_and_a_code_leaves_a_message_without_ringing()
    {
        await BoxOfAsync("1001");
        var whole = (await _hall.ExplainAsync("1002", "1001")).Whole;
        Assert.All(whole.GetProperty("then").EnumerateArray(), c => Assert.Contains("Messagerie de Anne Petit", c.GetProperty("steps")[1].Text("fr"), StringComparison.Ordinal));
        Assert.Equal("voicemail", (await _hall.ExplainAsync("1002", "*971001")).Outcome);
        Assert.Equal("voicemail.no-such-box", (await _hall.ExplainAsync("1001", "*971002")).Refusal);
        await _hall.Admin.PutAsync($"/api/v1/forwardings/{_hall.Extensions["1001"]}", new { doNotDisturb = true });
        Assert.Equal("voicemail", (await _hall.ExplainAsync("1002", "1001")).Outcome);
    }

    [Theory]
    [InlineData("12")]
    [InlineData("1234")]
    [InlineData("0000")]
    [InlineData("abcd")]
    public async Task A_weak_pin_is_refused(string pin)
    {
        var box = await BoxOfAsync("1001");
        await _hall.Admin.PutAsync($"/api/v1/voicemail/boxes/{box}/pin", new { pin }, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_pin_is_chosen_by_the_owner_and_shown_to_nobody()
    {
        var box = await BoxOfAsync("1001");
        var anne = await _hall.SignsInAsync("1001");
        await anne.PutAsync($"/api/v1/voicemail/boxes/{box}/pin", new { pin = "4271" }, HttpStatusCode.NoContent);
        var listed = Assert.Single((await anne.GetAsync("/api/v1/voicemail/boxes")).EnumerateArray());
        Assert.Equal("True", listed.GetProperty("box").Text("hasPin"));
        Assert.DoesNotContain("pinHash", listed.ToString(), StringComparison.OrdinalIgnoreCase);
        var bruno = await _hall.SignsInAsync("1002");
        await bruno.PutAsync($"/api/v1/voicemail/boxes/{box}/pin", new { pin = "4272" }, HttpStatusCode.NotFound);
    }

    [Fact]
    public void Counts_and_introductions_are_said_as_people_say_them()
    {
        Assert.Equal(["voicemail-no-messages"], VoicemailWords.Counts(0, 0, "fr"));
        Assert.Equal(["voicemail-you-have", "digit-1", "voicemail-new-message", "and", "digit-2", "voicemail-old-messages"], VoicemailWords.Counts(1, 2, "en"));
        var said = VoicemailWords.Introduction("", new DateTime(2026, 11, 22, 14, 30, 0), new DateOnly(2026, 11, 23), "fr");
        Assert.Equal(["from-withheld", "received-at", "yesterday", "at", "hour-14", "number-30"], said);
    }
}
