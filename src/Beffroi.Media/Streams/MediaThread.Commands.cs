// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using Beffroi.Media.Codecs;

namespace Beffroi.Media.Streams;

internal sealed partial class MediaThread
{
    private void Take(in MediaCommand command)
    {
        if (command.Verb != MediaVerb.Measure) Counters.Commands++;
        try
        {
            if (command.Verb == MediaVerb.Join) Join(command.Leg!);
            else if (MustWait(command)) _deferred.Add(command);
            else Do(command);
        }
        catch (Exception broken)
        {
            Broke(broken);
        }
    }

    /// <summary>A leg that is on its way from another thread: what is asked of it waits until it is here, in order.</summary>
    private bool MustWait(in MediaCommand command)
    {
        if (command.Leg is not { } leg) return false;
        var other = command.Verb == MediaVerb.Bridge ? (MediaLeg)command.Subject! : null;
        if (command.Verb != MediaVerb.Attach && leg.Carrier != this || other is not null && other.Carrier != this) return true;
        foreach (var former in _deferred)
            if (former.Leg == leg || former.Leg == other || former.Subject == leg || other is not null && former.Subject == other) return true;
        return false;
    }

    private void Join(MediaLeg leg)
    {
        leg.Carrier = this;
        foreach (var stream in leg.Streams)
            if (stream.IsOpen) stream.EnterThread(this);
        var waiting = _deferred.ToImmutableArray();
        _deferred.Clear();
        foreach (var command in waiting) Take(command);
    }

    private void Do(in MediaCommand command)
    {
        var leg = command.Leg;
        switch (command.Verb)
        {
            case MediaVerb.Attach:
                leg!.Carrier = this;
                leg.Streams[0].EnterThread(this);
                break;
            case MediaVerb.AddStream:
                ((MediaStream)command.Subject!).EnterThread(this);
                break;
            case MediaVerb.Apply:
                leg!.DoApply((MediaLegParameters)command.Subject!);
                break;
            case MediaVerb.Bridge:
                leg!.DoBridge((MediaLeg)command.Subject!);
                break;
            case MediaVerb.Unbridge:
                leg!.DoUnbridge();
                break;
            case MediaVerb.Leave:
                leg!.DoLeave();
                ((MediaThread)command.Subject!).Post(new MediaCommand(MediaVerb.Join, leg));
                break;
            case MediaVerb.Close:
                leg!.DoClose();
                break;
            case MediaVerb.Stop:
                _stopping = true;
                break;
            case MediaVerb.Measure:
                _measures.Add((ThreadMeasure)command.Subject!);
                break;
            default:
                DoSound(command);
                break;
        }
    }

    private static void DoSound(in MediaCommand command)
    {
        var leg = command.Leg!;
        switch (command.Verb)
        {
            case MediaVerb.Play:
                leg.Sound.Play((AudioClip)command.Subject!, (PlayOptions)command.Detail!);
                break;
            case MediaVerb.StopPlaying:
                leg.Sound.StopPlaying();
                break;
            case MediaVerb.Record:
                leg.Sound.Record((RecordingOptions)command.Subject!);
                break;
            case MediaVerb.StopRecording:
                leg.Sound.StopRecording(RecordingEnd.Stopped);
                break;
            case MediaVerb.SendDigits:
                leg.Sound.SendDigits((DigitRow)command.Subject!);
                break;
            case MediaVerb.Hold:
                leg.DoHold((bool)command.Subject!);
                break;
        }
    }
}

/// <summary>A look at a media thread from inside, for tests and benchmarks: taken when it has read all that was sent to it and done all that was asked before.</summary>
internal sealed class ThreadMeasure : IDisposable
{
    private readonly ManualResetEvent _done = new(false);       // the slim one allocates when it is set, which would be measured next time

    /// <summary>Bytes that the thread has allocated in its life.</summary>
    internal long AllocatedBytes { get; private set; }

    internal bool Wait(TimeSpan longest) => _done.WaitOne(longest);

    internal void Take()
    {
        AllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
        _done.Set();
    }

    public void Dispose() => _done.Dispose();
}
