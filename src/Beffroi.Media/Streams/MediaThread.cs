// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using Beffroi.Media.Buffers;
using Beffroi.Media.Sockets;
using Microsoft.Extensions.Logging;

namespace Beffroi.Media.Streams;

/// <summary>Carries the packets of its legs: receives, relays, plays, reports.</summary>
/// <remarks>
/// Threading: owns its legs; every field of a leg's streams is touched by it alone. Others speak to it by <see cref="Post"/>. It waits in epoll, for ever when nothing
/// is due. One catch-all per event: a bug spoils one packet or one command, not the calls beside it.
/// </remarks>
internal sealed partial class MediaThread : IDisposable
{
    private const int PacketsPerClockRead = 8;
    private const long NotArmed = -1;
    private readonly ConcurrentQueue<MediaCommand> _commands = new();
    private readonly List<MediaCommand> _deferred = [];
    private readonly List<ThreadMeasure> _measures = new(4);
    private readonly List<MediaStream?> _streams = [];
    private readonly Stack<int> _freeSlots = new();
    private readonly Poller _poller = new();
    private readonly Housekeeper _housekeeper;
    private readonly CommandWatch? _commandWatch;
    private readonly TimeProvider _time;
    private readonly ITimer? _alarm;
    private readonly double _nanosecondsPerTimestamp;
    private readonly Thread _thread;
    private readonly ILogger _log;
    private WakeUpModeration _moderation;
    private long _armed = long.MaxValue;
    private int _waiting;
    private bool _stopping;

