// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Http.Headers;
using Beffroi.Media.Codecs;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.Prompts;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Xunit;

namespace Beffroi.Server.Tests.Features.Prompts;

public sealed class PromptTests
{
    [Fact]
    public async Task A_recording_replaces_a_prompt_until_it_is_taken_back()
    {
        await using var server = await TestServer.StartAsync();
        var library = server.Service<PromptLibrary>();
        var shipped = library.Find("goodbye", "fr").Duration;
        var wav = Path.Combine(server.Folder, "au-revoir.wav");
        WavFile.Write(wav, new short[8000 * 7], 8000);
        await UploadAsync(server.Administrator, "/api/v1/prompts/fr/goodbye", await File.ReadAllBytesAsync(wav), HttpStatusCode.OK);
        Assert.Equal(7, library.Find("goodbye", "fr").Duration.TotalSeconds, 0.1);
        Assert.Contains(Listed(await server.Administrator.GetAsync("/api/v1/prompts?language=fr")), p => p == "goodbye True");
        await server.Administrator.DeleteAsync("/api/v1/prompts/fr/goodbye");
        Assert.Equal(shipped, library.Find("goodbye", "fr").Duration);
        await server.Administrator.DeleteAsync("/api/v1/prompts/fr/goodbye", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Music_on_hold_is_replaced_and_comes_back()
    {
        await using var server = await TestServer.StartAsync();
        var sounds = server.Service<Beffroi.Calls.ICallSounds>();
        var shipped = sounds.Music.Duration;
        var wav = Path.Combine(server.Folder, "musique.wav");
        WavFile.Write(wav, new short[8000 * 5], 8000);
        await UploadAsync(server.Administrator, "/api/v1/prompts/moh/carillon", await File.ReadAllBytesAsync(wav), HttpStatusCode.OK);
        Assert.Equal(5, sounds.Music.Duration.TotalSeconds, 0.1);
        Assert.Contains("carillon True", Listed(await server.Administrator.GetAsync("/api/v1/prompts?language=moh")));
        await UploadAsync(server.Administrator, "/api/v1/prompts/moh/other", await File.ReadAllBytesAsync(wav), HttpStatusCode.BadRequest);      // nothing would play it
        await server.Administrator.DeleteAsync("/api/v1/prompts/moh/carillon");
        Assert.Equal(shipped, sounds.Music.Duration);
    }

    [Fact]
    public async Task An_upload_whose_turn_does_not_come_is_told_to_come_back()
    {
        await using var server = await TestServer.StartAsync();
        using var import = new AudioImport(new AudioImportOptions { Patience = TimeSpan.Zero }, TimeProvider.System);
        var wav = Path.Combine(server.Folder, "au-revoir.wav");
        WavFile.Write(wav, new short[8000], 8000);
        await using var body = File.OpenRead(wav);
        var upload = new DefaultHttpContext { Request = { Body = body } }.Request;
        var answer = await PromptApi.Replace("fr", "goodbye", upload, Caller.Itself("test"), server.Service<PromptFolders>(), import, server.Service<PromptLibrary>(), server.Service<Store>(), default);
        var problem = Assert.IsType<ProblemHttpResult>(answer.Result);
        Assert.Equal((503, "urn:beffroi:prompts.import-busy"), (problem.StatusCode, problem.ProblemDetails.Type));
        Assert.False(server.Service<PromptFolders>().View("fr", "goodbye").Replaced);
    }

    [Theory]
    [InlineData("/api/v1/prompts/fr/..%2f..%2fbeffroi")]
    [InlineData("/api/v1/prompts/de/goodbye")]
    [InlineData("/api/v1/prompts/fr/Goodbye")]
    public async Task A_name_never_leads_out_of_the_folder(string path)
    {
        await using var server = await TestServer.StartAsync();
        await UploadAsync(server.Administrator, path, [1, 2, 3], HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task What_is_no_sound_changes_nothing()
    {
        await using var server = await TestServer.StartAsync();
        await UploadAsync(server.Administrator, "/api/v1/prompts/fr/goodbye", "<html>"u8.ToArray(), HttpStatusCode.BadRequest);
        Assert.DoesNotContain(Listed(await server.Administrator.GetAsync("/api/v1/prompts?language=fr")), p => p == "goodbye True");
    }

    private static IEnumerable<string> Listed(System.Text.Json.JsonElement list) => list.EnumerateArray().Select(p => $"{p.Text("name")} {p.Text("replaced")}");

    private static async Task UploadAsync(Api api, string path, byte[] body, HttpStatusCode expected)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("audio/wav") } };
        await api.SendAsync(HttpMethod.Put, path, content, expected);
    }
}
