// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Timers;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Sip.EventPackages;

/// <summary>One subscription: its dialog, its time, and at most one NOTIFY on the way.</summary>
/// <remarks>
/// Threading: the fields belong to the lock, under which nothing is sent or written. Whoever sets <c>_busy</c> is alone with <see cref="View"/> until the
/// outcome of its NOTIFY. One wheel timer serves the expiry and the pause between NOTIFYs, whichever comes first. While a wish of the subscriber is dealt with,
/// nothing is told: the NOTIFY that follows says what came of it.
/// </remarks>
internal sealed class Subscription(Notifier notifier, IEventPackage package, string? id, SubscriptionView view) : WheelTimer, ISipDialogUsage
{
    // Several changes of one moment (a call answered: two dialogs change) become one NOTIFY.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private SipDialog? _dialog;
    private TimeSpan _expires;            // by the clock of the notifier
    private TimeSpan _notBefore;
    private bool _busy;
    private bool _dirty;
    private bool _wantsFull;
    private bool _isOver;
    private string? _ending;
    private int _wishes;                  // under way
    private List<object> _answers = [];

    public IEventPackage Package => package;
    public SubscriptionView View => view;

    /// <summary>Accepts the SUBSCRIBE that made it. No time at all is a fetch: one NOTIFY, RFC 6665 §4.4.3.</summary>
    public void Start(SipDialog dialog, ServerTransaction transaction, TimeSpan expires, object? wish)
    {
        lock (_lock)
        {
            _dialog = dialog;
            _wantsFull = true;
        }
        Accept(transaction, expires, wish);
    }

    /// <summary>The state has changed.</summary>
    public void Touch()
    {
        lock (_lock)
        {
            if (_isOver || _dirty) return;
            _dirty = true;
            if (_busy || _dialog is null) return;
            var now = notifier.Now;
            Arm(_notBefore > now + Gathering ? _notBefore : now + Gathering, now);
        }
    }

    /// <summary>Ends it with a last NOTIFY: RFC 6665 §4.1.3 names the reasons.</summary>
    public void End(string reason)
    {
        lock (_lock)
        {
            if (_isOver || _ending is not null) return;
            _ending = reason;
        }
        notifier.Remove(this);
        Pump();
    }

    public void OnRequest(SipDialog dialog, ServerTransaction transaction)
    {
        var request = transaction.Request;
        switch (request.Method)
        {
            case SipMethod.Subscribe when !EventHeader.TryRead(request, out var name, out var itsId) || !name.Equals(package.Name, StringComparison.OrdinalIgnoreCase) || itsId != id:
                transaction.Respond(SipStatus.CallDoesNotExist);                // RFC 6665 §4.4.1: one subscription per dialog
                break;
            case SipMethod.Subscribe:
                if (MayWish(transaction) && Notifier.TryWish(transaction, package, out var wish) && notifier.TryExpires(transaction, package, out var expires)) Accept(transaction, expires, wish);
                break;
            case SipMethod.Options:
                transaction.Respond(SipStatus.Ok);
                break;
            default:
                transaction.Respond(SipStatus.MethodNotAllowed, null, [new SipHeader(SipHeaderName.Allow, "SUBSCRIBE, OPTIONS")]);
                break;
        }
    }

    protected override void Fire()
    {
        bool expired;
        lock (_lock) expired = !_isOver && notifier.Now >= _expires;
        if (expired) End("timeout");
        else Pump();
    }

    // Whoever is inside the dialog may ask for the state; to change it, it must prove who it is.
    private bool MayWish(ServerTransaction transaction) => transaction.Request.Body.IsEmpty || package is not IChangeablePackage changeable || changeable.Proves(transaction, view.Subscriber);

