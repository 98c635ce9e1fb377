// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Text;

namespace Beffroi.TestKit.Sound;

/// <summary>Mono sound of 16-bit samples, read from and written to WAV files. Apart from the server's own WAV code, so that one checks the other.</summary>
public sealed record WavSound(int SampleRate, short[] Samples)
{
    /// <summary>Bytes before the samples of a plain file.</summary>
    private const int Header = 44;

    public TimeSpan Duration => TimeSpan.FromSeconds((double)Samples.Length / SampleRate);

    /// <summary>A sine at half of full scale (-9 dBFS RMS).</summary>
    public static WavSound Sine(double frequency, int sampleRate, TimeSpan duration)
    {
        var samples = new short[(int)(duration.TotalSeconds * sampleRate)];
        for (var i = 0; i < samples.Length; i++) samples[i] = (short)(16384 * Math.Sin(2 * Math.PI * frequency * i / sampleRate));
        return new WavSound(sampleRate, samples);
    }

    /// <summary>Keys as the two tones of ITU-T Q.23 at 8 kHz: a second of silence first, then 100 ms of tones and 100 ms of silence a key.</summary>
    public static WavSound Keys(string keys)
    {
        const string Pad = "123A456B789C*0#D";
        double[] rows = [697, 770, 852, 941], columns = [1209, 1336, 1477, 1633];
        const int Rate = 8000, Length = Rate / 10;
        var samples = new short[Rate + 2 * Length * keys.Length];
        for (var key = 0; key < keys.Length; key++)
        {
            var place = Pad.IndexOf(keys[key], StringComparison.Ordinal);
            for (var i = 0; i < Length; i++)
                samples[Rate + 2 * Length * key + i] = (short)(8192 * (Math.Sin(2 * Math.PI * rows[place / 4] * i / Rate) + Math.Sin(2 * Math.PI * columns[place % 4] * i / Rate)));
        }
        return new WavSound(Rate, samples);
    }

    public static WavSound Silence(int sampleRate, TimeSpan duration) => new(sampleRate, new short[(int)(duration.TotalSeconds * sampleRate)]);

    /// <summary>Reads PCM of 16 bits; of several channels the first. A file still being written has a data size of zero, or zeros in place of
    /// its header: then what is there is read, as mono of <paramref name="rateBeforeHeader"/>.</summary>
    public static WavSound Read(string path, int rateBeforeHeader = 8000)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        if (bytes.Length < Header) return new WavSound(rateBeforeHeader, []);
        if (!bytes.AsSpan(0, Header).ContainsAnyExcept((byte)0)) return new WavSound(rateBeforeHeader, Decode(bytes.AsSpan(Header), 0, 1, 16, path));
        if (Encoding.ASCII.GetString(bytes, 0, 4) != "RIFF") throw new InvalidDataException($"{path} is not a WAV file.");
        int rate = 0, channels = 1, bits = 16;
        for (var place = 12; place + 8 <= bytes.Length;)
        {
            var name = Encoding.ASCII.GetString(bytes, place, 4);
            var size = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(place + 4));
            var body = place + 8;
            if (name == "fmt ")
            {
                channels = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(body + 2));
                rate = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(body + 4));
                bits = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(body + 14));
            }
            if (name == "data") return new WavSound(rate, Decode(bytes.AsSpan(body), size, channels, bits, path));
            place = body + size + (size & 1);
        }
        throw new InvalidDataException($"{path} has no data.");
    }

    public void Write(string path)
    {
        var bytes = new byte[44 + 2 * Samples.Length];
        Encoding.ASCII.GetBytes("RIFF").CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - 8);
        Encoding.ASCII.GetBytes("WAVEfmt ").CopyTo(bytes, 8);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(28), 2 * SampleRate);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(34), 16);
        Encoding.ASCII.GetBytes("data").CopyTo(bytes, 36);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), 2 * Samples.Length);
        for (var i = 0; i < Samples.Length; i++) BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(44 + 2 * i), Samples[i]);
        File.WriteAllBytes(path, bytes);
    }

    private static short[] Decode(ReadOnlySpan<byte> data, int size, int channels, int bits, string path)
    {
        if (bits != 16) throw new InvalidDataException($"{path} has samples of {bits} bits, not 16.");
        if (size <= 0 || size > data.Length) size = data.Length;
        var samples = new short[size / (2 * channels)];
        for (var i = 0; i < samples.Length; i++) samples[i] = BinaryPrimitives.ReadInt16LittleEndian(data[(2 * channels * i)..]);
        return samples;
    }
}
