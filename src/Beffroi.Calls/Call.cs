// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Calls;

/// <summary>One call: its legs, its script, and the only place where any of them changes.</summary>
/// <remarks>
/// Threading: every field is touched only while <see cref="Take"/> runs, one message at a time. Others speak to a call by <see cref="Tell"/>,
/// and read <see cref="View"/>, which is immutable and replaced.
/// The served leg is the party for whom the script works (the caller; after a transfer, the party who stays); the peer is who speaks with it.
/// </remarks>
public sealed partial class Call
{
    private readonly Exchange _exchange;
    private readonly Mailbox<CallMessage> _mailbox;
    private readonly List<CallLeg> _legs = new(2);
    private readonly long _startedAt;
    private CallLeg? _served;
    private CallLeg? _peer;
    private CallScript? _script;
    private CallTimer? _longest;
    private TimeSpan _limit;
    private List<CallMessage>? _deferred;
    private List<IDisposable>? _kept;
    private CallParty _caller;
    private CallParty _called;
    private string _dialled = "";
    private bool _over;
    private bool _personAnswered;
    private bool _serviceAnswered;
    private double _talkSeconds;
    private long _talkingSince;
    private int _sequence;
    private volatile CallView _view;

    internal Call(Exchange exchange, CallParty caller, CallParty called, string dialled, bool fromTrunk)
    {
        _exchange = exchange;
        _mailbox = new Mailbox<CallMessage>(TakeSafely);
        _startedAt = exchange.Time.GetTimestamp();
        _caller = caller;
        _called = called;
        _dialled = dialled;
        FromTrunk = fromTrunk;
        Id = Guid.CreateVersion7();
        Began = exchange.Time.GetUtcNow();
        _view = new CallView(Id, Began, caller, called, CallPhase.Trying, [], null);
    }

    /// <summary>A call of another process, to be taken up by <see cref="TakeUp(CallSnapshot, ICallApplication?, Func{Guid, IDisposable?})"/>.</summary>
    internal Call(Exchange exchange, CallSnapshot written)
    {
        _exchange = exchange;
        _mailbox = new Mailbox<CallMessage>(TakeSafely);
        _startedAt = exchange.Time.GetTimestamp() - (long)((exchange.Time.GetUtcNow() - written.Began).TotalSeconds * exchange.Time.TimestampFrequency);
        (_caller, _called, _dialled) = (written.Caller, written.Called, written.Dialled);
        (Id, Began, FromTrunk) = (written.Id, written.Began, written.FromTrunk);
        _view = new CallView(Id, Began, _caller, _called, CallPhase.Trying, [], null);
    }

    public Guid Id { get; }

    public DateTimeOffset Began { get; }

    /// <summary>What others may know of the call now. Any thread.</summary>
    public CallView View => _view;

    internal bool FromTrunk { get; }

    internal bool Emergency { get; set; }

    internal Exchange Exchange => _exchange;

    internal CallScript? Script => _script;

    /// <summary>Any thread; never waits.</summary>
    internal void Tell(CallMessage message) => _mailbox.Tell(message);

    private void TakeSafely(CallMessage message)
    {
        try
        {
            Take(message);
        }
        catch (Exception broken) // This call ends, the server does not.
        {
            CallLog.CallBroke(_exchange.Log, broken, Id, message.GetType().Name);
            _exchange.CountBroken();
            Finish(CallOutcome.Failed, 500, "internal-error");
        }
    }

