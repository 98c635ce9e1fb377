// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>The called side: RFC 3261 §13.3, reliable provisional responses RFC 3262 §3.</summary>
public sealed partial class SipSession : IInviteServerUser
{
    private ServerTransaction? _server;         // the INVITE that made the session, until its ACK
    private RepeatedResponse? _repeated;        // a reliable 1xx waits for its PRACK, or a 2xx for its ACK
    private Queue<SessionWork>? _held;          // what waits for that PRACK
    private bool _releasing;
    private byte[]? _lastProgress;
    private int _lastProgressStatus;
    private uint _rseq;
    private bool _answeredEarly;                // the first offer of either side has its answer, in a reliable 1xx
    private bool _byeAfterAck;
    private string? _byeReason;
    private SipHeader[] _byeHeaders = [];

    /// <summary>A response sent again until the peer acknowledges it.</summary>
    private sealed class RepeatedResponse(ServerTransaction transaction, int status, byte[] bytes)
    {
        internal ServerTransaction Transaction { get; } = transaction;
        internal int Status { get; } = status;
        internal byte[] Bytes { get; } = bytes;
        internal TimeSpan Interval { get; set; }
        internal long GiveUpAt { get; init; }
        internal uint RSeq { get; init; }
        internal bool CarriesSdp { get; init; }
        internal bool IsReinvite { get; init; }

        /// <summary>It carries an offer of ours: the ACK or PRACK brings the answer.</summary>
        internal bool AwaitsAnswer { get; init; }
        internal bool IsFinal => Status >= 200;
    }

    private bool IsUnanswered => _server is { IsAnswered: false } && State is SessionState.Starting or SessionState.Early;

    private bool InviteHadOffer => Invite is { } invite && !SipBodies.SdpOf(invite).IsEmpty;

