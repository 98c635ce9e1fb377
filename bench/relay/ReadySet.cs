// SPDX-License-Identifier: EUPL-1.2
using System.Runtime.InteropServices;

namespace Beffroi.Bench.Relay;

/// <summary>epoll(7) for the generator: level-triggered, x86-64 layout of its events.</summary>
internal sealed unsafe partial class ReadySet : IDisposable
{
    private const int Capacity = 256;
    private const int EventSize = 12;
    private readonly int _epoll = Create(0x80000);
    private readonly byte* _events = (byte*)NativeMemory.AllocZeroed(Capacity * EventSize);

    internal int this[int index] => *(int*)(_events + index * EventSize + 4);

    internal void Add(int descriptor, int token)
    {
        var settings = stackalloc byte[EventSize];
        *(uint*)settings = 1;
        *(long*)(settings + 4) = token;
        if (Control(_epoll, 1, descriptor, settings) != 0) throw new InvalidOperationException("epoll_ctl");
    }

    /// <param name="nanoseconds">Negative: for ever.</param>
    internal int Wait(long nanoseconds)
    {
        var timeout = stackalloc long[2];
        (timeout[0], timeout[1]) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        return Math.Max(0, Wait(_epoll, _events, Capacity, nanoseconds < 0 ? null : timeout, null));
    }

    public void Dispose()
    {
        _ = Close(_epoll);
        NativeMemory.Free(_events);
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1")]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl")]
    private static partial int Control(int epoll, int operation, int descriptor, byte* settings);

    [LibraryImport("libc", EntryPoint = "epoll_pwait2")]
    private static partial int Wait(int epoll, byte* events, int capacity, long* timeout, void* mask);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