    private void Take(CallMessage message)
    {
        switch (message)
        {
            case CallMessage.ScriptAsks asks: asks.Deed(); break;
            case CallMessage.Start start: Begin(start.Plan); break;
            case CallMessage.Progress m when Mine(m.Leg, m): OnProgress(m); break;
            case CallMessage.Accepted m when Mine(m.Leg, m): OnAccepted(m); break;
            case CallMessage.Rejected m when Mine(m.Leg, m): OnRejected(m); break;
            case CallMessage.Acked m when Mine(m.Leg, m): OnAcked(m); break;
            case CallMessage.Cancelled m when Mine(m.Leg, m): OnCancelled(m); break;
            case CallMessage.Offered m when Mine(m.Leg, m): OnOffered(m); break;
            case CallMessage.Answered m when Mine(m.Leg, m): OnAnswered(m); break;
            case CallMessage.OfferRefused m when Mine(m.Leg, m): OnOfferRefused(m); break;
            case CallMessage.Referred m when Mine(m.Leg, m): OnReferred(m); break;
            case CallMessage.SessionEnded m when Mine(m.Leg, m): OnSessionEnded(m); break;
            case CallMessage.Digit m when Mine(m.Leg, m): OnDigit(m); break;
            case CallMessage.PlayFinished m when Mine(m.Leg, m): OnPlayFinished(m); break;
            case CallMessage.RecordingFinished m when Mine(m.Leg, m, evenEnded: true): OnRecordingFinished(m); break;
            case CallMessage.MediaLost m when Mine(m.Leg, m): OnMediaLost(m.Leg); break;
            case CallMessage.DigitsForInfo m when Mine(m.Leg, m): SendInfoDigits(m); break;
            case CallMessage.TimedOut m: OnTimedOut(m.Timer); break;
            case CallMessage.ScriptEnded m: OnScriptEnded(m); break;
            case CallMessage.HangUp m: OnHangUp(m); break;
            case CallMessage.Hold m: m.Done.SetResult(OnHold(m)); break;
            case CallMessage.AnswerFor m: m.Done.SetResult(OnAnswerFor(m)); break;
            case CallMessage.TransferTo m: OnTransferTo(m); break;
            case CallMessage.JoinCalls m: OnJoinCalls(m); break;
            case CallMessage.Adopt m: OnAdopt(m); break;
            case CallMessage.GiveUp m: OnGiveUp(m); break;
            case CallMessage.Received m: OnReceived(m); break;
            case CallMessage.Do m: m.Deed(); break;
            case CallMessage.Settled m: OnSettled(m); break;
            case CallMessage.WriteDown m: m.Done.SetResult(WriteDown()); break;
        }
    }

    /// <summary>A leg may have moved on since the message was told: then its new call takes it.</summary>
    private bool Mine(CallLeg leg, CallMessage message, bool evenEnded = false)
    {
        if (leg.Owner != this)
        {
            leg.Owner.Tell(message);
            return false;
        }

        if (leg.InTransit)
        {
            (_deferred ??= []).Add(message);
            return false;
        }

        return (!_over || evenEnded) && (leg.IsAlive || evenEnded);
    }

    private void Begin(CallPlan.Run plan)
    {
        Open(plan, _served?.Session);
        RunPlan(plan);
    }

    /// <summary>The journal's first line: whatever becomes of the call, it is told.</summary>
    private void Open(CallPlan.Run plan, SipSession? caller)
    {
        _called = plan.Called;
        if (plan.Caller is { } known) _caller = known;
        Emergency = plan.Emergency;
        Journal(new CallStarted
        {
            CallId = Id,
            Sequence = 0,
            At = Began,
            Caller = _caller,
            Dialled = _dialled,
            Called = _called,
            WireCallId = caller?.CallId ?? "",
            Emergency = Emergency,
        });
    }

    private void RunPlan(CallPlan.Run plan)
    {
        ArmLongest(plan.MaxDuration ?? _exchange.Options.MaxDuration);
        Run(new CallScript(this, _served!, plan.Application, _called, _dialled, []));
        Show();
    }

    internal void AddFirstLeg(CallLeg leg)
    {
        _served = leg;
        Include(leg);
    }

    private void Include(CallLeg leg)
    {
        _legs.Add(leg);
        _exchange.CountLeg(leg, 1);
    }

    private void Run(CallScript script)
    {
        _script = script;
        script.Start();
    }

    private void OnScriptEnded(CallMessage.ScriptEnded ended)
    {
        if (ended.Fault is not null)
        {
            CallLog.ScriptBroke(_exchange.Log, ended.Fault, Id, ended.Script.Name);
            _exchange.CountBroken();
        }

        if (_script != ended.Script) return;
        _script = null;
        if (_over || _peer is not null) return;
        if (_transfer is not null) TransferFailed(ended.Script.LastStatus);
        else if (ended.Fault is not null) Finish(CallOutcome.Failed, 500, "internal-error");
        else Finish(Outcome(CallOutcome.NoAnswer), ended.Script.LastStatus, "no-answer");
    }

    /// <summary>Ends the script without waiting for it: its tasks are cancelled and its later wishes ignored.</summary>
    private void StopScript(bool answered = false)
    {
        var script = _script;
        _script = null;
        StopRinging(answered ? AnsweredElsewhere : null, answered ? "answered-elsewhere" : "abandoned");
        EndWaits();
        script?.Stop();
    }

    private CallOutcome Outcome(CallOutcome otherwise) =>
        _personAnswered ? CallOutcome.Answered : _serviceAnswered ? CallOutcome.Served : otherwise;

