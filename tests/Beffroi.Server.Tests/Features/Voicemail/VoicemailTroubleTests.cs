// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.Voicemail;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Platform.Privacy;
using Beffroi.Server.Platform.Storage;
using Beffroi.Server.Tests.Features.DialPlan;
using Beffroi.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Beffroi.Server.Tests.Features.Voicemail;

/// <summary>Voicemail while the store is gone, the disk is full, and with callers who write what they like.</summary>
[Collection(nameof(OnPostgres))]
public sealed class VoicemailTroubleTests(PostgresHouse house)
{
    private static readonly CallParty Stranger = new(PartyKind.External, new string('7', 64) + "\0", new string('é', 300) + "\0");

    [Fact]
    public async Task A_caller_with_an_endless_name_leaves_a_message_on_PostgreSQL_like_any_other()
    {
        await using var hall = await TownHall.OpenAsync(await house.SettingsAsync());
        var box = await BoxAsync(hall);
        var call = await LivesAsync(hall, Stranger, hall.Server.Service<IVoicemailScripts>().Deposit(box));
        Assert.Equal(["voicemail deposited 1001"], call.Deeds);
        var message = Assert.Single(await hall.Server.Service<VoicemailStore>().ListAsync(box.Id, default));
        Assert.Equal((new string('7', 32), new string('é', 120)), (message.CallerNumber, message.CallerName));
        Assert.Empty(Files(hall, "*.waiting"));
    }