    private void Accept(ServerTransaction transaction, TimeSpan expires, object? wish)
    {
        bool isGone;
        lock (_lock)
        {
            isGone = _isOver || _ending is not null;
            if (!isGone)
            {
                _expires = notifier.Now + expires;
                _dirty = true;
                if (wish is null) _wantsFull = true;
                else _wishes++;
            }
        }
        if (isGone)
        {
            transaction.Respond(SipStatus.CallDoesNotExist);
            return;
        }
        transaction.Respond(SipStatus.Ok, null, [new SipHeader(SipHeaderName.Expires, Notifier.Seconds(expires)), new SipHeader(SipHeaderName.Contact, _dialog!.Contact)]);
        if (wish is not null) ((IChangeablePackage)package).Change(view, wish, () => OnDealtWith(wish));
        if (expires == TimeSpan.Zero) End("timeout");
        else Pump();
    }

    private void OnDealtWith(object wish)
    {
        lock (_lock)
        {
            _wishes--;
            _answers.Add(wish);
            _dirty = true;
            _notBefore = notifier.Now;                                          // who asked is answered at once
        }
        Pump();
    }

    /// <summary>Sends what is due, or arms the timer for it.</summary>
    private void Pump()
    {
        string? ending;
        TimeSpan left;
        lock (_lock)
        {
            if (_busy || _isOver || _wishes > 0) return;
            var now = notifier.Now;
            ending = _ending;
            if (ending is null && (!_dirty || (_notBefore > now && !_wantsFull)))
            {
                Arm(_dirty && _notBefore < _expires ? _notBefore : _expires, now);
                return;
            }
            _busy = true;
            _isOver = ending is not null;
            view.IsFull = _wantsFull || ending is not null;
            _dirty = _wantsFull = false;
            (view.Answers, _answers) = (_answers, []);
            _notBefore = now + package.MinInterval;
            left = _expires - now;
        }
        if (ending is not null) notifier.Stack.Layer.Wheel.Cancel(this);
        Notify(ending, left);
    }

    private void Notify(string? ending, TimeSpan left)
    {
        (view.ContentType, view.HasMore) = (null, false);
        var body = ending is null or "timeout" ? package.Write(view) : default;
        if (body.IsEmpty && ending is null && !view.IsFull)
        {
            lock (_lock) _busy = false;
            Pump();
            return;
        }
        if (view.HasMore) lock (_lock) (_dirty, _notBefore) = (true, notifier.Now);
        view.Version++;
        SipHeader[] headers =
        [
            new(SipHeaderName.Event, id is null ? package.Name : $"{package.Name};id={id}"),
            new(SipHeaderName.SubscriptionState, ending is null ? "active;expires=" + Notifier.Seconds(left) : "terminated;reason=" + ending)
        ];
        notifier.CountSent();
        notifier.Stack.SendInDialog(_dialog!, SipMethod.Notify, headers, body.IsEmpty ? null : view.ContentType ?? package.ContentType, body, OnNotified);
    }

    private void OnNotified(SipOutcome outcome)
    {
        if (!outcome.IsSuccess) notifier.CountFailed();
        bool isOver;
        lock (_lock)
        {
            _busy = false;
            _isOver |= IsFatal(outcome);
            isOver = _isOver;
        }
        if (!isOver)
        {
            Pump();
            return;
        }
        notifier.Stack.Layer.Wheel.Cancel(this);
        notifier.Remove(this);
        notifier.Stack.Forget(_dialog!);
    }

    // RFC 6665 §4.2.2, RFC 5057 §5.2: these end the subscription; after any other failure the next change is told again. 408 and 503 without a response: nobody is there.
    private static bool IsFatal(SipOutcome outcome) => outcome.Response?.Has(SipHeaderName.RetryAfter) != true && (outcome.Response is null && !outcome.IsSuccess || outcome.Status is
        404 or 405 or 408 or 410 or 416 or 430 or (>= 480 and <= 485) or 489 or 501 or 604);

    // Under the lock.
    private void Arm(TimeSpan due, TimeSpan now)
    {
        if (due > _expires) due = _expires;
        notifier.Stack.Layer.Wheel.Arm(this, due > now ? due - now : TimeSpan.Zero);
    }
}
