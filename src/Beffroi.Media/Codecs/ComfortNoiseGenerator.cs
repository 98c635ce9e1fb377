// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Codecs;

/// <summary>Comfort noise of RFC 3389: white noise at the level the peer told.</summary>
/// <remarks>
/// Deviation: the spectral coefficients of RFC 3389 §3.2 are ignored; §3 lets a receiver do so. Threading: one thread at a time; nothing is allocated.
/// </remarks>
public sealed class ComfortNoiseGenerator
{
    private double _amplitude;
    private uint _random = 0x9E3779B9;

    /// <summary>Takes a CN payload: the first byte is the level in -dBov, 0 to 127 (RFC 3389 §3.1). An empty one changes nothing.</summary>
    public void Take(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty) return;
        _amplitude = 32768 * Math.Pow(10, -(payload[0] & 0x7F) / 20.0) * Math.Sqrt(3);   // 0 dBov is the RMS of a full-scale square wave; flat noise peaks at √3 of its RMS
    }

    /// <summary>Fills all of <paramref name="pcm"/> with noise of the level last told; silence before the first.</summary>
    public void Generate(Span<short> pcm)
    {
        for (var i = 0; i < pcm.Length; i++)
        {
            _random ^= _random << 13;                                   // xorshift: noise needs no better
            _random ^= _random >> 17;
            _random ^= _random << 5;
            var flat = _random / 2147483648.0 - 1;
            pcm[i] = (short)Math.Clamp(Math.Round(flat * _amplitude), short.MinValue, short.MaxValue);
        }
    }
}