    [Fact]
    public async Task A_message_that_the_store_will_never_take_is_set_aside_and_shown_and_the_next_one_is_taken_in()
    {
        await using var hall = await TownHall.OpenAsync(await house.SettingsAsync());
        var box = await BoxAsync(hall);
        var seal = hall.Server.Service<ContentSeal>();
        foreach (var name in new[] { new string('x', 300), "Anne", "\0" })
        {
            var message = new VoicemailMessage(Guid.CreateVersion7(), box.Id, TownHall.Monday, "", name, 3, false);
            await File.WriteAllBytesAsync(hall.Server.Service<VoicemailFolder>().Waiting(message.Id), seal.Seal(message.Id, JsonSerializer.SerializeToUtf8Bytes(message)));
        }

        var store = hall.Server.Service<VoicemailStore>();
        await store.TakeInWaitingAsync(default);
        Assert.Equal("Anne", Assert.Single(await store.ListAsync(box.Id, default)).CallerName);
        Assert.Empty(Files(hall, "*.waiting"));
        Assert.Equal(2, Files(hall, "*.aside").Length);
        Assert.Contains("2 voice messages could not be taken in", (await hall.Server.Anybody().GetAsync("/health/ready")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_listens_while_PostgreSQL_is_gone_is_told_so_and_no_message_is_said_to_be_deleted_that_is_not()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var hall = await TownHall.OpenAsync("--Storage:Provider=postgres", $"--Storage:Connection={postgres.Connection}");
        var box = await BoxAsync(hall);
        var anne = new CallParty(PartyKind.Internal, "1001", "");
        await LivesAsync(hall, Stranger, hall.Server.Service<IVoicemailScripts>().Deposit(box));
        var consult = new ConsultApplication(hall.Extension("1001"), "", hall.Server.Service<VoicemailParts>());

        var deletes = await LivesAsync(hall, anne, consult, call =>
        {
            call.Dials("2");
            call.WhenAsked = postgres.StopAsync;
        });
        Assert.Equal(["hears voicemail-menu", "hears error-service", "hears voicemail-end-of-messages", "hears goodbye", "ends"], deletes.Story[^5..]);
        var listens = await LivesAsync(hall, anne, consult);
        Assert.Equal(["answered", "hears error-service", "hears goodbye", "ends"], listens.Story);
        Assert.Equal(["voicemail failed 1001"], listens.Deeds);

        var left = await LivesAsync(hall, Stranger, hall.Server.Service<IVoicemailScripts>().Deposit(box));
        Assert.Equal("hears goodbye", left.Story[^2]);
        Assert.Single(Files(hall, "*.waiting"));
        await postgres.RestartAsync();
    }

    [Fact]
    public async Task A_message_for_which_the_disk_has_no_room_is_kept_and_taken_in_when_there_is_room_again()
    {
        await using var hall = await TownHall.OpenAsync();
        var box = await BoxAsync(hall);
        var (disk, store) = FullDisk(hall);
        var deposit = new DepositApplication(box, store, hall.Server.Service<MessageCounts>(), disk, hall.Server.Service<PromptLibrary>());

        var call = await LivesAsync(hall, Stranger, deposit);
        Assert.Equal(["speaks 3 s of 180", "hears error-service", "hears goodbye", "ends"], call.Story[^4..]);
        Assert.Equal(["voicemail failed 1001"], call.Deeds);
        Assert.Contains("1 voice messages wait for room", (await hall.Server.Anybody().GetAsync("/health/ready")).ToString(), StringComparison.Ordinal);
        disk.Make();                                                        // a restart keeps it too
        await store.TakeInLeftAsync(default);
        Assert.Empty(await store.ListAsync(box.Id, default));

        disk.IsFull = false;
        await store.TakeInLeftAsync(default);
        var message = Assert.Single(await store.ListAsync(box.Id, default));
        Assert.Equal(3, message.Seconds);
        Assert.Equal(44 + 48_000, (await store.SoundAsync(message.Id, default))!.Length);
        Assert.Empty(System.IO.Directory.EnumerateFiles(disk.Temporary));
        Assert.Single(System.IO.Directory.EnumerateFiles(disk.Path));
    }

    [Fact]
    public async Task A_recording_that_the_disk_cut_short_is_a_message_too_and_one_that_has_no_sound_is_said_to_have_failed()
    {
        await using var hall = await TownHall.OpenAsync();
        var box = await BoxAsync(hall);
        var deposit = hall.Server.Service<IVoicemailScripts>().Deposit(box);
        var cut = await LivesAsync(hall, Stranger, deposit, call => call.RecordingFails = "No space left on device");
        Assert.Equal(["voicemail failed 1001"], cut.Deeds);
        Assert.Equal("hears error-service", cut.Story[^3]);
        Assert.Single(await hall.Server.Service<VoicemailStore>().ListAsync(box.Id, default));
        var none = await LivesAsync(hall, Stranger, deposit, call => (call.RecordingFails, call.Speaks) = ("No space left on device", TimeSpan.Zero));
        Assert.Equal(["voicemail failed 1001"], none.Deeds);
        Assert.Equal("hears error-service", none.Story[^3]);
        Assert.Empty(System.IO.Directory.EnumerateFiles(hall.Server.Service<VoicemailFolder>().Temporary));
    }

    [Fact]
    public async Task A_greeting_whose_file_is_gone_is_the_shipped_one_and_health_names_the_box()
    {
        await using var hall = await TownHall.OpenAsync();
        var box = await BoxAsync(hall);
        var (store, folder) = (hall.Server.Service<VoicemailStore>(), hall.Server.Service<VoicemailFolder>());
        await store.WriteGreetingAsync(box.Id, [1, 2, 3], default);
        var outcome = await hall.Server.Service<VoicemailBook>().EditAsync(Server.Platform.Identity.Caller.Itself("test"), box.Id, null, before => before with { Greeting = true, Version = before.Version + 1 }, default);
        Assert.True(outcome.Succeeded(out var greeted, out _));
        Assert.DoesNotContain("greeting", (await hall.Server.Anybody().GetAsync("/health/ready")).ToString(), StringComparison.Ordinal);
        File.Delete(folder.Sealed(box.Id));
        var call = await LivesAsync(hall, Stranger, hall.Server.Service<IVoicemailScripts>().Deposit(greeted));
        Assert.Equal(["answered", "hears voicemail-greeting", "hears beep", "speaks 3 s of 180", "hears goodbye", "ends"], call.Story);
        Assert.Contains("The greeting of 1 voicemail boxes is missing", (await hall.Server.Anybody().GetAsync("/health/ready")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_could_not_be_put_in_its_place_leaves_nothing_half_written_behind()
    {
        var folder = new VoicemailFolder(System.IO.Directory.CreateTempSubdirectory("beffroi-half-").FullName);
        folder.Make();
        var id = Guid.NewGuid();
        System.IO.Directory.CreateDirectory(folder.Sealed(id));
        await Assert.ThrowsAnyAsync<Exception>(() => folder.WriteAsync(folder.Sealed(id), new byte[1000], default));
        Assert.Empty(System.IO.Directory.EnumerateFiles(folder.Path));
        System.IO.Directory.Delete(folder.Path, recursive: true);
    }

    private static (FullFolder Disk, VoicemailStore Store) FullDisk(TownHall hall)
    {
        var s = hall.Server;
        var disk = new FullFolder(s.Service<VoicemailFolder>().Path) { IsFull = true };
        return (disk, new VoicemailStore(s.Service<Store>(), s.Service<VoicemailBook>(), s.Service<MessageCounts>(), s.Service<ContentSeal>(), disk, s.Service<Server.Features.Voicemail.Mail.MailOptions>(),
            NullLogger<VoicemailStore>.Instance));
    }

    private static async Task<VoicemailBox> BoxAsync(TownHall hall)
    {
        var id = (await hall.Admin.PostAsync("/api/v1/voicemail/boxes", new { organisationId = hall.Town, number = "1001" })).Id();
        return hall.Server.Service<VoicemailBook>().Pages[Guid.Parse(id)];
    }

    private static async Task<ScriptedCall> LivesAsync(TownHall hall, CallParty caller, ICallApplication application, Action<ScriptedCall>? with = null)
    {
        var call = new ScriptedCall(hall.Clock, caller, new CallPlan.Run(application, CallParty.Unknown));
        with?.Invoke(call);
        return await call.LiveAsync();
    }

    private static string[] Files(TownHall hall, string pattern) => System.IO.Directory.GetFiles(hall.Server.Service<VoicemailFolder>().Path, pattern);

    /// <summary>A disk with room for the note of whose message it will be and for the recording, and for no sealed copy.</summary>
    private sealed record FullFolder(string Place) : VoicemailFolder(Place)
    {
        public bool IsFull { get; set; }

        public override Task WriteAsync(string path, byte[] bytes, CancellationToken stop) =>
            IsFull && bytes.Length > 4096 ? Task.FromException(new IOException("No space left on device")) : base.WriteAsync(path, bytes, stop);
    }
}
