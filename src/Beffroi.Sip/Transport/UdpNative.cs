// SPDX-License-Identifier: EUPL-1.2
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Beffroi.Sip.Transport;

/// <summary>The three system calls of the UDP path. They pay for the whole layer above them: guard, counters and flow table cost what <see cref="Socket"/>'s own
/// address handling does (docs/benchmarks.md). And only they give a send that never waits.</summary>
internal static unsafe partial class UdpNative
{
    internal const int DontWait = 0x40, Interrupted = 4, TryAgain = 11;
    private const int ShutdownBoth = 2;

    /// <summary>Waits for a datagram. Negative: see <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    internal static int Receive(SafeSocketHandle socket, Span<byte> buffer, Span<byte> address, out int addressLength)
    {
        var length = address.Length;
        fixed (byte* data = buffer, from = address)
        {
            var received = ReceiveFrom(socket, data, (nuint)buffer.Length, 0, from, &length);
            addressLength = Math.Min(length, address.Length);
            return (int)received;
        }
    }

    /// <summary>Sends a datagram or fails at once.</summary>
    internal static int Send(SafeSocketHandle socket, ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> address)
    {
        fixed (byte* data = datagram, to = address)
            return (int)SendTo(socket, data, (nuint)datagram.Length, DontWait, to, (uint)address.Length);
    }

    /// <summary>Wakes a thread that waits in <see cref="Receive"/>; Linux does so although it reports ENOTCONN.</summary>
    internal static void Wake(SafeSocketHandle socket) => _ = Shutdown(socket, ShutdownBoth);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    private static partial nint ReceiveFrom(SafeSocketHandle socket, byte* buffer, nuint length, int flags, byte* address, int* addressLength);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static partial nint SendTo(SafeSocketHandle socket, byte* buffer, nuint length, int flags, byte* address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    private static partial int Shutdown(SafeSocketHandle socket, int how);
}
