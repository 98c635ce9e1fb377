// SPDX-License-Identifier: EUPL-1.2
using System.Runtime.InteropServices;

namespace Beffroi.Media.Codecs;

/// <summary>ITU-T G.722 at 64 kbit/s through libspandsp (Debian package libspandsp2).</summary>
internal static partial class G722
{
    internal const int SampleRate = 16000;
    private const string Library = "libspandsp.so.2";
    private const int BitRate = 64000;

    /// <summary>False when the library is not installed: G.722 is then neither offered nor accepted.</summary>
    internal static readonly bool IsAvailable = NativeLibrary.TryLoad(Library, typeof(G722).Assembly, null, out _);

    internal static DecoderHandle NewDecoder() => DecodeInit(0, BitRate, 0);

    internal static EncoderHandle NewEncoder() => EncodeInit(0, BitRate, 0);

    [LibraryImport(Library, EntryPoint = "g722_decode_init")]
    private static partial DecoderHandle DecodeInit(nint state, int rate, int options);

    [LibraryImport(Library, EntryPoint = "g722_decode")]
    internal static partial int Decode(DecoderHandle state, Span<short> pcm, ReadOnlySpan<byte> payload, int length);

    [LibraryImport(Library, EntryPoint = "g722_decode_free")]
    private static partial int DecodeFree(nint state);

    [LibraryImport(Library, EntryPoint = "g722_encode_init")]
    private static partial EncoderHandle EncodeInit(nint state, int rate, int options);

    [LibraryImport(Library, EntryPoint = "g722_encode")]
    internal static partial int Encode(EncoderHandle state, Span<byte> payload, ReadOnlySpan<short> pcm, int length);

    [LibraryImport(Library, EntryPoint = "g722_encode_free")]
    private static partial int EncodeFree(nint state);

    internal sealed class DecoderHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => DecodeFree(handle) == 0;
    }

    internal sealed class EncoderHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => EncodeFree(handle) == 0;
    }
}

/// <summary>G722 payloads into 16 kHz samples, two a byte.</summary>
internal sealed class G722Decoder : IAudioDecoder
{
    private readonly G722.DecoderHandle _state = G722.NewDecoder();

    public int SampleRate => G722.SampleRate;

    public int Decode(ReadOnlySpan<byte> payload, Span<short> pcm)
    {
        var length = Math.Min(payload.Length, pcm.Length / 2);
        return length == 0 ? 0 : G722.Decode(_state, pcm, payload, length);
    }

    public void Dispose() => _state.Dispose();
}

/// <summary>16 kHz samples into G722 payloads; a last odd sample is dropped.</summary>
internal sealed class G722Encoder : IAudioEncoder
{
    private readonly G722.EncoderHandle _state = G722.NewEncoder();

    public int SampleRate => G722.SampleRate;

    public int Encode(ReadOnlySpan<short> pcm, Span<byte> payload)
    {
        var length = Math.Min(pcm.Length, payload.Length * 2) & ~1;
        return length == 0 ? 0 : G722.Encode(_state, payload, pcm, length);
    }

    public void Dispose() => _state.Dispose();
}
