// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;

namespace Beffroi.TestKit;

/// <summary>Loopback ports that nobody uses at this moment, below the kernel's ephemeral range (32768 up), so that an outgoing
/// connection of another test does not take one between our look and the server's bind.</summary>
/// <remarks>Threading: any thread. Test processes start at different places of the range, and a port is given once per process.</remarks>
public static class FreePorts
{
    private const int First = 10_000, Last = 19_999;
    private static readonly Lock Gate = new();
    private static readonly Cursor Place = new();

    /// <summary>A port free for UDP and TCP on 127.0.0.1.</summary>
    public static int Next() => NextRange(1);

    /// <summary>An even port free together with the odd one above it: RTP and RTCP (RFC 3550 §11).</summary>
    public static int NextPair() => NextRange(2);

    /// <summary>The first of <paramref name="count"/> adjacent free ports; even when more than one is asked.</summary>
    public static int NextRange(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        lock (Gate)
        {
            for (var tries = 0; tries < Last - First; tries++)
            {
                var first = Place.Take(count);
                if (Enumerable.Range(first, count).All(IsFree)) return first;
            }
        }
        throw new InvalidOperationException($"No {count} adjacent free ports in {First}-{Last}.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Threading: under <see cref="Gate"/>.</summary>
    private sealed class Cursor
    {
        private int _next = First + Environment.ProcessId * 97 % (Last - First);

        internal int Take(int count)
        {
            if (count > 1 && _next % 2 == 1) _next++;
            if (_next + count > Last) _next = First;
            var taken = _next;
            _next += count;
            return taken;
        }
    }
}
