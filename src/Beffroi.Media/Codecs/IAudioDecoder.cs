// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Codecs;

/// <summary>Turns RTP payloads of one stream into 16-bit mono samples.</summary>
/// <remarks>Threading: a decoder has the state of one stream; one thread at a time. Nothing is allocated by <see cref="Decode"/>.</remarks>
public interface IAudioDecoder : IDisposable
{
    /// <summary>Samples per second of what comes out (Hz). G.722 gives 16000 although its RTP clock is 8000 (RFC 3551 §4.5.2).</summary>
    int SampleRate { get; }

    /// <summary>Decodes one payload. Never throws: what does not fit into <paramref name="pcm"/> is dropped.</summary>
    /// <returns>The number of samples written.</returns>
    int Decode(ReadOnlySpan<byte> payload, Span<short> pcm);
}

/// <summary>Turns 16-bit mono samples into RTP payloads of one stream.</summary>
/// <remarks>Threading: an encoder has the state of one stream; one thread at a time. Nothing is allocated by <see cref="Encode"/>.</remarks>
public interface IAudioEncoder : IDisposable
{
    /// <summary>Samples per second that go in (Hz).</summary>
    int SampleRate { get; }

    /// <summary>Encodes samples. Never throws: samples whose bytes do not fit into <paramref name="payload"/> are dropped.</summary>
    /// <returns>The number of bytes written.</returns>
    int Encode(ReadOnlySpan<short> pcm, Span<byte> payload);
}
