// SPDX-License-Identifier: EUPL-1.2
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Beffroi.Media.Codecs;

/// <summary>Limits of what is taken in.</summary>
public sealed record AudioImportOptions
{
    /// <summary>Bytes of the uploaded file at most.</summary>
    public long LargestUpload { get; init; } = 20L << 20;

    /// <summary>Sound at most; a longer one is refused, not cut.</summary>
    public TimeSpan LongestSound { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the converter may take by the clock; it gets as many seconds of processor.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Address space of the converter (bytes).</summary>
    public long MemoryLimit { get; init; } = 1L << 30;

    /// <summary>Converters that run at once at most: each may take <see cref="MemoryLimit"/>.</summary>
    public int AtOnce { get; init; } = 2;

    /// <summary>How long an upload waits for its turn.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>Why an uploaded sound was not taken.</summary>
public enum AudioImportFault
{
    None,
    TooLarge,
    UnknownFormat,
    Damaged,
    TooLong,
    TooSlow,
    ConverterMissing,

    /// <summary>Too many others are being converted: try again later.</summary>
    Busy,
}

/// <param name="Fault">None when the sound stands in its place.</param>
/// <param name="Duration">Of the sound taken.</param>
/// <param name="Detail">What the converter said, for the administrator; at most some lines.</param>
public sealed record AudioImportResult(AudioImportFault Fault, TimeSpan Duration = default, string? Detail = null)
{
    public bool Succeeded => Fault == AudioImportFault.None;
}

/// <summary>Turns an uploaded WAV, Ogg or MP3 file into a 16 kHz mono WAV with ffmpeg, as a program of its own.</summary>
/// <remarks>
/// The file is hostile until shown otherwise: its format is told by its first bytes and fixed for ffmpeg, so that no playlist format can name other files; only the file
/// protocol is open; no shell is used; prlimit bounds memory, processor time and output. Threading: any thread; each conversion is a process of its own, and <see cref="AudioImportOptions.AtOnce"/> bounds how many run.
/// </remarks>
public sealed class AudioImport(AudioImportOptions options, TimeProvider time) : IDisposable
{
    private const int SampleRate = 16000;
    private const int LongestDetail = 1000;
    private readonly SemaphoreSlim _turns = new(options.AtOnce, options.AtOnce);

    public void Dispose() => _turns.Dispose();

    /// <summary>Converts <paramref name="upload"/> and puts the result at <paramref name="target"/> in one step; on any fault the former file there stays.</summary>
    /// <exception cref="IOException">The folder of <paramref name="target"/> cannot be written.</exception>
    /// <exception cref="OperationCanceledException">By <paramref name="stop"/>; nothing is left behind.</exception>
    public async Task<AudioImportResult> ImportAsync(Stream upload, string target, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(upload);
        ArgumentException.ThrowIfNullOrEmpty(target);
        var unique = Path.GetFullPath(target) + "." + Guid.NewGuid().ToString("N");
        var (received, converted) = (unique + ".upload", unique + ".wav");
        try
        {
            if (!await ReceiveAsync(upload, received, stop)) return new AudioImportResult(AudioImportFault.TooLarge);
            if (await FormatOfAsync(received, stop) is not { } format) return new AudioImportResult(AudioImportFault.UnknownFormat);
            var (fault, detail) = await InTurnAsync(format, received, converted, stop);
            if (fault != AudioImportFault.None) return new AudioImportResult(fault, Detail: detail);
            if (!WavFile.TryRead(converted, options.LongestSound, out var sound, out var wavFault))
                return new AudioImportResult(wavFault == WavFault.TooLong ? AudioImportFault.TooLong : AudioImportFault.Damaged, Detail: detail);
            File.Move(converted, target, overwrite: true);
            return new AudioImportResult(AudioImportFault.None, TimeSpan.FromTicks(sound.Samples.Length * TimeSpan.TicksPerSecond / sound.SampleRate));
        }
        finally
        {
            File.Delete(received);
            File.Delete(converted);
        }
    }

    private async Task<(AudioImportFault Fault, string? Detail)> InTurnAsync(string format, string source, string target, CancellationToken stop)
    {
        using var turn = await TakeTurnAsync(stop);
        return turn is null ? (AudioImportFault.Busy, null) : await ConvertAsync(format, source, target, stop);
    }

    /// <summary>One of the turns, given back by disposing it; null when none came in time.</summary>
    internal async Task<IDisposable?> TakeTurnAsync(CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(options.Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stop);
        try
        {
            await _turns.WaitAsync(either.Token);
            return new Turn(_turns);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0) turns.Release();
        }
    }

    private async Task<bool> ReceiveAsync(Stream upload, string path, CancellationToken stop)
    {
        var piece = new byte[65536];
        var total = 0L;
        await using var file = File.Create(path);
        while (await upload.ReadAsync(piece, stop) is > 0 and var read)
        {
            total += read;
            if (total > options.LargestUpload) return false;
            await file.WriteAsync(piece.AsMemory(0, read), stop);
        }
        return true;
    }

    private static async Task<string?> FormatOfAsync(string path, CancellationToken stop)
    {
        var head = new byte[12];
        await using var file = File.OpenRead(path);
        var read = await file.ReadAtLeastAsync(head, 12, throwOnEndOfStream: false, stop);
        return FormatOf(head.AsSpan(0, read));
    }

    /// <summary>ffmpeg's name of the format that the first bytes show; null for any but the three.</summary>
    internal static string? FormatOf(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12) return null;
        if (head.StartsWith("RIFF"u8) && head[8..].StartsWith("WAVE"u8)) return "wav";
        if (head.StartsWith("OggS"u8)) return "ogg";
        return head.StartsWith("ID3"u8) || (head[0] == 0xFF && (head[1] & 0xE0) == 0xE0 && (head[1] & 0x06) != 0) ? "mp3" : null;
    }

