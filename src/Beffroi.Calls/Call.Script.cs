// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media;
using Beffroi.Media.Codecs;

namespace Beffroi.Calls;

/// <summary>What a script can wish for, done inside the mailbox.</summary>
public sealed partial class Call
{
    private const int MostTypedAhead = 32;

    private string _typedAhead = "";
    private DigitReader? _reader;
    private TaskCompletionSource<bool>? _playing;
    private (AudioClip Clip, bool Loops)? _sounding;
    private long _playToken;
    private CancellationTokenRegistration _playStop;
    private TaskCompletionSource<RecordingResult>? _recording;
    private ParkedCall? _parked;

    /// <summary>Why the script ended the call: told to a caller who was never answered.</summary>
    private Refusal? _refusal;

    internal void AnswerForScript(CallScript script, TaskCompletionSource<bool> done)
    {
        if (!EnsureAnswered(script.Leg, null))
        {
            done.TrySetCanceled();
            return;
        }

        BecomeServed();
        done.TrySetResult(true);
    }

    /// <summary>A service speaks: a transfer to it has succeeded, and the call counts as served.</summary>
    private void BecomeServed()
    {
        if (_serviceAnswered && _transfer is null) return;
        _serviceAnswered = true;
        TransferSucceeded(200);
        Show();
    }

    internal void PlayForScript(CallScript script, AudioClip clip, TaskCompletionSource<bool> done, CancellationToken stop)
    {
        EndPlayWait();
        if (!EnsureHeard(script.Leg))
        {
            done.TrySetResult(false);
            return;
        }

        if (script.Leg.State == LegState.Connected) BecomeServed();
        _playing = done;
        _sounding = (clip, false);
        var token = ++_playToken;
        script.Leg.Media.Leg!.Play(clip, new PlayOptions(false, token));
        if (stop.CanBeCanceled) _playStop = stop.Register(() => Tell(new CallMessage.PlayFinished(script.Leg, token)));
    }

    internal void PlayLoopForScript(CallScript script, AudioClip clip, TaskCompletionSource<bool> done)
    {
        EndPlayWait();
        if (EnsureHeard(script.Leg)) script.Leg.Media.Leg!.Play(clip, new PlayOptions(true, ++_playToken));
        _sounding = (clip, true);
        done.TrySetResult(true);
    }

    internal void StopPlayingForScript(CallScript script, TaskCompletionSource<bool> done)
    {
        StopPlaying(script.Leg);
        done.TrySetResult(true);
    }

    private void OnPlayFinished(CallMessage.PlayFinished m)
    {
        if (m.Token != _playToken || _playing is null) return;
        m.Leg.Media.Leg?.StopPlaying();
        EndPlayWait();
    }

    private void EndPlayWait()
    {
        var waiting = _playing;
        _playing = null;
        _sounding = null;
        _playStop.Dispose();
        _playStop = default;
        waiting?.TrySetResult(true);
    }

    internal void RecordForScript(CallScript script, RecordingOptions options, TaskCompletionSource<RecordingResult> done)
    {
        if (!EnsureAnswered(script.Leg, null))
        {
            done.TrySetCanceled();
            return;
        }

        BecomeServed();
        _recording?.TrySetCanceled();
        _recording = done;
        script.Leg.Media.Leg!.Record(options);
    }

    private void OnRecordingFinished(CallMessage.RecordingFinished m)
    {
        var waiting = _recording;
        _recording = null;
        waiting?.TrySetResult(m.Result);
    }

    internal void ReadDigitsForScript(CallScript script, DigitReader reader)
    {
        if (!EnsureAnswered(script.Leg, null))
        {
            reader.Done.TrySetCanceled();
            return;
        }

        BecomeServed();
        EndReader();
        _reader = reader;
        var typed = _typedAhead;
        _typedAhead = "";
        foreach (var key in typed) ReadKey(key);
        if (_reader is not null) _reader.Timer = Arm("digits", reader.Wait);
    }

    private void OnDigit(CallMessage.Digit m)
    {
        if (_peer is not null)
        {
            // In a conversation RFC 4733 travels with the sound; INFO has to be carried over by hand.
            if (m.FromInfo && Opposite(m.Leg) is { } other) other.Media.Leg?.SendDigits(m.Key.ToString());
            return;
        }

        if (_script is null || m.Leg != _script.Leg) return;
        if (_reader is null)
        {
            if (_typedAhead.Length < MostTypedAhead) _typedAhead += m.Key;
            return;
        }

        ReadKey(m.Key);
    }

    private void ReadKey(char key)
    {
        if (_reader is not { } reader)
        {
            if (_typedAhead.Length < MostTypedAhead) _typedAhead += key;
            return;
        }

        if (reader.Interrupts && _playing is not null) StopPlaying(_script!.Leg);
        if (key == reader.End)
        {
            EndReader();
            return;
        }

        reader.Digits += key;
        if (reader.IsComplete)
        {
            EndReader();
            return;
        }

        var timer = reader.Timer;
        Disarm(ref timer);
        reader.Timer = Arm("digits", reader.Wait / 2);
    }

    private void EndReader()
    {
        if (_reader is not { } reader) return;
        _reader = null;
        var timer = reader.Timer;
        Disarm(ref timer);
        reader.Done.TrySetResult(reader.Digits);
    }

    internal void EndForScript(CallScript script, Refusal? refusal, TaskCompletionSource<bool> done)
    {
        if (_transfer is not null)
        {
            TransferFailed(refusal?.SipStatus ?? 480, refusal);
        }
        else
        {
            _refusal = refusal;
            Finish(Outcome(refusal is null ? CallOutcome.NoAnswer : CallOutcome.Refused), refusal?.SipStatus ?? script.LastStatus, refusal?.Code ?? "ended");
        }

        done.TrySetResult(true);
    }

    /// <summary>Also after the end: a voicemail message is there once its caller has hung up.</summary>
    internal void NoteServed(string service, string what, string which, TimeSpan length)
    {
        Journal(new CallServed { CallId = Id, Sequence = 0, At = default, Service = service, What = what, Which = which, Seconds = length.TotalSeconds });
    }

    internal void NoteDiverted(Diversion diversion, CallParty to)
    {
        if (_over) return;
        Journal(new CallDiverted { CallId = Id, Sequence = 0, At = default, From = diversion.From, To = to, Reason = diversion.Reason });
    }

    private void OnWaitTimedOut(CallTimer timer)
    {
        if (_reader?.Timer == timer) EndReader();
        else if (_parked?.Timer == timer) EndPark(ParkResult.TimedOut);
    }

    /// <summary>Every wish that still waits is answered: the script was left behind.</summary>
    private void EndWaits()
    {
        EndPlayWait();
        EndReader();
        EndPark(ParkResult.TimedOut);
    }
}
