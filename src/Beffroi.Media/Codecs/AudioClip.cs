// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Beffroi.Media.Codecs;

/// <summary>A sound kept in memory to be played to any number of legs at once.</summary>
/// <remarks>
/// Its bytes in a codec are made once, when first asked for, and shared. Memory: 32 KB a second at 16 kHz and 8 KB a second for each codec used.
/// Threading: immutable; any thread. <see cref="Encoded"/> costs about 1 ms per second of sound the first time: call <see cref="Prepare"/> before a media thread does.
/// </remarks>
public sealed class AudioClip
{
    /// <summary>The longest clip that is taken into memory.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    private const int FrameBytes = 160;                                 // 20 ms of PCMA, PCMU and G722 alike
    private readonly short[] _samples;
    private readonly ConcurrentDictionary<string, Lazy<byte[]>> _encoded = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="samples">16-bit mono; copied.</param>
    /// <param name="sampleRate">Hz.</param>
    public AudioClip(ReadOnlySpan<short> samples, int sampleRate) : this(samples.ToArray(), sampleRate, name: "")
    {
    }

    private AudioClip(short[] samples, int sampleRate, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 4000);
        (_samples, SampleRate, Name) = (samples, sampleRate, name);
    }

    /// <summary>For logs: the file's name without its folder, or empty.</summary>
    public string Name { get; }

    public int SampleRate { get; }

    public ReadOnlySpan<short> Samples => _samples;

    public TimeSpan Duration => TimeSpan.FromTicks(_samples.Length * TimeSpan.TicksPerSecond / SampleRate);

    /// <summary>Bytes of memory held now.</summary>
    public long MemoryBytes => 2L * _samples.Length + _encoded.Values.Where(lazy => lazy.IsValueCreated).Sum(lazy => (long)lazy.Value.Length);

    /// <summary>Reads a WAV file. False, and never an exception, when it is missing, unreadable, no WAV or longer than <see cref="Longest"/>.</summary>
    /// <param name="problem">One sentence for the log.</param>
    public static bool TryFromWav(string path, [NotNullWhen(true)] out AudioClip? clip, out string? problem)
    {
        (clip, problem) = (null, null);
        try
        {
            if (WavFile.TryRead(path, Longest, out var sound, out var fault))
                clip = new AudioClip(sound.Samples, sound.SampleRate, Path.GetFileName(path));
            else
                problem = $"not usable as a sound: {fault}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
        }
        return clip is not null;
    }

    /// <summary>As <see cref="TryFromWav"/>, for files that must be there.</summary>
    /// <exception cref="InvalidDataException">The file is missing or no usable WAV.</exception>
    public static AudioClip FromWav(string path) =>
        TryFromWav(path, out var clip, out var problem) ? clip : throw new InvalidDataException($"{Path.GetFileName(path)}: {problem}");

    /// <summary>A sine with soft edges, for beeps and call progress.</summary>
    public static AudioClip Tone(double frequency, TimeSpan duration, double dbm0 = -12, TimeSpan silenceAfter = default, int sampleRate = 16000)
    {
        var sounding = (int)(duration.TotalSeconds * sampleRate);
        var samples = new short[sounding + (int)(silenceAfter.TotalSeconds * sampleRate)];
        new ToneGenerator(sampleRate, frequency, dbm0).Generate(samples.AsSpan(0, sounding));
        var edge = Math.Min(sampleRate / 200, sounding / 2);            // 5 ms
        for (var i = 0; i < edge; i++)
        {
            samples[i] = (short)(samples[i] * i / edge);
            samples[sounding - 1 - i] = (short)(samples[sounding - 1 - i] * i / edge);
        }
        return new AudioClip(samples, sampleRate, name: "");
    }

    /// <summary>Several clips one after the other, as one; the rate is that of the first.</summary>
    public static AudioClip Concat(IReadOnlyList<AudioClip> clips)
    {
        ArgumentNullException.ThrowIfNull(clips);
        var rate = clips.Count == 0 ? 16000 : clips[0].SampleRate;
        return new AudioClip([.. clips.SelectMany(clip => clip.At(rate))], rate, clips.Count == 0 ? "" : clips[0].Name);
    }

    /// <summary>True for the encodings that <see cref="Encoded"/> can make: PCMA, PCMU and, where libspandsp is there, G722.</summary>
    public static bool CanEncode(string encoding) => AudioCodecs.IsKnown(encoding);

    /// <summary>The sound in a codec: whole frames of 20 ms (160 bytes), the last one filled with silence.</summary>
    /// <exception cref="NotSupportedException">Not one of <see cref="CanEncode"/>.</exception>
    public byte[] Encoded(string encoding)
    {
        if (!CanEncode(encoding)) throw new NotSupportedException($"Sound cannot be made in {encoding} here.");
        return _encoded.GetOrAdd(encoding, name => new Lazy<byte[]>(() => Encode(name))).Value;
    }

    /// <summary>Makes the bytes of every codec now, so that no media thread has to.</summary>
    public AudioClip Prepare()
    {
        foreach (var encoding in AudioCodecs.Encodings) _ = Encoded(encoding);
        return this;
    }

    private byte[] Encode(string encoding)
    {
        if (!AudioCodecs.TryCreateEncoder(encoding, out var encoder)) throw new NotSupportedException(encoding);
        using (encoder)
        {
            var samplesPerFrame = encoder.SampleRate / 50;
            var samples = At(encoder.SampleRate);
            var frames = (samples.Length + samplesPerFrame - 1) / samplesPerFrame;
            var whole = new short[frames * samplesPerFrame];
            samples.CopyTo(whole);
            var bytes = new byte[frames * FrameBytes];
            encoder.Encode(whole, bytes);
            return bytes;
        }
    }

    private short[] At(int sampleRate)
    {
        if (sampleRate == SampleRate) return _samples;
        var resampler = new Resampler(SampleRate, sampleRate);
        var samples = new short[resampler.OutputLength(_samples.Length)];
        resampler.Process(_samples, samples);
        return samples;
    }
}
