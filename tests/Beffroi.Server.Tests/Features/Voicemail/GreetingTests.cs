// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Http.Headers;
using Beffroi.Server.Tests.Features.CallControl;
using Beffroi.TestKit.Sound;
using Xunit;

namespace Beffroi.Server.Tests.Features.Voicemail;

/// <summary>A greeting of one's own: uploaded, heard by callers, sealed on disk, taken away again. A tone plays its part.</summary>
public sealed class GreetingTests(OpenTown open) : IClassFixture<OpenTown>
{
    private const double Tone = 700;
    private static readonly TimeSpan Listen = TimeSpan.FromSeconds(1.2);

    private static async Task<JsonAnswer> UploadAsync(Api api, Guid box, byte[] sound, HttpStatusCode expected)
    {
        using var content = new ByteArrayContent(sound) { Headers = { ContentType = new MediaTypeHeaderValue("audio/wav") } };
        return new JsonAnswer(await api.SendAsync(HttpMethod.Post, $"/api/v1/voicemail/boxes/{box}/greeting", content, expected));
    }

    private readonly record struct JsonAnswer(System.Text.Json.JsonElement Json);

    private static byte[] Wav(TimeSpan length)
    {
        var path = Path.GetTempFileName();
        try
        {
            WavSound.Sine(Tone, 8000, length).Write(path);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private async Task<TimeSpan> ToneHeardAsync(string number)
    {
        var caller = open.Resident;
        caller.Drain();
        caller.Dials(number, open.Town.Sip);
        await caller.SeesAsync("accepted");
        var heard = await caller.RecordsAsync(Listen);
        caller.HangsUp();
        await open.FreeAsync(caller.Number);
        return ToneMeter.Measure(heard, Tone).Heard;
    }

    [Fact]
    public async Task Callers_hear_an_uploaded_greeting_until_it_is_taken_away()
    {
        await open.Town.PhoneAsync("401");
        var box = await open.BoxAsync("401");
        await open.DirectNumberAsync("0199004001", new { kind = "voicemail", target = "401" });
        await UploadAsync(open.Admin, box, Wav(TimeSpan.FromSeconds(4)), HttpStatusCode.NoContent);
        Assert.InRange(await ToneHeardAsync("+33199004001"), TimeSpan.FromSeconds(0.8), Listen);
        Assert.DoesNotContain("RIFF", System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Path.Combine(open.Town.Server.Folder, "voicemail", $"{box:N}.sealed"))), StringComparison.Ordinal);

        await open.Admin.DeleteAsync($"/api/v1/voicemail/boxes/{box}/greeting");
        Assert.Equal(TimeSpan.Zero, await ToneHeardAsync("+33199004001"));
        Assert.False(File.Exists(Path.Combine(open.Town.Server.Folder, "voicemail", $"{box:N}.sealed")));
    }

    [Fact]
    public async Task What_is_no_greeting_is_refused_and_changes_nothing()
    {
        await open.Town.PhoneAsync("402");
        var box = await open.BoxAsync("402");
        Assert.Equal("urn:beffroi:voicemail.unusable-sound", (await UploadAsync(open.Admin, box, "<html>"u8.ToArray(), HttpStatusCode.BadRequest)).Json.Text("type"));
        Assert.Equal("urn:beffroi:voicemail.greeting-too-long", (await UploadAsync(open.Admin, box, Wav(TimeSpan.FromSeconds(121)), HttpStatusCode.BadRequest)).Json.Text("type"));
        await UploadAsync(open.Admin, Guid.NewGuid(), Wav(TimeSpan.FromSeconds(1)), HttpStatusCode.NotFound);
        Assert.False(File.Exists(Path.Combine(open.Town.Server.Folder, "voicemail", $"{box:N}.sealed")));
    }
}
