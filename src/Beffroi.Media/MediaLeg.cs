// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Net;
using Beffroi.Media.Codecs;
using Beffroi.Media.Streams;

namespace Beffroi.Media;

/// <summary>One party's media: a handle whose methods send a message to the media thread that carries the leg.</summary>
/// <remarks>
/// Threading: any thread; nothing blocks, nothing throws for what the network does; what is asked of one leg is done in the order asked. After <see cref="Close"/> everything is
/// ignored. Members marked internal and named Do… belong to the media thread.
/// </remarks>
public sealed class MediaLeg
{
    private readonly MediaEngine _engine;
    private readonly Lock _posting = new();                 // guards _home, _closed, and the growth of Streams
    private MediaThread _home;
    private MediaStream[] _streams = [];
    private int _sound;
    private bool _closed;

    internal MediaLeg(MediaEngine engine, MediaThread home, IMediaLegListener listener) => (_engine, _home, Listener) = (engine, home, listener);

    /// <summary>Whatever the owner wants to find again in a callback.</summary>
    public object? Owner { get; set; }

    /// <summary>The parameters last applied; null before.</summary>
    public MediaLegParameters? Parameters { get; private set; }

    /// <summary>Figures of the stream that carries the sound. Any thread, at any time, also after the leg was closed.</summary>
    public MediaLegStatistics Statistics => Sound.Statistics;

    internal IMediaLegListener Listener { get; }

    internal MediaStream[] Streams => Volatile.Read(ref _streams);

    /// <summary>The first audio stream, else the first.</summary>
    internal MediaStream Sound => Streams[Math.Min(_sound, Streams.Length - 1)];

    /// <summary>The thread that carries the leg now; null while it is on its way to another.</summary>
    internal MediaThread? Carrier
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    internal bool IsHeld { get; private set; }

    /// <summary>Address and port of ours that the stream's RTP is received on and sent from.</summary>
    public IPEndPoint LocalRtp(int stream = 0) => new(Streams[stream].Address, Streams[stream].Sockets.Port);

    public IPEndPoint LocalRtcp(int stream = 0) => new(Streams[stream].Address, Streams[stream].Sockets.Port + 1);

    /// <summary>Opens a port pair for a further m-line. False: no port is free, or the leg is closed.</summary>
    public bool TryAddStream(out int stream)
    {
        stream = -1;
        if (!_engine.TryOpenStream(this, Streams[0].Address, out var opened)) return false;
        lock (_posting)
        {
            if (!_closed)
            {
                stream = _streams.Length;
                Volatile.Write(ref _streams, [.. _streams, opened]);
                _home.Post(new MediaCommand(MediaVerb.AddStream, this, opened));
                return true;
            }
        }
        _engine.Abandon(opened);
        return false;
    }

    /// <summary>What offer and answer settled; replaces the former. Playing, recording and bridging go on.</summary>
    public void Apply(MediaLegParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Parameters = parameters;
        Post(new MediaCommand(MediaVerb.Apply, this, parameters));
    }

    /// <summary>Connects each stream with the other leg's stream of the same index, both ways; either leg's former bridge ends. A leg bridged with itself hears itself; one bridged with a closed leg hears nobody.</summary>
    public void Bridge(MediaLeg other)
    {
        ArgumentNullException.ThrowIfNull(other);
        lock (_engine.Placement)
        {
            var here = other == this || other.TryMoveTo(_home);
            Post(here ? new MediaCommand(MediaVerb.Bridge, this, other) : new MediaCommand(MediaVerb.Unbridge, this));
        }
    }

    public void Unbridge() => Post(new MediaCommand(MediaVerb.Unbridge, this));

    /// <summary>Plays to the leg instead of what its partner says; a former clip ends. Paced exactly, in the codec negotiated; before <see cref="Apply"/> it waits.</summary>
    public void Play(AudioClip clip, PlayOptions options)
    {
        ArgumentNullException.ThrowIfNull(clip);
        if (SendEncoding is { } encoding && AudioClip.CanEncode(encoding)) _ = clip.Encoded(encoding);     // made once per clip, and not on the media thread
        Post(new MediaCommand(MediaVerb.Play, this, clip, options));
    }

    public void StopPlaying() => Post(new MediaCommand(MediaVerb.StopPlaying, this));