    private ProcessStartInfo Command(string format, string source, string target)
    {
        string Number(double value) => Math.Ceiling(value).ToString(CultureInfo.InvariantCulture);
        var longest = options.LongestSound + TimeSpan.FromSeconds(1);                      // one second more shows that it was too long
        var start = new ProcessStartInfo("prlimit",
        [
            "--as=" + Number(options.MemoryLimit), "--cpu=" + Number(options.TimeLimit.TotalSeconds), "--core=0",
            "--fsize=" + Number(longest.TotalSeconds * SampleRate * 2 + 65536),
            "ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file,pipe", "-threads", "1",
            "-f", format, "-i", "file:" + source,
            "-map", "0:a:0", "-map_metadata", "-1", "-t", Number(longest.TotalSeconds), "-ac", "1", "-ar", Number(SampleRate),
            "-c:a", "pcm_s16le", "-threads", "1", "-bitexact", "-f", "wav", "-y", "file:" + target,
        ])
        { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var path = start.Environment["PATH"];
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    private async Task<(AudioImportFault Fault, string? Detail)> ConvertAsync(string format, string source, string target, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(options.TimeLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        using var process = new Process { StartInfo = Command(format, source, target) };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return (AudioImportFault.ConverterMissing, "prlimit (Debian package util-linux) is not installed.");
        }
        try
        {
            process.StandardInput.Close();
            var complaints = ReadBoundedAsync(process.StandardError.BaseStream, either.Token);
            var output = ReadBoundedAsync(process.StandardOutput.BaseStream, either.Token);
            var detail = await complaints;
            await output;
            await process.WaitForExitAsync(either.Token);
            return process.ExitCode switch
            {
                0 => (AudioImportFault.None, null),
                126 or 127 => (AudioImportFault.ConverterMissing, "ffmpeg is not installed."),
                137 or 152 => (AudioImportFault.TooSlow, detail),                           // killed: SIGKILL, SIGXCPU
                _ => (AudioImportFault.Damaged, WithoutPaths(detail, source, target)),
            };
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            return (AudioImportFault.TooSlow, null);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    /// <summary>Reads to the end, keeps the beginning: a program whose pipe is full would wait for ever.</summary>
    private static async Task<string> ReadBoundedAsync(Stream stream, CancellationToken stop)
    {
        var piece = new byte[4096];
        var kept = new MemoryStream();
        while (await stream.ReadAsync(piece, stop) is > 0 and var read)
            if (kept.Length < LongestDetail) kept.Write(piece, 0, Math.Min(read, LongestDetail - (int)kept.Length));
        return Encoding.UTF8.GetString(kept.ToArray()).Trim();
    }

    private static string WithoutPaths(string detail, string source, string target) =>
        detail.Replace("file:" + source, "the file", StringComparison.Ordinal).Replace("file:" + target, "the result", StringComparison.Ordinal).Replace(source, "the file", StringComparison.Ordinal);
}
