// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Beffroi.Sip.Transport;

/// <summary>An address and port as a value, so that a peer is looked up without an object. IPv4 is mapped into IPv6.</summary>
internal readonly record struct EndPointKey(UInt128 Address, int Port, long Scope)
{
    private const int AddressFamilyInet = 2, AddressFamilyInet6 = 10;        // of Linux

    internal static EndPointKey Of(IPEndPoint endPoint)
    {
        Span<byte> bytes = stackalloc byte[16];
        endPoint.Address.TryWriteBytes(bytes, out var length);
        return length == 4
            ? new EndPointKey(new UInt128(0, 0xFFFF_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(bytes)), endPoint.Port, 0)
            : new EndPointKey(BinaryPrimitives.ReadUInt128BigEndian(bytes), endPoint.Port, endPoint.Address.ScopeId);
    }

    /// <summary>Reads a <c>sockaddr_in</c> or <c>sockaddr_in6</c>.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> socketAddress, out EndPointKey key)
    {
        key = default;
        if (socketAddress.Length < 8) return false;
        int family = BitConverter.ToUInt16(socketAddress);
        var port = BinaryPrimitives.ReadUInt16BigEndian(socketAddress[2..]);
        if (family == AddressFamilyInet)
        {
            key = new EndPointKey(new UInt128(0, 0xFFFF_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(socketAddress[4..])), port, 0);
            return true;
        }
        if (family != AddressFamilyInet6 || socketAddress.Length < 28) return false;
        key = new EndPointKey(BinaryPrimitives.ReadUInt128BigEndian(socketAddress[8..]), port, BitConverter.ToUInt32(socketAddress[24..]));
        return true;
    }

    internal IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Address);
        var address = Address >> 32 == 0xFFFF ? new IPAddress(bytes[12..]) : new IPAddress(bytes, Scope);
        return new IPEndPoint(address, Port);
    }

    /// <summary>An IPv4 peer of a socket for both families, as the IPv4 address it is.</summary>
    internal static IPEndPoint Plain(EndPoint? endPoint) => endPoint switch
    {
        IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6, Address.IsIPv4MappedToIPv6: true } mapped => new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port),
        IPEndPoint plain => plain,
        _ => new IPEndPoint(IPAddress.None, 0)
    };
}
