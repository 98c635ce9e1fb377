// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Beffroi.Media.Prompts;
using Beffroi.Media.Tests.Codecs;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Beffroi.Media.Tests.Prompts;

/// <summary>The files of prompts/ and the list they are made from.</summary>
public sealed class ShippedPromptsTests
{
    private static readonly string Folder = FindFolder();
    private static readonly string[][] Rows = [.. File.ReadLines(Path.Combine(Folder, "prompts.csv")).Skip(1).Select(line => line.Split(';'))];

    private static string FindFolder()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "prompts", "prompts.csv"))) return Path.Combine(at.FullName, "prompts");
        throw new DirectoryNotFoundException("prompts/");
    }

    private static bool Has(string name, string language) => File.Exists(Path.Combine(Folder, language, name + ".wav"));

    [Fact]
    public void Every_text_has_its_file_and_every_file_its_text()
    {
        Assert.All(Rows, row => Assert.Equal(3, row.Length));
        foreach (var (column, language) in new[] { (1, "fr"), (2, "en") })
        {
            var texts = Rows.Where(row => row[column].Length > 0).Select(row => row[0]).Order(StringComparer.Ordinal);
            var files = Directory.GetFiles(Path.Combine(Folder, language)).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal);
            Assert.Equal(texts, files);
        }
    }

    [Fact]
    public void Every_file_is_sixteen_kilohertz_mono_speaks_and_all_are_under_thirteen_megabytes()
    {
        var files = Directory.GetFiles(Folder, "*.wav", SearchOption.AllDirectories);
        Assert.InRange(files.Sum(file => new FileInfo(file).Length), 1_000_000, 13_000_000);
        foreach (var file in files)
        {
            var clip = AudioClip.FromWav(file);
            Assert.Equal(16000, clip.SampleRate);
            Assert.True(clip.Duration > TimeSpan.FromMilliseconds(150) && clip.Duration < TimeSpan.FromSeconds(45), file);
            Assert.True(Sound.Rms(clip.Samples) > 600, file + " is nearly silent");
        }
    }

    [Fact]
    public void The_carillon_begins_where_it_ends()
    {
        var carillon = AudioClip.FromWav(Path.Combine(Folder, "moh", "carillon.wav"));
        Assert.Equal(0, carillon.Samples.Length % 320);                 // whole frames: no silence is filled in at the seam
        Assert.InRange(carillon.Duration.TotalSeconds, 30, 40);
        var largest = 0;
        for (var i = 1; i < carillon.Samples.Length; i++) largest = Math.Max(largest, Math.Abs(carillon.Samples[i] - carillon.Samples[i - 1]));
        Assert.InRange(Math.Abs(carillon.Samples[0] - carillon.Samples[^1]), 0, largest / 2);
        Assert.InRange(Sound.Rms(carillon.Samples[^1600..]) / Sound.Rms(carillon.Samples), 0.1, 2);    // it still rings at the end
    }

    [Fact]
    public void Every_number_time_and_date_can_be_said_with_the_files_of_its_language()
    {
        foreach (var language in new[] { "fr", "en" })
        {
            var names = Enumerable.Range(0, 2100).Concat([9999, 10_000, 71_071, 80_080, 99_999, 100_000, 999_999]).SelectMany(number => SpokenNumber.Of(number, language))
                .Concat(Enumerable.Range(0, 24 * 60).SelectMany(minute => SpokenNumber.Time(new TimeOnly(minute / 60, minute % 60), language)))
                .Concat(Enumerable.Range(0, 366).SelectMany(day => SpokenNumber.Date(new DateOnly(2028, 1, 1).AddDays(day), new DateOnly(2028, 6, 1), language)))
                .Concat(SpokenNumber.Telephone("+33199001234*#", language)).Concat(SpokenNumber.Telephone("0199007190", language)).Distinct();
            Assert.All(names, name => Assert.True(Has(name, language), $"{language}/{name}"));
        }
    }

    [Fact]
    public void The_prompts_that_calls_need_are_in_both_languages()
    {
        string[] needed =
        [
            "welcome-open", "welcome-closed", "please-wait", "no-answer", "busy", "unavailable", "number-unknown", "not-allowed", "forward-set", "forward-cancelled",
            "do-not-disturb-on", "do-not-disturb-off", "voicemail-greeting", "voicemail-greeting-busy", "voicemail-leave-message", "voicemail-enter-mailbox", "voicemail-enter-pin",
            "voicemail-pin-wrong", "voicemail-no-messages", "voicemail-you-have", "voicemail-new-message", "voicemail-new-messages", "voicemail-old-message", "voicemail-old-messages",
            "voicemail-menu", "voicemail-message-deleted", "voicemail-message-saved", "voicemail-end-of-messages", "voicemail-full", "group-logged-in", "group-logged-out",
            "park-at", "park-none", "pickup-none", "goodbye", "error-service", "from-number", "received-at",
        ];
        Assert.All(needed, name => Assert.True(Has(name, "fr") && Has(name, "en"), name));
        var library = new PromptLibrary(new PromptOptions { Folder = Folder }, TimeProvider.System, NullLogger<PromptLibrary>.Instance);
        Assert.True(library.TryFind("beep", "fr", out _));
        Assert.True(library.TryFind(PromptLibrary.Carillon, "en", out _));
    }
}
