// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Http.Headers;
using Beffroi.Server.Tests.Features.CallControl;
using Beffroi.TestKit.Sound;
using Xunit;

namespace Beffroi.Server.Tests.Features.WelcomeMessage;

/// <summary>The welcome as residents hear it: a message that is a tone, found again in the sound that comes back to them.</summary>
public sealed class WelcomeCallTests(OpenTown open) : IClassFixture<OpenTown>
{
    private const double French = 700, English = 1100;
    private static readonly TimeSpan Listen = TimeSpan.FromSeconds(1.2), Enough = TimeSpan.FromSeconds(0.8);

    private CallingTown Town => open.Town;

    [Fact]
    public async Task Before_ringing_the_resident_hears_the_message_free_of_charge_and_the_phone_rings_when_it_is_over()
    {
        var anne = await open.PhoneAsync("201");
        await WelcomeAsync("0199002001", "201", "before-fr", "beforeRinging", TimeSpan.FromSeconds(2));
        open.Resident.Dials("+33199002001", Town.Sip);
        await open.Resident.SeesAsync("progress 183");
        AssertHears(French, await open.Resident.RecordsAsync(Listen));
        Assert.DoesNotContain(anne.Seen, happened => happened.StartsWith("invite", StringComparison.Ordinal));
        await anne.SeesAsync("invite");
        anne.Answers();
        await open.Resident.SeesAsync("accepted");
        await open.Resident.SpeaksToAsync(anne);
        open.Resident.HangsUp();
        await anne.SeesAsync("ended Bye");
        Assert.Matches("\"service\": ?\"welcome-message\",\"what\": ?\"open\",\"which\": ?\"before-fr\"", await open.StepsAsync("+33199002001"));
    }

    [Fact]
    public async Task While_ringing_the_resident_hears_the_message_over_the_turns_of_a_group_until_somebody_answers()
    {
        var (anne, bruno) = (await open.PhoneAsync("202"), await open.PhoneAsync("203"));
        await open.GroupAsync("620", "serial", null, "202", "203");
        await WelcomeAsync("0199002002", "620", "while-fr", "whileRinging", TimeSpan.FromSeconds(60));
        open.Resident.Drain();
        open.Resident.Dials("+33199002002", Town.Sip);
        await anne.SeesAsync("invite");
        await open.Resident.SeesAsync("progress 183");
        AssertHears(French, await open.Resident.RecordsAsync(Listen));
        anne.Refuses(486);
        await bruno.SeesAsync("invite");
        bruno.Rings();
        AssertHears(French, await open.Resident.RecordsAsync(Listen));
        bruno.AnswersRinging();
        await open.Resident.SeesAsync("accepted");
        await open.Resident.SpeaksToAsync(bruno);
        await bruno.SpeaksToAsync(open.Resident);
        open.Resident.HangsUp();
        await bruno.SeesAsync("ended Bye");
        Assert.Matches("\"service\": ?\"welcome-message\",\"what\": ?\"open\",\"which\": ?\"while-fr\"", await open.StepsAsync("+33199002002"));
    }

    [Fact]
    public async Task A_town_that_speaks_english_welcomes_in_english_while_the_phone_rings()
    {
        await using var town = await CallingTown.OpenAsync("--Calls:Language=en");
        var (anne, api) = (await town.RegisteredAsync("201"), town.Server.Administrator);
        foreach (var (language, tone) in new[] { ("fr", French), ("en", English) }) await PromptAsync(api, $"{language}/two-languages", tone, TimeSpan.FromSeconds(10));
        await api.PostAsync("/api/v1/direct-numbers", new { organisationId = town.Organisation, number = "0199002003", label = "Anne", destination = new { kind = "number", target = "201" } });
        await api.PostAsync("/api/v1/welcome-messages",
            new { organisationId = town.Organisation, number = "0199002003", name = "Accueil", moment = "whileRinging", answerFirst = true, openPrompt = "two-languages" });
        var bruno = await town.RegisteredAsync("202");
        bruno.Dials("0199002003", town.Sip);
        await bruno.SeesAsync("accepted");
        await anne.SeesAsync("invite");
        anne.Rings();
        AssertHears(English, await bruno.RecordsAsync(Listen));
        bruno.HangsUp();
        await anne.SeesAsync("cancelled");
    }

    private static void AssertHears(double tone, WavSound sound)
    {
        var reading = ToneMeter.Measure(sound, tone);
        Assert.True(reading.Heard >= Enough, $"{tone} Hz was heard for {reading.Heard}, something else for {reading.Other}, purity {reading.Purity:0.00}");
    }

    private async Task WelcomeAsync(string number, string target, string prompt, string moment, TimeSpan length)
    {
        await PromptAsync(open.Admin, $"fr/{prompt}", French, length);
        await open.DirectNumberAsync(number, new { kind = "number", target });
        await open.Admin.PostAsync("/api/v1/welcome-messages", new { organisationId = Town.Organisation, number, name = "Accueil", moment, openPrompt = prompt });
    }

    private static async Task PromptAsync(Api api, string name, double tone, TimeSpan length)
    {
        var path = Path.GetTempFileName();
        try
        {
            WavSound.Sine(tone, 16000, length).Write(path);
            using var content = new ByteArrayContent(await File.ReadAllBytesAsync(path)) { Headers = { ContentType = new MediaTypeHeaderValue("audio/wav") } };
            await api.SendAsync(HttpMethod.Put, $"/api/v1/prompts/{name}", content, HttpStatusCode.OK);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
