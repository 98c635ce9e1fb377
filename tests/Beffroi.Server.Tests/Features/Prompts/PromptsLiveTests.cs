// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Beffroi.Media.Prompts;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.Prompts;

public sealed class PromptsLiveTests
{
    [Fact]
    public async Task A_prompt_that_somebody_missed_is_named_until_it_is_there_again()
    {
        var clock = new ManualTime();
        await using var server = await TestServer.StartAsync(clock);
        server.Service<PromptLibrary>().Find("mairie-fermee", "fr");
        var report = await server.Anybody().GetAsync("/health/ready");
        Assert.Equal("degraded", report.Text("status"));
        Assert.Contains("The prompt mairie-fermee is missing.", report.ToString(), StringComparison.Ordinal);
        Assert.False(await IsWellAsync(server));
        Assert.Contains("\nbeffroi_prompts_missing_total 1\n", await server.Anybody().Http.GetStringAsync(new Uri("/metrics", UriKind.Relative)), StringComparison.Ordinal);

        WavFile.Write(Path.Combine(server.Folder, "prompts", "fr", "mairie-fermee.wav"), new short[8000], 8000);
        clock.Advance(TimeSpan.FromSeconds(3));                                        // files are looked at again after two seconds
        Assert.DoesNotContain("mairie-fermee", (await server.Anybody().GetAsync("/health/ready")).ToString(), StringComparison.Ordinal);
        Assert.True(await IsWellAsync(server));
    }

    private static async Task<bool> IsWellAsync(TestServer server) =>
        (await server.Anybody().GetAsync("/api/v1/state")).GetProperty("facts").EnumerateArray().Single(fact => fact.Id() == "prompts").GetProperty("isWell").GetBoolean();
}