    /// <summary>Writes what the peer says to a file, bridged or not; a former recording ends.</summary>
    public void Record(RecordingOptions options) => Post(new MediaCommand(MediaVerb.Record, this, options));

    public void StopRecording() => Post(new MediaCommand(MediaVerb.StopRecording, this));

    /// <summary>By telephone-event when negotiated, else as tones, else <see cref="IMediaLegListener.OnDigitsNotSendable"/>. Rows queue up.</summary>
    /// <param name="milliseconds">Length of each tone.</param>
    public void SendDigits(string digits, int milliseconds = 100, int gapMilliseconds = 100) =>
        Post(new MediaCommand(MediaVerb.SendDigits, this, new DigitRow(digits, Math.Clamp(milliseconds, 40, 5000), Math.Clamp(gapMilliseconds, 40, 5000))));

    /// <summary>Held: nothing is relayed to or from the leg though its bridge stays; it can be played to.</summary>
    public void SetHold(bool held) => Post(new MediaCommand(MediaVerb.Hold, this, held));

    /// <summary>What another process needs to go on with the leg.</summary>
    public MediaLegSnapshot Snapshot() => new(_engine.Time.GetUtcNow(), [.. Streams.Select(stream => stream.Snapshot())], Parameters, IsHeld);

    /// <summary>Says BYE, ends play and recording, gives the ports back. Twice is once.</summary>
    public void Close()
    {
        lock (_posting)
        {
            if (_closed) return;
            _closed = true;
            _home.Post(new MediaCommand(MediaVerb.Close, this));
        }
    }

    internal void Start(ImmutableArray<MediaStream> streams, bool held = false)
    {
        IsHeld = held;
        _streams = [.. streams];
        lock (_posting)
        {
            _home.Post(new MediaCommand(MediaVerb.Attach, this), urgent: false);
            foreach (var stream in streams.Skip(1)) _home.Post(new MediaCommand(MediaVerb.AddStream, this, stream), urgent: false);
        }
    }

    internal void DoApply(MediaLegParameters parameters)
    {
        var lines = parameters.Streams.IsDefault ? [] : parameters.Streams;
        _sound = Math.Max(0, lines.Select((line, index) => (line, index)).FirstOrDefault(x => x.line is { Kind: MediaKind.Audio, Disabled: false }).index);
        for (var i = 0; i < Streams.Length; i++) Streams[i].Apply(i < lines.Length ? lines[i] : null);
    }

    internal void DoBridge(MediaLeg other)
    {
        DoUnbridge();
        other.DoUnbridge();
        for (var i = 0; i < Math.Min(Streams.Length, other.Streams.Length); i++)
            if (Streams[i].IsOpen && other.Streams[i].IsOpen) Streams[i].Link(other.Streams[i]);
    }

    internal void DoUnbridge()
    {
        foreach (var stream in Streams) stream.Unlink();
    }

    internal void DoHold(bool held)
    {
        IsHeld = held;
        foreach (var stream in Streams) stream.IsHeld = held;
    }

    internal void DoLeave()
    {
        foreach (var stream in Streams) if (stream.IsOpen) stream.LeaveThread();
        Carrier = null;
    }

    internal void DoClose()
    {
        if (!Streams[0].IsOpen) return;
        foreach (var stream in Streams) stream.Close();
        _engine.Forget();
    }

    private string? SendEncoding => Parameters is { Streams.IsDefault: false } known
        ? known.Streams.Where(line => line is { Kind: MediaKind.Audio, Disabled: false, Formats.IsDefault: false })
            .Select(line => PayloadRoute.SendFormat(line.Formats)?.Encoding).FirstOrDefault()
        : null;

    /// <summary>Under the engine's placement lock, which alone changes homes. False: the leg is closed and goes nowhere; nobody may wait for it.</summary>
    private bool TryMoveTo(MediaThread thread)
    {
        lock (_posting)
        {
            if (_closed) return false;
            if (_home == thread) return true;
            _home.Post(new MediaCommand(MediaVerb.Leave, this, thread));
            _home = thread;
            return true;
        }
    }

    private void Post(in MediaCommand command)
    {
        lock (_posting)
        {
            if (!_closed) _home.Post(command);
        }
    }
}