    internal MediaThread(int number, MediaShared shared)
    {
        Shared = shared;
        _time = shared.Time;
        _log = shared.Log;
        _nanosecondsPerTimestamp = 1e9 / _time.TimestampFrequency;
        Now = _time.GetTimestamp();
        Clock = new MediaClock(_time.TimestampFrequency, Now);
        _housekeeper = new Housekeeper(this);
        // A clock moved by hand cannot be waited for in epoll: its timer wakes the thread.
        _moderation = new WakeUpModeration(_time.TimestampFrequency);
        if (_time == TimeProvider.System) _commandWatch = new CommandWatch();
        else _alarm = _time.CreateTimer(_ => _poller.Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _thread = new Thread(Run) { Name = $"media-{number}", IsBackground = true, Priority = ThreadPriority.AboveNormal };
        _thread.Start();
    }

    internal MediaShared Shared { get; }

    internal PacketMemory Memory { get; } = new();

    internal MediaClock Clock { get; }

    internal ThreadCounters Counters { get; } = new();

    /// <summary>Ticks of the time provider, read at the wake-up and again after every few packets: a clock read per packet would be a tenth of our part of the cost.</summary>
    internal long Now { get; private set; }

    /// <summary>Any thread; never blocks. <paramref name="urgent"/> false: done at the next occasion, without waking the thread.</summary>
    internal void Post(in MediaCommand command, bool urgent = true)
    {
        _commands.Enqueue(command);
        if (urgent && Interlocked.Exchange(ref _waiting, 0) == 1) _poller.Wake();
    }

    /// <summary>Gives a stream its place in the epoll set.</summary>
    internal void Register(MediaStream stream)
    {
        if (!_freeSlots.TryPop(out var slot))
        {
            slot = _streams.Count;
            _streams.Add(null);
        }
        _streams[slot] = stream;
        stream.Slot = slot;
        _poller.Add(stream.Sockets.RtpDescriptor, (ulong)slot << 1);
        _poller.Add(stream.Sockets.RtcpDescriptor, (ulong)slot << 1 | 1);
        if (!_housekeeper.IsScheduled) Clock.Schedule(_housekeeper, Clock.TickOf(Now) + Housekeeper.Period);
    }

    /// <summary>Takes it out again. <paramref name="closing"/>: its sockets are closed next, which empties the epoll set by itself.</summary>
    internal void Unregister(MediaStream stream, bool closing)
    {
        if (!closing)
        {
            _poller.Remove(stream.Sockets.RtpDescriptor);
            _poller.Remove(stream.Sockets.RtcpDescriptor);
        }
        _streams[stream.Slot] = null;
        _freeSlots.Push(stream.Slot);
        stream.Slot = -1;
        if (_freeSlots.Count == _streams.Count) Clock.Cancel(_housekeeper);
    }

    /// <summary>Ends the thread; what is left to do is not done.</summary>
    public void Dispose()
    {
        Post(new MediaCommand(MediaVerb.Stop, null));
        if (_thread != Thread.CurrentThread) _thread.Join();
        _alarm?.Dispose();
        foreach (var stream in _streams) stream?.Sockets.Close();           // another engine may take these ports up
        _poller.Dispose();
        Memory.Dispose();
    }

    private void Run()
    {
        Poller.Nap(1);                                                      // the first call of a native function allocates a little: here rather than under load
        while (!_stopping)
        {
            var asked = _measures.Count;
            var ready = _poller.Wait(look: !PrepareToWait());
            Volatile.Write(ref _waiting, 0);
            Counters.WakeUps++;
            Now = _time.GetTimestamp();
            Tick();                                                         // first: what follows may schedule, and needs the wheel at the right time
            for (var i = 0; i < ready; i++)
            {
                if (i % PacketsPerClockRead == PacketsPerClockRead - 1) Now = _time.GetTimestamp();
                if (_poller.TokenAt(i, out var token)) Read(token);
                else _armed = NotArmed;                                     // the alarm may be spent
            }
            while (_commands.TryDequeue(out var command))
            {
                Take(command);
                _commandWatch?.Look(Clock);
            }
            if (_measures.Count > 0) TakeMeasures(ready, asked);
            else if (ready < Poller.Capacity && _alarm is null && _moderation.NapAfter(Now, ready, Clock.NextDue) is > 0 and var nap) Poller.Nap(nap);
        }
    }

    /// <summary>Takes those that were asked for before the last look at the sockets, if that found none to read.</summary>
    private void TakeMeasures(int ready, int asked)
    {
        if (ready > 0 || !_commands.IsEmpty) return;
        for (var i = 0; i < asked; i++) _measures[i].Take();
        _measures.RemoveRange(0, asked);
    }

    /// <summary>Sets the alarm for what is due next. False: there is something to do now.</summary>
    private bool PrepareToWait()
    {
        if (_measures.Count > 0) return false;
        if (_commandWatch is not { IsScheduled: true })
        {
            Interlocked.Exchange(ref _waiting, 1);                          // before the look at the queue: who posts after it wakes us
            if (!_commands.IsEmpty) return false;
        }
        var due = Clock.NextDue;
        if (due <= Now) return false;
        if (due == _armed) return true;                                     // as it mostly is: packets come between two ticks
        _armed = due;
        if (_alarm is not null) return Arm(_alarm, due);
        _poller.SetAlarm(due == long.MaxValue ? 0 : (long)Math.Ceiling(Math.Max(1, (due - _time.GetTimestamp()) * _nanosecondsPerTimestamp)));
        return true;
    }

    private bool Arm(ITimer alarm, long due)
    {
        long now;
        do                                                                  // again when the clock moved meanwhile: its timers count from when they are set
        {
            now = _time.GetTimestamp();
            if (due <= now) return false;
            alarm.Change(due == long.MaxValue ? Timeout.InfiniteTimeSpan : _time.GetElapsedTime(now, due), Timeout.InfiniteTimeSpan);
        }
        while (_time.GetTimestamp() != now);
        return true;
    }

    private void Read(ulong token)
    {
        var slot = (int)(token >> 1);
        if (slot >= _streams.Count || _streams[slot] is not { } stream) return;
        try
        {
            if ((token & 1) == 0) stream.ReadRtp();
            else stream.ReadRtcp();
        }
        catch (Exception broken)
        {
            Broke(broken);
        }
    }

    private void Tick()
    {
        try
        {
            Clock.Advance(Now);
        }
        catch (Exception broken)
        {
            Broke(broken);
        }
    }

    private void Broke(Exception broken)
    {
        Counters.Faults++;
        MediaLog.Broke(_log, broken);
    }

    /// <summary>While commands come in a row, the thread looks for them at each tick and nobody has to wake it: a call that is set up or cleared posts half a dozen, and each wake-up
    /// costs two threads more than the command does. A command waits 5 ms at most for it.</summary>
    private sealed class CommandWatch : ClockEntry
    {
        private const int Ticks = 6;
        private int _left;

        /// <summary>A command came: more may follow.</summary>
        internal void Look(MediaClock clock)
        {
            _left = Ticks;
            if (!IsScheduled) clock.Schedule(this, 0);
        }

        internal override void OnTick(MediaClock clock, long now)
        {
            if (--_left > 0) clock.Schedule(this, Due + 1);
        }
    }

    /// <summary>Looks at each stream once a second, a tenth of them at a time: reports due, silence, ends of recordings.</summary>
    private sealed class Housekeeper(MediaThread thread) : ClockEntry
    {
        internal const int Period = 20;                     // ticks: 100 ms
        private const int Parts = 10;
        private int _part;

        internal override void OnTick(MediaClock clock, long now)
        {
            clock.Schedule(this, Due + Period);
            _part = (_part + 1) % Parts;
            for (var i = _part; i < thread._streams.Count; i += Parts)
            {
                try
                {
                    thread._streams[i]?.Visit(now);
                }
                catch (Exception broken)
                {
                    thread.Broke(broken);
                }
            }
        }
    }
}
