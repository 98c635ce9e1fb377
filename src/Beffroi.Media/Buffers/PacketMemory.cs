// SPDX-License-Identifier: EUPL-1.2
using System.Runtime.InteropServices;
using Beffroi.Media.Sockets;

namespace Beffroi.Media.Buffers;

/// <summary>The memory that one media thread works in: one datagram in, one out, and sound between two codecs. Made once, outside the garbage collector's heap,
/// so a leg needs no buffer of its own.</summary>
/// <remarks>Threading: its media thread alone. What is in it is gone with the next packet.</remarks>
internal sealed unsafe class PacketMemory : IDisposable
{
    /// <summary>Longest datagram taken. RTP over Ethernet stays under 1,500.</summary>
    internal const int PacketSize = 2048;

    /// <summary>Samples of the longest packet (2,036 bytes of G.722 at two samples a byte).</summary>
    internal const int MaxSamples = 4096;

    private readonly byte* _memory = (byte*)NativeMemory.AlignedAlloc(TotalSize, 64);

    private const int TotalSize = 2 * PacketSize + 2 * MaxSamples * sizeof(short) + 64;

    internal byte* In => _memory;

    internal byte* Out => _memory + PacketSize;

    internal Span<byte> InBytes => new(In, PacketSize);

    internal Span<byte> OutBytes => new(Out, PacketSize);

    /// <summary>Sound as decoded.</summary>
    internal Span<short> Samples => new(_memory + 2 * PacketSize, MaxSamples);

    /// <summary>Sound at another sample rate.</summary>
    internal Span<short> Resampled => new(_memory + 2 * PacketSize + MaxSamples * sizeof(short), MaxSamples);

    internal NativeAddress* Source => (NativeAddress*)(_memory + 2 * PacketSize + 2 * MaxSamples * sizeof(short));

    public void Dispose() => NativeMemory.AlignedFree(_memory);
}