    private void SendProgress(int status, byte[]? sdp, SipHeader[] headers)
    {
        if (IsOutbound || !IsUnanswered || status is <= 100 or >= 200) return;
        var server = _server!;
        var reliable = server.Request.HasToken(SipHeaderName.Require, "100rel") || (sdp is not null && server.Request.HasToken(SipHeaderName.Supported, "100rel"));
        if (reliable && _repeated is not null)
        {
            Hold(new SessionWork(SessionAct.Progress, status, sdp, headers: headers));       // one at a time: RFC 3262 §3
            return;
        }
        if (State == SessionState.Starting) State = SessionState.Early;
        var all = new List<SipHeader>(headers.Length + 5) { new(SipHeaderName.Contact, _dialog!.Contact) };
        if (reliable)
        {
            _rseq = _rseq == 0 ? (uint)System.Security.Cryptography.RandomNumberGenerator.GetInt32(1, 1 << 20) : _rseq + 1;
            all.Add(new SipHeader(SipHeaderName.Require, "100rel"));
            all.Add(new SipHeader(SipHeaderName.RSeq, _rseq.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            all.Add(new SipHeader(SipHeaderName.Allow, SipStack.AllowedInDialog));
        }
        AddProduct(all);
        all.AddRange(headers);
        var bytes = Compose(server, status, null, all, sdp);
        server.Send(status, bytes);
        if (reliable) Repeat(new RepeatedResponse(server, status, bytes) { RSeq = _rseq, CarriesSdp = sdp is not null, AwaitsAnswer = sdp is not null && !InviteHadOffer, GiveUpAt = GiveUpAt() });
        else if (_repeated is null) (_lastProgress, _lastProgressStatus) = (bytes, status);
        if (sdp is not null && reliable && InviteHadOffer) _answeredEarly = true;
        Arm(Alarm.Progress, Options.ProgressEvery);
    }

    private void Hold(in SessionWork work) => (_held ??= new Queue<SessionWork>()).Enqueue(work);

    /// <summary>Rings on: RFC 3261 §13.3.1.1. A reliable response that was acknowledged is not sent again; a plain one of the same status stands in.</summary>
    private void RepeatProgress()
    {
        if (!IsUnanswered) return;
        if (_lastProgress is null) _lastProgress = Compose(_server!, _lastProgressStatus = SipStatus.Ringing, null, [new SipHeader(SipHeaderName.Contact, _dialog!.Contact)], null);
        if (_repeated is null) _server!.Send(_lastProgressStatus, _lastProgress);
        Arm(Alarm.Progress, Options.ProgressEvery);
    }

    private void SendAnswer(byte[]? sdp, SipHeader[] headers)
    {
        if (IsOutbound || !IsUnanswered) return;
        if (_repeated is { IsFinal: false, CarriesSdp: true } || (_held is { Count: > 0 } && !_releasing))
        {
            Hold(new SessionWork(SessionAct.Answer, 200, sdp, headers: headers));            // RFC 3262 §3: its SDP must have arrived
            return;
        }
        var server = _server!;
        StopRepeating();
        Disarm(Alarm.Progress);
        _lastProgress = null;
        var all = AnswerHeaders(headers, server.Request);
        var bytes = Compose(server, SipStatus.Ok, null, all, sdp);
        State = SessionState.Accepted;
        _answeredEarly = true;
        _localSdp = RefreshesByUpdate ? null : sdp;
        server.Send(SipStatus.Ok, bytes);
        Repeat(new RepeatedResponse(server, SipStatus.Ok, bytes) { CarriesSdp = sdp is not null, AwaitsAnswer = sdp is not null && !InviteHadOffer, GiveUpAt = GiveUpAt() });
        ArmSessionTimer();
    }

    /// <summary>Contact, Allow, Supported and the session timer: what every 2xx to an INVITE or UPDATE carries.</summary>
    private List<SipHeader> AnswerHeaders(SipHeader[] headers, SipMessage request)
    {
        var all = new List<SipHeader>(headers.Length + 7)
        {
            new(SipHeaderName.Contact, _dialog!.Contact),
            new(SipHeaderName.Allow, SipStack.AllowedInDialog),
            new(SipHeaderName.Supported, SipStack.SupportedOptions),
        };
        AddSessionTimer(all, request);
        AddProduct(all);
        all.AddRange(headers);
        return all;
    }

    private void AddProduct(List<SipHeader> headers)
    {
        if (Options.Product.Length > 0) headers.Add(new SipHeader(SipHeaderName.Server, Options.Product));
    }

    private static byte[] Compose(ServerTransaction transaction, int status, string? reason, List<SipHeader> headers, byte[]? sdp) =>
        SipResponses.Write(transaction.Request, status, reason, transaction.ToTag, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(headers), sdp is null ? null : SipStack.SdpType, sdp);

    private long GiveUpAt() => _stack.Layer.Now + Options.GiveUp.Ticks;

    private void Repeat(RepeatedResponse response)
    {
        response.Interval = Options.T1;
        _repeated = response;
        Arm(Alarm.Repeat, response.Interval);
    }

    private void StopRepeating()
    {
        _repeated = null;
        Disarm(Alarm.Repeat);
    }

    /// <summary>Whatever the transport: a proxy on the way may use UDP (RFC 3261 §13.3.1.4).</summary>
    private void RepeatResponse()
    {
        if (_repeated is not { } response) return;
        if (_stack.Layer.Now < response.GiveUpAt)
        {
            _stack.Counters.CountRetransmission();
            response.Transaction.Send(response.Status, response.Bytes);
            response.Interval *= 2;
            if (response.IsFinal && response.Interval > Options.T2) response.Interval = Options.T2;      // RFC 3262 sets no such bound for 1xx
            var left = TimeSpan.FromTicks(response.GiveUpAt - _stack.Layer.Now);
            Arm(Alarm.Repeat, response.Interval < left ? response.Interval : left);
            return;
        }
        _repeated = null;
        if (response.IsFinal) EndNow(SessionEnd.AckMissing, "SIP;cause=408;text=\"ACK missing\"");
        else SendRefusal(SipStatus.ServerTimeout, null, [], SessionEnd.AckMissing);
    }

    private void SendRefusal(int status, string? reason, SipHeader[] headers, SessionEnd why)
    {
        if (IsOutbound || !IsUnanswered || status is < 300 or > 699) return;
        _server!.Respond(status, reason, headers);
        Finish(why);
    }

    private void TakeAck(SipMessage ack, SipFlow flow)
    {
        if (_repeated is not { IsFinal: true } answered || answered.Transaction.Request.CSeqNumber != ack.CSeqNumber) return;
        StopRepeating();
        _dialog!.Follow(flow);
        var sdp = SipBodies.SdpOf(ack);
        if (answered.IsReinvite)
        {
            if (answered.AwaitsAnswer && State == SessionState.Confirmed) Listener.OnAnswer(this, sdp);
        }
        else
        {
            _server = null;
            Invite = null;
            if (State == SessionState.Accepted) State = SessionState.Confirmed;
            Listener.OnAck(this, sdp);
        }
        if (_byeAfterAck) SendBye(_byeReason, _byeHeaders);
        else MakeQueuedOffer();
    }

    /// <summary>The CANCEL was answered; the INVITE gets 487 unless it has its final response: RFC 3261 §9.2.</summary>
    private void TakeCancel(ServerTransaction invite, SipMessage cancel)
    {
        if (invite == _theirOffer)
        {
            _theirOffer = null;
            invite.Respond(SipStatus.RequestTerminated);
            return;
        }
        if (invite != _server || State is not (SessionState.Starting or SessionState.Early)) return;
        if (!invite.IsAnswered) invite.Respond(SipStatus.RequestTerminated);
        State = SessionState.Ending;
        Listener.OnCancelled(this, cancel);
        Finish(SessionEnd.Cancelled, cancel);
    }

    void IInviteServerUser.OnCancel(ServerTransaction invite, SipMessage cancel) => Post(new SessionWork(SessionAct.Cancelled, subject: invite, other: cancel));

    /// <summary>PRACK: RFC 3262 §3. It may bring the answer to an offer in the 1xx, or a new offer.</summary>
    private void TakePrack(ServerTransaction transaction)
    {
        var request = transaction.Request;
        if (_repeated is not { IsFinal: false } response || !Acknowledges(request, response))
        {
            _stack.Refuse(transaction, SipStatus.CallDoesNotExist);
            return;
        }
        StopRepeating();
        var sdp = SipBodies.SdpOf(request);
        if (sdp.IsEmpty || response.AwaitsAnswer)
        {
            transaction.Respond(SipStatus.Ok);
            if (response.AwaitsAnswer) _answeredEarly = true;
            if (!sdp.IsEmpty) Listener.OnAck(this, sdp);
        }
        else
        {
            _theirOffer = transaction;
            Listener.OnOffer(this, sdp, request);
        }
        ReleaseHeld();
    }

    private static bool Acknowledges(SipMessage prack, RepeatedResponse response)
    {
        var parts = prack.Text(SipHeaderName.RAck)?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return parts is [var rseq, var cseq, "INVITE"] && uint.TryParse(rseq, out var number) && number == response.RSeq
            && uint.TryParse(cseq, out var invite) && invite == response.Transaction.Request.CSeqNumber;
    }

    private void ReleaseHeld()
    {
        _releasing = true;
        while (_repeated is null && _held is { Count: > 0 } held)
        {
            var work = held.Dequeue();
            if (held.Count == 0) _held = null;
            Do(work);
        }
        _releasing = false;
    }
}
