// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;

namespace Beffroi.Media.Streams;

/// <summary>A clip on its way to one leg: bytes shared by all who hear it, and where this leg is in them.</summary>
/// <remarks>Threading: the leg's media thread.</remarks>
internal sealed class Playback(AudioClip clip, bool loop, long token)
{
    /// <summary>Of PCMA, PCMU and G722 alike: 64 kbit/s.</summary>
    internal const int BytesPerMs = 8;
    private byte[] _bytes = [];
    private string _encoding = "";
    private int _position;

    internal long Token { get; } = token;

    /// <summary>False: the clip cannot be had in that encoding.</summary>
    internal bool TryEncodeAs(string encoding)
    {
        if (_encoding.Equals(encoding, StringComparison.OrdinalIgnoreCase)) return true;
        if (!AudioClip.CanEncode(encoding)) return false;
        (_bytes, _encoding) = (clip.Encoded(encoding), encoding);           // the position stays: each codec has the same number of bytes
        return _bytes.Length > 0;
    }

    /// <summary>The next <paramref name="milliseconds"/> of sound, shorter at the end. Empty: over.</summary>
    internal ReadOnlySpan<byte> Next(int milliseconds)
    {
        if (_position >= _bytes.Length && loop) _position = 0;
        var length = Math.Min(milliseconds * BytesPerMs, _bytes.Length - _position);
        _position += length;
        return _bytes.AsSpan(_position - length, length);
    }
}