    private void OnHangUp(CallMessage.HangUp wish)
    {
        if (_over) return;
        if (wish.Leg is { } id && _legs.Find(l => l.Id == id) is { } leg) LegGone(leg, 200, wish.Cause, tell: true);
        else if (wish.Leg is null) Finish(Outcome(CallOutcome.Refused), 480, wish.Cause);
    }

    private void OnTimedOut(CallTimer timer)
    {
        if (_over) return;
        if (timer == _longest) Finish(Outcome(CallOutcome.NoAnswer), 480, "max-duration", TooLong);
        else if (_ringing?.Timer == timer) OnRingTimeout();
        else if (_origination?.Timer == timer) OriginatorTimedOut();
        else OnWaitTimedOut(timer);
    }

    private void ArmLongest(TimeSpan longest)
    {
        _limit = longest;
        if (Emergency || longest <= TimeSpan.Zero) return;
        // A call that was taken up has lasted already.
        var left = longest - _exchange.Time.GetElapsedTime(_startedAt);
        _longest = new CallTimer(this, "longest");
        _exchange.Wheel.Arm(_longest, left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1));
    }

    internal CallTimer Arm(string what, TimeSpan due)
    {
        var timer = new CallTimer(this, what);
        _exchange.Wheel.Arm(timer, due);
        return timer;
    }

    private void Disarm(ref CallTimer? timer)
    {
        if (timer is not null) _exchange.Wheel.Cancel(timer);
        timer = null;
    }

    /// <summary>The end: whoever is left is told, and why where there is a <paramref name="reason"/> (RFC 3326); everything is given back, the last event is written. Idempotent.</summary>
    private void Finish(CallOutcome outcome, int status, string cause, string? reason = null)
    {
        if (_over) return;
        _over = true;
        Disarm(ref _longest);
        EndOrigination(null);
        StopScript();
        CloseTalk();
        AbandonTransfer();
        foreach (var leg in _legs.ToArray()) EndLeg(leg, status, cause, tell: true, reason);
        _kept?.ForEach(k => k.Dispose());
        Journal(new CallCleared
        {
            CallId = Id,
            Sequence = 0,
            At = default,
            Outcome = outcome,
            Status = outcome is CallOutcome.Answered or CallOutcome.Served ? 200 : status,
            Cause = cause,
            Seconds = _exchange.Time.GetElapsedTime(_startedAt).TotalSeconds,
            TalkSeconds = _talkSeconds,
        });
        _exchange.Forget(this);
    }

    /// <summary>Called by the exchange when the call is off its table.</summary>
    internal void ShowEnded() => _view = _view with { Phase = CallPhase.Ended, Legs = [], Slot = null };

    /// <summary>Given back by <see cref="Finish"/>, even when the script that asked for it has ended long before.</summary>
    internal void KeepUntilTheEnd(IDisposable until) => (_kept ??= []).Add(until);

    private void OpenTalk()
    {
        if (_talkingSince == 0) _talkingSince = _exchange.Time.GetTimestamp();
    }

    private void CloseTalk()
    {
        if (_talkingSince != 0) _talkSeconds += _exchange.Time.GetElapsedTime(_talkingSince).TotalSeconds;
        _talkingSince = 0;
    }

    /// <summary>Numbers and dates an event; <see cref="CallEvent.Sequence"/> and a default time are filled in here.</summary>
    private void Journal(CallEvent happened) =>
        _exchange.Journal.Append(happened with { Sequence = ++_sequence, At = happened.At == default ? _exchange.Time.GetUtcNow() : happened.At });

    private void Show()
    {
        var phase = _over ? CallPhase.Ended
            : _parked is not null ? CallPhase.Parked
            : _peer is not null ? CallPhase.Talking
            : _ringing is not null ? CallPhase.Ringing
            : _serviceAnswered ? CallPhase.Served
            : CallPhase.Trying;
        var legs = new LegView[_legs.Count];
        for (var i = 0; i < legs.Length; i++)
        {
            var leg = _legs[i];
            legs[i] = new LegView(leg.Id, leg.Party, NameOf(leg.State), leg.Inbound, leg.HoldsOther || leg.HeldByServer) { Ringing = leg.RingingDialog };
        }

        _view = new CallView(Id, Began, _caller, _called, phase, legs, _parked?.Place.Slot);
        _exchange.Changed(this);
    }

    private static string NameOf(LegState state) => state switch
    {
        LegState.Trying => nameof(LegState.Trying),
        LegState.Ringing => nameof(LegState.Ringing),
        LegState.Connected => nameof(LegState.Connected),
        _ => nameof(LegState.Ended),
    };
}
