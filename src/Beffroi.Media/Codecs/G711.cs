// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Codecs;

/// <summary>ITU-T G.711 by tables: A-law and µ-law, 8 kHz, one byte a sample.</summary>
public static class G711
{
    /// <summary>The A-law code of silence: sample 8, the value nearest to zero.</summary>
    public const byte ALawSilence = 0xD5;

    /// <summary>The µ-law code of silence: sample 0.</summary>
    public const byte MuLawSilence = 0xFF;

    private static readonly short[] FromALaw = Table(ExpandALaw);
    private static readonly short[] FromMuLaw = Table(ExpandMuLaw);
    private static readonly byte[] ToALaw = Steps(4096, CompressALaw);
    private static readonly byte[] ToMuLaw = Steps(16384, CompressMuLaw);
    private static readonly byte[] AToMu = Cross(FromALaw, EncodeMuLaw);
    private static readonly byte[] MuToA = Cross(FromMuLaw, EncodeALaw);

    /// <summary>The sample of an A-law code: 13 significant bits, left-aligned in 16.</summary>
    public static short DecodeALaw(byte code) => FromALaw[code];

    /// <summary>The sample of a µ-law code: 14 significant bits, left-aligned in 16.</summary>
    public static short DecodeMuLaw(byte code) => FromMuLaw[code];

    /// <summary>The A-law code of a sample: its 12 upper bits decide, as in the ITU's own reference (G.191).</summary>
    public static byte EncodeALaw(short sample) => ToALaw[(ushort)sample >> 4];

    /// <summary>The µ-law code of a sample: its 14 upper bits decide.</summary>
    public static byte EncodeMuLaw(short sample) => ToMuLaw[(ushort)sample >> 2];

    /// <summary>A-law to µ-law without samples in between. Source and target may be the same span.</summary>
    public static void ALawToMuLaw(ReadOnlySpan<byte> source, Span<byte> target) => Map(AToMu, source, target);

    /// <summary>µ-law to A-law without samples in between. Source and target may be the same span.</summary>
    public static void MuLawToALaw(ReadOnlySpan<byte> source, Span<byte> target) => Map(MuToA, source, target);

    internal static int Decode(bool aLaw, ReadOnlySpan<byte> payload, Span<short> pcm)
    {
        var table = aLaw ? FromALaw : FromMuLaw;
        var count = Math.Min(payload.Length, pcm.Length);
        for (var i = 0; i < count; i++) pcm[i] = table[payload[i]];
        return count;
    }

    internal static int Encode(bool aLaw, ReadOnlySpan<short> pcm, Span<byte> payload)
    {
        var count = Math.Min(payload.Length, pcm.Length);
        if (aLaw)
            for (var i = 0; i < count; i++) payload[i] = EncodeALaw(pcm[i]);
        else
            for (var i = 0; i < count; i++) payload[i] = EncodeMuLaw(pcm[i]);
        return count;
    }

    private static void Map(byte[] table, ReadOnlySpan<byte> source, Span<byte> target)
    {
        var count = Math.Min(source.Length, target.Length);
        for (var i = 0; i < count; i++) target[i] = table[source[i]];
    }

    private static short ExpandALaw(byte code)
    {
        var bits = code ^ 0x55;                                     // G.711 table 1: even bits are inverted on the line
        var exponent = (bits >> 4) & 7;
        var magnitude = ((bits & 0x0F) << 4) + 8;
        if (exponent > 0) magnitude = (magnitude + 0x100) << (exponent - 1);
        return (short)((bits & 0x80) != 0 ? magnitude : -magnitude);
    }

    private static short ExpandMuLaw(byte code)
    {
        var bits = ~code & 0xFF;                                    // G.711 table 2: all bits are inverted on the line
        var magnitude = ((((bits & 0x0F) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
        return (short)((bits & 0x80) != 0 ? -magnitude : magnitude);
    }

    private static short[] Table(Func<byte, short> expand)
    {
        var table = new short[256];
        for (var code = 0; code < 256; code++) table[code] = expand((byte)code);
        return table;
    }

    /// <summary>G.711 table 1 for the 12 upper bits of a sample; negative ones mirrored at -1/2, as in the ITU's reference code (G.191).</summary>
    private static byte CompressALaw(int sample)
    {
        var magnitude = (sample < 0 ? ~sample : sample) >> 4;
        var code = magnitude;
        if (magnitude > 15)
        {
            var exponent = 1;
            for (; magnitude > 31; magnitude >>= 1) exponent++;
            code = (exponent << 4) + magnitude - 16;
        }
        return (byte)((sample < 0 ? code : code | 0x80) ^ 0x55);
    }

    /// <summary>G.711 table 2 for the 14 upper bits of a sample.</summary>
    private static byte CompressMuLaw(int sample)
    {
        var magnitude = Math.Min(((sample < 0 ? ~sample : sample) >> 2) + 33, 0x1FFF);
        var segment = 0;
        for (var rest = magnitude >> 6; rest != 0; rest >>= 1) segment++;
        var code = (segment << 4) | ((magnitude >> (segment + 1)) & 0x0F);
        return (byte)~(sample < 0 ? code | 0x80 : code);
    }

    private static byte[] Steps(int size, Func<int, byte> compress)
    {
        var step = 65536 / size;
        var table = new byte[size];
        for (var i = 0; i < size; i++) table[i] = compress((short)(i * step));
        return table;
    }

    private static byte[] Cross(short[] expanded, Func<short, byte> compress) => [.. expanded.Select(compress)];
}

/// <summary>PCMA and PCMU payloads into samples: RFC 3551 §4.5.14.</summary>
internal sealed class G711Decoder(bool aLaw) : IAudioDecoder
{
    public int SampleRate => 8000;

    public int Decode(ReadOnlySpan<byte> payload, Span<short> pcm) => G711.Decode(aLaw, payload, pcm);

    public void Dispose() { }
}

/// <summary>Samples into PCMA and PCMU payloads: RFC 3551 §4.5.14.</summary>
internal sealed class G711Encoder(bool aLaw) : IAudioEncoder
{
    public int SampleRate => 8000;

    public int Encode(ReadOnlySpan<short> pcm, Span<byte> payload) => G711.Encode(aLaw, pcm, payload);

    public void Dispose() { }
}
