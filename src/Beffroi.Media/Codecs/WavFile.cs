// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Beffroi.Media.Codecs;

/// <summary>Why a WAV file was not read.</summary>
public enum WavFault
{
    None,
    NotWav,
    NoFormat,
    UnsupportedEncoding,
    UnsupportedSampleRate,
    UnsupportedChannels,
    NoSound,
    TooLong,
}

/// <summary>The sound of a WAV file, as 16-bit mono samples; more channels were mixed down.</summary>
/// <param name="SampleRate">Hz.</param>
/// <param name="Samples">Samples.</param>
public sealed record WavSound(int SampleRate, short[] Samples);

/// <summary>Reads RIFF/WAVE: 16-bit PCM, A-law and µ-law. Never throws for what the file says; never reads more than its caller allows.</summary>
public static class WavFile
{
    internal const ushort Pcm = 1;
    internal const ushort ALaw = 6;
    internal const ushort MuLaw = 7;
    private const ushort Extensible = 0xFFFE;

    /// <summary>Reads a file that may be long or hostile: at most <paramref name="longest"/> of sound is taken into memory.</summary>
    /// <param name="stream">Read from where it stands; need not seek.</param>
    /// <param name="longest">A file with more sound is refused as <see cref="WavFault.TooLong"/>.</param>
    /// <exception cref="IOException">Only what the stream itself throws.</exception>
    public static bool TryRead(Stream stream, TimeSpan longest, [NotNullWhen(true)] out WavSound? sound, out WavFault fault)
    {
        ArgumentNullException.ThrowIfNull(stream);
        sound = null;
        Span<byte> head = stackalloc byte[12];
        if (stream.ReadAtLeast(head, 12, throwOnEndOfStream: false) < 12 || !head[..4].SequenceEqual("RIFF"u8) || !head[8..].SequenceEqual("WAVE"u8))
        {
            fault = WavFault.NotWav;
            return false;
        }
        WavFormat? format = null;
        for (var chunks = 0; chunks < 64; chunks++)
        {
            if (stream.ReadAtLeast(head[..8], 8, throwOnEndOfStream: false) < 8) break;
            var size = BinaryPrimitives.ReadUInt32LittleEndian(head[4..8]);
            if (head[..4].SequenceEqual("data"u8))
            {
                if (format is not { } known) break;
                return TryReadSound(stream, known, size, longest, out sound, out fault);
            }
            if (head[..4].SequenceEqual("fmt "u8))
            {
                fault = ReadFormat(stream, size, out var read);
                if (fault != WavFault.None) return false;
                format = read;
            }
            else if (!Skip(stream, size + (size & 1L))) break;
        }
        fault = format is null ? WavFault.NoFormat : WavFault.NoSound;
        return false;
    }

    /// <summary>Reads a file by its path. A file that is missing or unreadable throws, as files do.</summary>
    public static bool TryRead(string path, TimeSpan longest, [NotNullWhen(true)] out WavSound? sound, out WavFault fault)
    {
        using var stream = File.OpenRead(path);
        return TryRead(stream, longest, out sound, out fault);
    }

    /// <summary>Writes 16-bit mono samples as a whole file.</summary>
    public static void Write(string path, ReadOnlySpan<short> samples, int sampleRate)
    {
        using var writer = new WavWriter(path, sampleRate);
        writer.Write(samples);
    }

    private static WavFault ReadFormat(Stream stream, uint size, out WavFormat format)
    {
        format = default;
        Span<byte> body = stackalloc byte[40];
        var known = (int)Math.Min(size, (uint)body.Length);
        if (known < 16 || stream.ReadAtLeast(body[..known], known, throwOnEndOfStream: false) < known) return WavFault.NoFormat;
        if (!Skip(stream, size - known + (size & 1L))) return WavFault.NoFormat;
        var encoding = BinaryPrimitives.ReadUInt16LittleEndian(body);
        if (encoding == Extensible && known >= 26) encoding = BinaryPrimitives.ReadUInt16LittleEndian(body[24..]);   // the GUID begins with the old code
        var channels = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        var sampleRate = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(body[14..]);
        if (!(encoding == Pcm && bits == 16) && !(encoding is ALaw or MuLaw && bits == 8)) return WavFault.UnsupportedEncoding;
        if (sampleRate is < 4000 or > 192_000) return WavFault.UnsupportedSampleRate;
        if (channels is < 1 or > 8) return WavFault.UnsupportedChannels;
        format = new WavFormat(encoding, channels, (int)sampleRate);
        return WavFault.None;
    }

    /// <summary>A size of 0 or 2³²-1, or one beyond the end, means "up to the end": a recorder died or wrote into a pipe.</summary>
    private static bool TryReadSound(Stream stream, WavFormat format, uint size, TimeSpan longest, [NotNullWhen(true)] out WavSound? sound, out WavFault fault)
    {
        sound = null;
        var limit = (long)(longest.TotalSeconds * format.SampleRate) * format.BlockLength;
        var announced = size is 0 or uint.MaxValue ? long.MaxValue : size;
        using var gathered = new MemoryStream();
        var piece = new byte[16384];
        while (gathered.Length < announced)
        {
            var read = stream.Read(piece, 0, (int)Math.Min(piece.Length, announced - gathered.Length));
            if (read == 0) break;
            gathered.Write(piece, 0, read);
            if (gathered.Length <= limit) continue;
            fault = WavFault.TooLong;
            return false;
        }
        var bytes = gathered.GetBuffer().AsSpan(0, (int)gathered.Length);
        var samples = new short[bytes.Length / format.BlockLength];
        for (var i = 0; i < samples.Length; i++) samples[i] = Mix(bytes.Slice(i * format.BlockLength, format.BlockLength), format);
        fault = samples.Length == 0 ? WavFault.NoSound : WavFault.None;
        if (samples.Length > 0) sound = new WavSound(format.SampleRate, samples);
        return samples.Length > 0;
    }

    private static short Mix(ReadOnlySpan<byte> block, WavFormat format)
    {
        var sum = 0;
        for (var channel = 0; channel < format.Channels; channel++)
        {
            sum += format.Encoding switch
            {
                ALaw => G711.DecodeALaw(block[channel]),
                MuLaw => G711.DecodeMuLaw(block[channel]),
                _ => BinaryPrimitives.ReadInt16LittleEndian(block[(2 * channel)..]),
            };
        }
        return (short)(sum / format.Channels);
    }

    private static bool Skip(Stream stream, long count)
    {
        if (stream.CanSeek)
        {
            if (count > stream.Length - stream.Position) return false;
            stream.Seek(count, SeekOrigin.Current);
            return true;
        }
        Span<byte> piece = stackalloc byte[512];
        while (count > 0)
        {
            var read = stream.Read(piece[..(int)Math.Min(count, piece.Length)]);
            if (read == 0) return false;
            count -= read;
        }
        return true;
    }

    private readonly record struct WavFormat(ushort Encoding, int Channels, int SampleRate)
    {
        /// <summary>Bytes of one sample of all channels.</summary>
        public int BlockLength => Channels * (Encoding == Pcm ? 2 : 1);
    }
}
