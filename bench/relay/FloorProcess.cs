// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Beffroi.Bench.Relay;

/// <summary>The least that a relay can do, on the same load: epoll, recvfrom, sendto and nothing else. The difference to the engine is what the engine costs.</summary>
internal static unsafe partial class FloorProcess
{
    private const int AddressSize = 28;

    internal static void Run(int calls)
    {
        var sockets = new Socket[2 * calls];
        var addresses = (byte*)NativeMemory.AllocZeroed((nuint)(2 * calls * AddressSize));
        using var ready = new ReadySet();
        for (var i = 0; i < sockets.Length; i++)
        {
            sockets[i] = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
            sockets[i].Bind(new IPEndPoint(IPAddress.Loopback, 0));
            ready.Add((int)sockets[i].Handle, i);
        }
        for (var i = 0; i < sockets.Length; i += 2) Console.WriteLine($"{Port(sockets[i])} {Port(sockets[i + 1])}");
        var handles = Array.ConvertAll(sockets, socket => (int)socket.Handle);
        var counts = new long[1];
        var thread = new Thread(() => Relay(handles, addresses, ready, counts)) { IsBackground = true };
        thread.Start();
        while (Console.ReadLine() is not null) Console.WriteLine($"{Volatile.Read(ref counts[0])} 0 ");
    }

    private static void Relay(int[] handles, byte* addresses, ReadySet ready, long[] counts)
    {
        var buffer = (byte*)NativeMemory.Alloc(2048);
        while (true)
        {
            var count = ready.Wait(-1);
            for (var i = 0; i < count; i++)
            {
                var at = ready[i];
                var size = AddressSize;
                var length = ReceiveFrom(handles[at], buffer, 2048, 0, addresses + at * AddressSize, &size);
                if (length < 0) continue;
                counts[0]++;
                var other = addresses + (at ^ 1) * AddressSize;
                if (*(ushort*)other != 0) _ = SendTo(handles[at ^ 1], buffer, length, 0, other, 16);
            }
        }
    }

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    [LibraryImport("libc", EntryPoint = "recvfrom")]
    private static partial nint ReceiveFrom(int descriptor, byte* buffer, nint length, int flags, byte* source, int* sourceLength);

    [LibraryImport("libc", EntryPoint = "sendto")]
    private static partial nint SendTo(int descriptor, byte* buffer, nint length, int flags, byte* target, int targetLength);
}
