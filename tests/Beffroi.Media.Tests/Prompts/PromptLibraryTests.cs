// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Beffroi.Media.Prompts;
using Beffroi.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Beffroi.Media.Tests.Prompts;

public sealed class PromptLibraryTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("beffroi-prompts-");
    private readonly ManualTime _time = new();

    public void Dispose() => _root.Delete(recursive: true);

    private string Shipped => Path.Combine(_root.FullName, "shipped");

    private string Replaced => Path.Combine(_root.FullName, "replaced");

    private PromptLibrary Library(long memory = 1 << 20) =>
        new(new PromptOptions { Folder = Shipped, OverridesFolder = Replaced, MemoryLimit = memory }, _time, NullLogger<PromptLibrary>.Instance);

    /// <summary>Writes a sound that is recognised by its length.</summary>
    private static void Put(string folder, string name, int ms)
    {
        var path = Path.Combine(folder, name + ".wav");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        WavFile.Write(path, new short[16 * ms], 16000);
    }

    private static int Ms(AudioClip clip) => (int)clip.Duration.TotalMilliseconds;

    [Fact]
    public void A_prompt_is_found_in_its_language_then_in_French_then_in_English_then_for_all()
    {
        Put(Shipped, "fr/busy", 100);
        Put(Shipped, "en/busy", 200);
        Put(Shipped, "en/only-english", 300);
        Put(Shipped, "moh/carillon", 400);
        var library = Library();
        Assert.Equal((100, 200, 100), (Ms(library.Find("busy", "fr")), Ms(library.Find("busy", "en-GB")), Ms(library.Find("busy", "br"))));
        Assert.Equal(300, Ms(library.Find("only-english", "fr")));
        Assert.Equal(400, Ms(library.Find(PromptLibrary.Carillon, "fr")));
        Assert.Equal(0, library.MissingCount);
    }

    [Fact]
    public void A_replaced_prompt_is_taken_up_and_given_back_while_running()
    {
        Put(Shipped, "fr/busy", 100);
        var library = Library();
        Assert.Equal(100, Ms(library.Find("busy", "fr")));

        Put(Replaced, "fr/busy", 250);
        Assert.Equal(100, Ms(library.Find("busy", "fr")));              // not looked at again yet
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(250, Ms(library.Find("busy", "fr")));

        File.Delete(Path.Combine(Replaced, "fr/busy.wav"));
        library.Reload();
        Assert.Equal(100, Ms(library.Find("busy", "fr")));
    }

    [Fact]
    public void A_missing_or_broken_prompt_is_a_beep_that_is_counted_and_told()
    {
        Put(Shipped, "fr/broken", 100);
        File.WriteAllText(Path.Combine(Shipped, "fr/broken.wav"), "no sound at all");
        var library = Library();
        List<string> told = [];
        library.PromptMissing += (name, language) => told.Add($"{language}/{name}");

        Assert.InRange(Ms(library.Find("nowhere", "fr")), 100, 500);
        Assert.InRange(Ms(library.Find("broken", "en")), 100, 500);
        Assert.Equal(["fr/nowhere", "en/broken"], told);
        Assert.Equal(2, library.MissingCount);
        Assert.False(library.TryFind("nowhere", "fr", out _));
    }

    [Theory]
    [InlineData("../fr/busy", "fr")]
    [InlineData("/etc/passwd", "fr")]
    [InlineData("a/b/c", "fr")]
    [InlineData("busy", "..")]
    [InlineData("", "")]
    public void No_name_leads_out_of_the_folder(string name, string language)
    {
        Put(_root.FullName, "fr/busy", 100);
        Assert.False(Library().TryFind(name, language, out _));
    }

    [Fact]
    public void Memory_stays_within_its_limit_and_the_least_recently_played_go_first()
    {
        for (var i = 0; i < 10; i++) Put(Shipped, $"fr/p{i}", 1000);
        var library = Library(memory: 200_000);                         // three sounds of 56,000
        var first = library.Find("p0", "fr");
        for (var i = 1; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            library.Find($"p{i}", "fr");
            _time.Advance(TimeSpan.FromMilliseconds(10));
            Assert.Same(first, library.Find("p0", "fr"));
            Assert.InRange(library.MemoryBytes, 1, 200_000);
        }
    }

    [Fact]
    public void A_phrase_is_its_prompts_in_a_row()
    {
        Put(Shipped, "fr/a", 100);
        Put(Shipped, "fr/b", 200);
        Assert.Equal(300, Ms(Library().Phrase(["a", "b"], "fr")));
    }
}
