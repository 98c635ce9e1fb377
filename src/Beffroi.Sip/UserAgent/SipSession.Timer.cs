// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.UserAgent;

/// <summary>Session timers, both refresher roles: RFC 4028.</summary>
public sealed partial class SipSession
{
    private int _interval;                      // seconds; 0: the session does not expire
    private int _minInterval;                   // Min-SE that a 422 asked of us, seconds
    private bool _weRefresh;
    private bool _peerHasTimer;

    /// <summary>What this side wants (our INVITE), or what follows from the peer's request: §9 and its table 2.</summary>
    private void PrepareSessionTimer(SipMessage? request)
    {
        var ours = (int)Options.SessionExpires.TotalSeconds;
        if (request is null)
        {
            _interval = ours;
            return;
        }
        _peerHasTimer = request.HasToken(SipHeaderName.Supported, "timer");
        var floor = Math.Max(request.Number(SipHeaderName.MinSE) ?? 0, (int)Options.MinSessionExpires.TotalSeconds);
        var asked = request.Number(SipHeaderName.SessionExpires);
        _interval = Math.Max(asked is { } seconds ? Math.Min(seconds, Math.Max(ours, floor)) : ours, floor);
        _weRefresh = !_peerHasTimer || RefresherOf(request) switch { "uas" => true, "uac" => false, _ => false };
    }

    /// <summary>Session-Expires and Min-SE of the INVITE. The called side chooses who refreshes.</summary>
    internal void WriteSessionTimer(ref SipWriter writer)
    {
        writer.Header(SipHeaderName.SessionExpires, _interval);
        if (_minInterval > 0) writer.Header(SipHeaderName.MinSE, _minInterval);
    }

    /// <summary>In a later request of ours: the roles stay (§7.4).</summary>
    private void AddRefreshWish(List<SipHeader> headers)
    {
        if (_interval == 0) return;
        headers.Add(new SipHeader(SipHeaderName.SessionExpires, string.Create(CultureInfo.InvariantCulture, $"{_interval};refresher={(_weRefresh ? "uac" : "uas")}")));
        if (_minInterval > 0) headers.Add(new SipHeader(SipHeaderName.MinSE, _minInterval.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>In our 2xx: §9.</summary>
    private void AddSessionTimer(List<SipHeader> headers, SipMessage request)
    {
        if (_interval == 0) return;
        headers.Add(new SipHeader(SipHeaderName.SessionExpires, string.Create(CultureInfo.InvariantCulture, $"{_interval};refresher={(_weRefresh ? "uas" : "uac")}")));
        if (!_weRefresh && request.HasToken(SipHeaderName.Supported, "timer")) headers.Add(new SipHeader(SipHeaderName.Require, "timer"));
    }

    /// <summary>From a 2xx to our INVITE or UPDATE: §7.2. Without Session-Expires the session does not expire.</summary>
    private void StartSessionTimer(SipMessage response, bool weAreUac)
    {
        _interval = response.Number(SipHeaderName.SessionExpires) ?? 0;
        _weRefresh = RefresherOf(response) == "uas" != weAreUac;
        _peerHasTimer = _interval > 0;
        ArmSessionTimer();
    }

    private void ArmSessionTimer()
    {
        if (_interval == 0) Disarm(Alarm.Session);
        else Arm(Alarm.Session, TimeSpan.FromSeconds(_weRefresh ? _interval / 2.0 : _interval - Math.Min(32, _interval / 3.0)));      // §10
    }

    /// <summary>By UPDATE nothing needs to be repeated (RFC 4028 §7.4), so our description is not kept.</summary>
    private bool RefreshesByUpdate => PeerAllows(SipMethod.Update) && !_refusesUpdate;

    private void SessionTimerDue()
    {
        if (State is SessionState.Ending or SessionState.Ended) return;
        if (!_weRefresh)
        {
            EndNow(SessionEnd.SessionTimerExpired, "SIP;cause=408;text=\"Session timer expired\"");
            return;
        }
        if (IsModifying || State != SessionState.Confirmed)
        {
            Arm(Alarm.Session, TimeSpan.FromSeconds(5));          // what is on its way refreshes by itself; otherwise soon
            return;
        }
        var byUpdate = RefreshesByUpdate;
        SendOffer(byUpdate ? SipMethod.Update : SipMethod.Invite, byUpdate ? null : _localSdp, isRefresh: true);
    }

    private bool _refusesUpdate;                // whatever its Allow says
    private bool _refreshAsksForSdp;            // the listener was asked for what a re-INVITE must repeat

    /// <summary>The peer is there, but does not want this refresh: it is asked again at the next half of the interval. One that has named UPDATE in Allow and refuses it
    /// gets a re-INVITE at once, with the description that the listener repeats.</summary>
    private void RefreshRefused(Dialogs.DialogRequest request, int status, SipMessage? refusal)
    {
        ArmSessionTimer();
        if (request.Method != SipMethod.Update || status is not (SipStatus.MethodNotAllowed or SipStatus.NotImplemented) || refusal is null) return;
        _refusesUpdate = true;
        _refreshAsksForSdp = _localSdp is null;
        if (_localSdp is { } known) RefreshByInvite(known);
        else Listener.OnOffer(this, default, refusal);
    }

    private void RefreshByInvite(byte[] sdp)
    {
        _refreshAsksForSdp = false;
        _localSdp = sdp;
        if (State == SessionState.Confirmed && !IsModifying) SendOffer(SipMethod.Invite, sdp, isRefresh: true);
    }

    /// <summary>422: §7.3. The interval asked for grows to what the peer wants; false if the answer makes no sense.</summary>
    internal bool TakeIntervalTooSmall(SipMessage refusal)
    {
        if (refusal.StatusCode != SipStatus.SessionIntervalTooSmall || refusal.Number(SipHeaderName.MinSE) is not { } least || least <= _minInterval || least > 86_400) return false;
        _minInterval = least;
        _interval = Math.Max(_interval, least);
        return true;
    }

    private static string? RefresherOf(SipMessage message)
    {
        var text = message.Text(SipHeaderName.SessionExpires);
        if (text is null) return null;
        return text.Contains("refresher=uac", StringComparison.OrdinalIgnoreCase) ? "uac" : text.Contains("refresher=uas", StringComparison.OrdinalIgnoreCase) ? "uas" : null;
    }
}
