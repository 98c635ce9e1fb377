// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.UserAgent;

public sealed partial class SipSession
{
    private SessionAlarm? _repeatAlarm, _progressAlarm, _ringAlarm, _sessionAlarm, _offerAlarm;

    private ref SessionAlarm? AlarmOf(Alarm kind)
    {
        switch (kind)
        {
            case Alarm.Repeat or Alarm.Silence: return ref _repeatAlarm;       // whose INVITE waits has nothing to repeat
            case Alarm.Progress: return ref _progressAlarm;
            case Alarm.Ring: return ref _ringAlarm;
            case Alarm.Session: return ref _sessionAlarm;
            default: return ref _offerAlarm;
        }
    }

    private void Arm(Alarm kind, TimeSpan due)
    {
        ref var alarm = ref AlarmOf(kind);
        alarm ??= new SessionAlarm(this, kind);
        alarm.DueAt = _stack.Layer.Now + due.Ticks;
        _stack.Layer.Wheel.Arm(alarm, due);
    }

    private void Disarm(Alarm kind)
    {
        ref var alarm = ref AlarmOf(kind);
        if (alarm is null) return;
        alarm.DueAt = long.MaxValue;
        _stack.Layer.Wheel.Cancel(alarm);
        alarm = null;
    }

    private void StopAlarms()
    {
        Disarm(Alarm.Repeat);
        Disarm(Alarm.Progress);
        Disarm(Alarm.Ring);
        Disarm(Alarm.Session);
        Disarm(Alarm.OfferAgain);
    }

    /// <summary>An alarm that was disarmed, or moved, after it had fired is not due any more.</summary>
    private void TakeAlarm(SessionAlarm alarm)
    {
        if (_stack.Layer.Now < alarm.DueAt) return;
        alarm.DueAt = long.MaxValue;
        switch (alarm.Kind)
        {
            case Alarm.Repeat: RepeatResponse(); break;
            case Alarm.Progress: RepeatProgress(); break;
            case Alarm.Silence: _request?.GiveUpSilent(); break;
            case Alarm.Ring: CancelInvite(null, Messages.SipStatus.RequestTimeout); break;
            case Alarm.Session: SessionTimerDue(); break;
            case Alarm.OfferAgain: OfferAgain(); break;
        }
    }
}
