// SPDX-License-Identifier: EUPL-1.2
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Beffroi.Media.Sockets;

/// <summary>One epoll set with a descriptor that wakes it and one that is its alarm: epoll(7), eventfd(2), timerfd_create(2).</summary>
/// <remarks>
/// Sockets are level-triggered: one datagram is read per report, which saves the read that finds nothing. The alarm is a descriptor and no time-out of epoll_wait, because the kernel
/// would set and cancel a timer for each packet.
/// Threading: <see cref="Wake"/>, <see cref="Add"/> and <see cref="Remove"/> from any thread, all else from the thread that waits.
/// </remarks>
internal sealed unsafe class Poller : IDisposable
{
    /// <summary>Descriptors that one <see cref="Wait"/> reports at most.</summary>
    internal const int Capacity = 128;

    private const ulong WakeToken = ulong.MaxValue;
    private const ulong AlarmToken = ulong.MaxValue - 1;
    private readonly int _epoll;
    private readonly int _wake;
    private readonly int _alarm;
    private readonly byte* _events;

    internal Poller()
    {
        _epoll = Libc.EpollCreate(Libc.EpollCloexec);
        _wake = Libc.EventDescriptor(0, Libc.EfdNonblock | Libc.EfdCloexec);
        _alarm = Libc.TimerDescriptor(Libc.ClockMonotonic, Libc.TfdNonblock | Libc.TfdCloexec);
        if (_epoll < 0 || _wake < 0 || _alarm < 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        _events = (byte*)NativeMemory.AllocZeroed((nuint)(Capacity * Libc.EventSize));
        Add(_wake, WakeToken);
        Add(_alarm, AlarmToken, Libc.EpollIn | Libc.EpollEdgeTriggered);    // an edge needs no read
    }

    /// <param name="token">Given back by <see cref="TokenAt"/>.</param>
    internal bool Add(int descriptor, ulong token, uint events = Libc.EpollIn)
    {
        var settings = stackalloc byte[16];
        *(uint*)settings = events;
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

    /// <summary>Lets <see cref="Wait"/> return once after a time; replaces the former setting.</summary>
    /// <param name="nanoseconds">0: not at all.</param>
    internal void SetAlarm(long nanoseconds)
    {
        var setting = new Libc.TimerSpec { Value = new Libc.TimeSpec { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 } };
        _ = Libc.SetTimer(_alarm, 0, &setting, null);
    }

    /// <summary>Waits for a datagram, <see cref="Wake"/> or the alarm.</summary>
    /// <param name="look">True: only looks.</param>
    /// <returns>The number of descriptors to look at; 0 too when a signal came.</returns>
    internal int Wait(bool look) => Math.Max(0, Libc.EpollWait(_epoll, _events, Capacity, look ? 0 : -1));

    /// <summary>Sleeps while packets gather: see <see cref="Streams.WakeUpModeration"/>.</summary>
    /// <param name="nanoseconds">Less than a second.</param>
    internal static void Nap(long nanoseconds)
    {
        var time = new Libc.TimeSpec { Nanoseconds = nanoseconds };
        _ = Libc.NanoSleep(&time, null);
    }

    /// <summary>False: it was <see cref="Wake"/> or the alarm, and is taken.</summary>
    internal bool TokenAt(int index, out ulong token)
    {
        token = System.Runtime.CompilerServices.Unsafe.ReadUnaligned<ulong>(_events + index * Libc.EventSize + Libc.EventDataOffset);
        if (token < AlarmToken) return true;
        ulong ignored;
        if (token == WakeToken) _ = Libc.Read(_wake, &ignored, sizeof(ulong));
        return false;
    }

    public void Dispose()
    {
        _ = Libc.Close(_epoll);
        _ = Libc.Close(_wake);
        _ = Libc.Close(_alarm);
        NativeMemory.Free(_events);
    }
}
