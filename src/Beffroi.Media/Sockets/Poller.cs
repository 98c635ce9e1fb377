// SPDX-License-Identifier: EUPL-1.2
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Beffroi.Media.Sockets;

/// <summary>One epoll set with a descriptor that wakes it: epoll(7), eventfd(2). Level-triggered: one datagram is read per report, which saves the read that finds nothing.</summary>
/// <remarks>Threading: <see cref="Wake"/>, <see cref="Add"/> and <see cref="Remove"/> from any thread, all else from the thread that waits.</remarks>
internal sealed unsafe class Poller : IDisposable
{
    private const int Capacity = 128;
    private const ulong WakeToken = ulong.MaxValue;
    private readonly int _epoll;
    private readonly int _wake;
    private readonly byte* _events;

    internal Poller()
    {
        _epoll = Libc.EpollCreate(Libc.EpollCloexec);
        _wake = Libc.EventDescriptor(0, Libc.EfdNonblock | Libc.EfdCloexec);
        if (_epoll < 0 || _wake < 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        _events = (byte*)NativeMemory.AllocZeroed((nuint)(Capacity * Libc.EventSize));
        Add(_wake, WakeToken);
    }

    /// <param name="token">Given back by <see cref="TokenAt"/>.</param>
    internal bool Add(int descriptor, ulong token)
    {
        var settings = stackalloc byte[16];
        *(uint*)settings = Libc.EpollIn;
        *(ulong*)(settings + Libc.EventDataOffset) = token;
        return Libc.EpollControl(_epoll, Libc.EpollAdd, descriptor, settings) == 0;
    }

    internal void Remove(int descriptor)
    {
        var settings = stackalloc byte[16];
        _ = Libc.EpollControl(_epoll, Libc.EpollDelete, descriptor, settings);
    }

    /// <summary>Makes <see cref="Wait"/> return.</summary>
    internal void Wake()
    {
        var one = 1UL;
        _ = Libc.Write(_wake, &one, sizeof(ulong));
    }

    /// <param name="nanoseconds">Longest wait; negative: for ever.</param>
    /// <returns>The number of descriptors to look at; 0 too when a signal came.</returns>
    internal int Wait(long nanoseconds)
    {
        var timeout = new Libc.TimeSpec { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        return Math.Max(0, Libc.EpollWait(_epoll, _events, Capacity, nanoseconds < 0 ? null : &timeout, null));
    }

    /// <summary>False: it was <see cref="Wake"/>, and is taken.</summary>
    internal bool TokenAt(int index, out ulong token)
    {
        token = System.Runtime.CompilerServices.Unsafe.ReadUnaligned<ulong>(_events + index * Libc.EventSize + Libc.EventDataOffset);
        if (token != WakeToken) return true;
        ulong ignored;
        _ = Libc.Read(_wake, &ignored, sizeof(ulong));
        return false;
    }

    public void Dispose()
    {
        _ = Libc.Close(_epoll);
        _ = Libc.Close(_wake);
        NativeMemory.Free(_events);
    }
}
