// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics;
using Beffroi.Media.Codecs;
using Xunit;

namespace Beffroi.Media.Tests.Codecs;

/// <summary>Sounds to test with, and what can be measured in them.</summary>
internal static class Sound
{
    internal static short[] Tone(int sampleRate, double frequency, int ms, double dbm0 = -10)
    {
        var sound = new short[sampleRate * ms / 1000];
        new ToneGenerator(sampleRate, frequency, dbm0).Generate(sound);
        return sound;
    }

    /// <summary>White noise of an RMS of <paramref name="dbm0"/>, the same on every run.</summary>
    internal static void AddNoise(Span<short> sound, double dbm0, int seed)
    {
        var random = new Random(seed);
        var rms = ToneGenerator.Amplitude(dbm0) / Math.Sqrt(2);
        foreach (ref var sample in sound)
        {
            var gaussian = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            sample = (short)Math.Clamp(sample + gaussian * rms, short.MinValue, short.MaxValue);
        }
    }

    /// <summary>Signal to everything else (dB), the signal being the sine of <paramref name="frequency"/> that fits best.</summary>
    internal static double SignalToNoise(ReadOnlySpan<short> sound, int sampleRate, double frequency)
    {
        double xs = 0, xc = 0, ss = 0, cc = 0, sc = 0;
        for (var i = 0; i < sound.Length; i++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * frequency * i / sampleRate);
            xs += sound[i] * sin;
            xc += sound[i] * cos;
            ss += sin * sin;
            cc += cos * cos;
            sc += sin * cos;
        }
        var determinant = ss * cc - sc * sc;
        var (a, b) = ((xs * cc - xc * sc) / determinant, (xc * ss - xs * sc) / determinant);
        double signal = 0, noise = 0;
        for (var i = 0; i < sound.Length; i++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * frequency * i / sampleRate);
            var fitted = a * sin + b * cos;
            signal += fitted * fitted;
            noise += (sound[i] - fitted) * (sound[i] - fitted);
        }
        return 10 * Math.Log10(signal / Math.Max(noise, 1e-9));
    }

    internal static double Rms(ReadOnlySpan<short> sound)
    {
        var energy = 0.0;
        foreach (var sample in sound) energy += (double)sample * sample;
        return Math.Sqrt(energy / sound.Length);
    }

    /// <summary>Signal to noise (dB) of <paramref name="copy"/> against <paramref name="original"/>, both aligned.</summary>
    internal static double Likeness(ReadOnlySpan<short> original, ReadOnlySpan<short> copy)
    {
        double signal = 0, noise = 0;
        for (var i = 0; i < Math.Min(original.Length, copy.Length); i++)
        {
            signal += (double)original[i] * original[i];
            noise += Math.Pow(original[i] - copy[i], 2);
        }
        return 10 * Math.Log10(signal / Math.Max(noise, 1e-9));
    }

    /// <summary>Runs a program on bytes: its standard input and output. Fails the test when it fails or takes over a minute.</summary>
    internal static byte[] Through(string program, byte[] input, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        using var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(60_000)) process.Kill();
        Assert.Equal(0, process.ExitCode);
        Assert.True(reading.Wait(10_000));
        return output.ToArray();
    }

    internal static byte[] Bytes(ReadOnlySpan<short> sound) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(sound).ToArray();

    internal static short[] Samples(ReadOnlySpan<byte> bytes) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, short>(bytes[..(bytes.Length & ~1)]).ToArray();

    /// <summary>Speech of espeak-ng at <paramref name="sampleRate"/>.</summary>
    internal static short[] Speech(string voice, string text, int sampleRate)
    {
        var wav = Through("espeak-ng", System.Text.Encoding.UTF8.GetBytes(text), "-v", voice, "--stdin", "--stdout");
        return Samples(Through("sox", wav, "-t", "wav", "-", "-t", "raw", "-e", "signed", "-b", "16", "-c", "1", "-r", sampleRate.ToString(System.Globalization.CultureInfo.InvariantCulture), "-"));
    }
}
