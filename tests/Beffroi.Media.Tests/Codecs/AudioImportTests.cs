// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Media.Codecs;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Media.Tests.Codecs;

public sealed class AudioImportTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("beffroi-import-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string Target => Path.Combine(_folder.FullName, "greeting of the mayor's.wav");

    private async Task<AudioImportResult> Import(byte[] upload, AudioImportOptions? options = null)
    {
        using var import = new AudioImport(options ?? new AudioImportOptions(), TimeProvider.System);
        return await import.ImportAsync(new MemoryStream(upload), Target, CancellationToken.None);
    }

    private static byte[] Tone(int seconds, params string[] format) =>
        Sound.Through("ffmpeg", [], ["-v", "error", "-f", "lavfi", "-i", $"sine=frequency=1000:duration={seconds}:sample_rate=44100", .. format, "pipe:"]);

    private void NothingElseIsLeft(bool withTarget) =>
        Assert.Equal(withTarget ? [Path.GetFileName(Target)] : [], _folder.GetFileSystemInfos().Select(file => file.Name));

    [Theory]
    [InlineData("-f", "wav")]
    [InlineData("-ac", "2", "-c:a", "pcm_s24le", "-f", "wav")]
    [InlineData("-c:a", "libvorbis", "-f", "ogg")]
    [InlineData("-c:a", "libopus", "-ar", "48000", "-f", "ogg")]
    [InlineData("-c:a", "libmp3lame", "-f", "mp3")]
    public async Task Wav_ogg_and_mp3_become_sixteen_kilohertz_mono(params string[] format)
    {
        var result = await Import(Tone(2, format));
        Assert.True(result.Succeeded, $"{result.Fault} {result.Detail}");
        Assert.InRange(result.Duration.TotalSeconds, 1.95, 2.15);
        Assert.True(WavFile.TryRead(Target, TimeSpan.FromMinutes(1), out var sound, out _));
        Assert.Equal(16000, sound.SampleRate);
        Assert.InRange(Sound.SignalToNoise(sound.Samples.AsSpan(8000, 16000), 16000, 1000), 20, 200);
        NothingElseIsLeft(withTarget: true);
    }

    [Theory]
    [InlineData("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")]
    [InlineData("ffconcat version 1.0\nfile /etc/passwd\n")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>")]
    [InlineData("")]
    public async Task Playlists_and_other_files_never_reach_the_converter(string text)
    {
        Assert.Equal(AudioImportFault.UnknownFormat, (await Import(Encoding.UTF8.GetBytes(text))).Fault);
        NothingElseIsLeft(withTarget: false);
    }

    [Theory]
    [InlineData("RIFF....WAVE nonsense that goes on")]
    [InlineData("OggS nonsense that goes on and on")]
    [InlineData("ID3 nonsense that goes on and on")]
    public async Task A_damaged_file_is_refused_and_the_former_greeting_stays(string text)
    {
        await File.WriteAllTextAsync(Target, "former");
        var result = await Import(Encoding.UTF8.GetBytes(text));
        Assert.Equal(AudioImportFault.Damaged, result.Fault);
        Assert.DoesNotContain(_folder.FullName, result.Detail ?? "", StringComparison.Ordinal);
        Assert.Equal("former", await File.ReadAllTextAsync(Target));
        NothingElseIsLeft(withTarget: true);
    }

    [Fact]
    public async Task Too_much_of_anything_is_refused()
    {
        var wav = Tone(3, "-f", "wav");
        Assert.Equal(AudioImportFault.TooLarge, (await Import(wav, new AudioImportOptions { LargestUpload = 1000 })).Fault);
        Assert.Equal(AudioImportFault.TooLong, (await Import(wav, new AudioImportOptions { LongestSound = TimeSpan.FromSeconds(1) })).Fault);
        Assert.Equal(AudioImportFault.TooSlow, (await Import(wav, new AudioImportOptions { TimeLimit = TimeSpan.FromMilliseconds(1) })).Fault);
        Assert.NotEqual(AudioImportFault.None, (await Import(wav, new AudioImportOptions { MemoryLimit = 16 << 20 })).Fault);
        NothingElseIsLeft(withTarget: false);
    }

    [Fact]
    public async Task Only_so_many_are_converted_at_once_and_who_waits_too_long_is_told()
    {
        var clock = new ManualTime();
        using var import = new AudioImport(new AudioImportOptions { AtOnce = 1, Patience = TimeSpan.FromSeconds(20) }, clock);
        using var turn = await import.TakeTurnAsync(CancellationToken.None);
        Assert.NotNull(turn);
        var waiting = import.ImportAsync(new MemoryStream(Tone(1, "-f", "wav")), Target, CancellationToken.None);
        using (var limit = new CancellationTokenSource(TestTimeouts.InProcess))
        using (var look = new PeriodicTimer(TimeSpan.FromMilliseconds(10)))
            while (clock.ArmedTimers == 0) await look.WaitForNextTickAsync(limit.Token);
        clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(AudioImportFault.Busy, (await waiting).Fault);
        NothingElseIsLeft(withTarget: false);
        turn.Dispose();
        Assert.True((await import.ImportAsync(new MemoryStream(Tone(1, "-f", "wav")), Target, CancellationToken.None)).Succeeded);
    }

    [Fact]
    public async Task One_who_leaves_leaves_nothing_behind()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        using var import = new AudioImport(new AudioImportOptions(), TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            import.ImportAsync(new MemoryStream(new byte[100]), Target, stop.Token));
        NothingElseIsLeft(withTarget: false);
    }
}
