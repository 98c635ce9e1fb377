// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Beffroi.Media.Sockets;

/// <summary>struct sockaddr_in or sockaddr_in6 as the kernel writes it: compared and sent back without a managed object.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal unsafe struct NativeAddress : IEquatable<NativeAddress>
{
    internal const int Size = 28;

    [FieldOffset(0)] private ushort _family;
    [FieldOffset(2)] private ushort _port;                  // network order
    [FieldOffset(4)] private uint _address4;                // IPv4, network order; IPv6: flow label
    [FieldOffset(8)] private fixed byte _address6[16];
    [FieldOffset(24)] private uint _scope;

    internal readonly bool IsSet => _family != 0;

    /// <summary>Bytes that the kernel wants to see of it.</summary>
    internal readonly int Length => _family == Libc.AfInet6 ? Size : 16;

    internal readonly int Port => BinaryPrimitives.ReverseEndianness(_port);

    /// <param name="forPeer">False for an address of ours to bind to.</param>
    internal static NativeAddress From(IPEndPoint? endPoint, bool forPeer = true)
    {
        var native = default(NativeAddress);
        if (endPoint is null || endPoint.Port == 0) return native;
        // 0.0.0.0 is the old way to ask for hold (RFC 2543 §B.5): nowhere to send to, whereas the kernel would take it for this host.
        if (forPeer && (endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any))) return native;
        native._port = BinaryPrimitives.ReverseEndianness((ushort)endPoint.Port);
        var bytes = new Span<byte>(native._address6, 16);
        if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
        {
            native._family = Libc.AfInet6;
            endPoint.Address.TryWriteBytes(bytes, out _);
            native._scope = (uint)endPoint.Address.ScopeId;
            return native;
        }
        native._family = Libc.AfInet;
        Span<byte> four = stackalloc byte[4];
        endPoint.Address.TryWriteBytes(four, out _);
        native._address4 = MemoryMarshal.Read<uint>(four);
        return native;
    }

    /// <summary>Makes a managed copy: for signalling and snapshots, never per packet.</summary>
    internal readonly IPEndPoint? ToEndPoint()
    {
        switch (_family)
        {
            case Libc.AfInet:
                return new IPEndPoint(_address4, Port);
            case Libc.AfInet6:
                fixed (byte* bytes = _address6) return new IPEndPoint(new IPAddress(new ReadOnlySpan<byte>(bytes, 16), _scope), Port);
            default:
                return null;
        }
    }

    /// <summary>The same host with another port: where RTCP goes when the peer names none (RFC 3605).</summary>
    internal readonly NativeAddress WithPort(int port) => this with { _port = BinaryPrimitives.ReverseEndianness((ushort)port) };

    internal readonly bool HasSameHostAs(in NativeAddress other)
    {
        if (_family != other._family) return false;
        if (_family == Libc.AfInet) return _address4 == other._address4;
        fixed (byte* mine = _address6, theirs = other._address6)
            return new ReadOnlySpan<byte>(mine, 16).SequenceEqual(new ReadOnlySpan<byte>(theirs, 16));
    }

    /// <summary>Host and port; flow label and scope are not part of it.</summary>
    public readonly bool Equals(NativeAddress other) => _port == other._port && HasSameHostAs(other);

    public override readonly bool Equals(object? obj) => obj is NativeAddress other && Equals(other);

    public override readonly int GetHashCode() => HashCode.Combine(_family, _port, _address4);
}
