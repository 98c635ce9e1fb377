// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Net;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media;
using Beffroi.Media.Codecs;
using Beffroi.Media.Sdp;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Timers;
using Beffroi.Sip.UserAgent;
using Microsoft.Extensions.Logging;

namespace Beffroi.Calls;

/// <summary>Settings of the exchange.</summary>
public sealed record ExchangeOptions
{
    /// <summary>Longest call; zero: no limit. Emergency calls have none.</summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromHours(4);

    /// <summary>The language of announcements, <c>fr</c> or <c>en</c>.</summary>
    public string Language { get; init; } = "fr";

    /// <summary>The address that peers are told to send media to, when it differs from the one bound: behind a NAT, or bound to all.</summary>
    public IPAddress? AdvertisedMedia { get; init; }

    /// <summary>What is offered and accepted where a target or a trunk says nothing else.</summary>
    public CodecPolicy Codecs { get; init; } = CodecPolicy.Default;
}

/// <summary>The sounds that every call needs.</summary>
public interface ICallSounds
{
    /// <summary>Music on hold, one loop.</summary>
    AudioClip Music { get; }

    /// <summary>The French ringing tone: 440 Hz, 1.5 s on, 3.5 s off, one period.</summary>
    AudioClip Ringback { get; }

    /// <summary>An announcement by its name; null when neither it nor a stand-in exists.</summary>
    AudioClip? Prompt(string name, string language);
}

/// <summary>The parts that calls stand on.</summary>
public sealed record ExchangeParts(
    SipStack Stack, MediaEngine Media, TimingWheel Wheel, ICallRouter Router, ICallJournal Journal, ICallSounds Sounds, TimeProvider Time, ILogger<Exchange> Log);

/// <summary>All calls of this server: makes them, finds them, and gives them what they stand on.</summary>
/// <remarks>Threading: any thread. The tables are concurrent; a call itself changes only in its mailbox.</remarks>
public sealed class Exchange(ExchangeParts parts, ExchangeOptions options)
{
    private readonly ConcurrentDictionary<Guid, Call> _calls = new();
    private readonly ConcurrentDictionary<(Guid Lot, string Slot), Call> _slots = new();
    private readonly ConcurrentDictionary<Guid, int> _legsOf = new();
    private long _began;
    private long _broken;
    private long _withoutPort;
    private long _mediaTimeouts;
    private volatile bool _closing;

    /// <summary>A call's view has changed or it has gone; runs inside its mailbox, so only enqueue.</summary>
    public event Action<CallView>? CallChanged;

    public ExchangeOptions Options { get; } = options;

    /// <summary>Calls in progress, as last shown.</summary>
    public IEnumerable<CallView> Live => _calls.Select(c => c.Value.View);

    public int Count => _calls.Count;

    /// <summary>Calls that wait in a park slot.</summary>
    public int Parked => _slots.Count;

    /// <summary>Persons who have a leg, ringing or talking.</summary>
    public int PersonsInCalls => _legsOf.Count;

    /// <summary>Calls since the start.</summary>
    public long Began => Interlocked.Read(ref _began);

    /// <summary>Calls that a bug ended.</summary>
    public long Broken => Interlocked.Read(ref _broken);

    /// <summary>Legs that found no media port.</summary>
    public long WithoutPort => Interlocked.Read(ref _withoutPort);

    /// <summary>Calls ended because no sound came any more.</summary>
    public long MediaTimeouts => Interlocked.Read(ref _mediaTimeouts);

    internal SipStack Stack => parts.Stack;

    internal MediaEngine Media => parts.Media;

    internal TimingWheel Wheel => parts.Wheel;

    internal ICallRouter Router => parts.Router;

    internal ICallJournal Journal => parts.Journal;

    internal ICallSounds Sounds => parts.Sounds;

    internal TimeProvider Time => parts.Time;

    internal ILogger Log => parts.Log;

    /// <summary>A proved INVITE becomes a call, or is refused by the plan.</summary>
    /// <param name="channel">Given back when the caller's leg ends: the trunk's channel.</param>
    /// <returns>The call; null when it was refused.</returns>
    public Call? Accept(InboundInvite invite, CallRequest request, CodecPolicy? codecs = null, IDisposable? channel = null)
    {
        ArgumentNullException.ThrowIfNull(invite);
        ArgumentNullException.ThrowIfNull(request);
        if (_closing)
        {
            channel?.Dispose();
            Refuse(invite, new Refusal("server.stopping", RefusalKind.Unavailable, 503, "The server is stopping."));
            return null;
        }

        if (invite.Replaces?.Owner is CallLeg replaced) return TakeOver(invite, request, replaced, codecs, channel);
        var plan = parts.Router.Route(request);
        if (plan is CallPlan.Refused { Prompt: null } refused)
        {
            channel?.Dispose();
            Refuse(invite, refused.Refusal);
            JournalRefusal(request, refused.Refusal, invite.Request.CallId);
            return null;
        }

        var run = plan as CallPlan.Run ?? Announce(request, (CallPlan.Refused)plan);
        var call = new Call(this, request.Caller, run.Called, request.Dialled, request.FromTrunk);
        if (AddInbound(call, invite, request.Caller, codecs, channel) is null) return null;
        Interlocked.Increment(ref _began);
        _calls[call.Id] = call;
        call.Tell(new CallMessage.Start(run));
        return call;
    }

    /// <summary>Rings the caller's own devices first, then dials for them: click to call.</summary>
    public async Task<(Guid? Call, Refusal? Refusal)> OriginateAsync(CallRequest request, IReadOnlyList<RingTarget> devices, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(devices);
        var plan = parts.Router.Route(request);
        if (plan is CallPlan.Refused refused) return (null, refused.Refusal);
        if (devices.Count == 0)
            return (null, new Refusal("call.no-device", RefusalKind.Conflict, 480, "No device of the caller is registered."));
        if (_closing) return (null, new Refusal("server.stopping", RefusalKind.Unavailable, 503, "The server is stopping."));
        var call = new Call(this, request.Caller, ((CallPlan.Run)plan).Called, request.Dialled, fromTrunk: false);
        Interlocked.Increment(ref _began);
        _calls[call.Id] = call;
        var done = new TaskCompletionSource<Refusal?>(TaskCreationOptions.RunContinuationsAsynchronously);
        call.Tell(new CallMessage.Do(() => call.Originate(devices, (CallPlan.Run)plan, timeout, done)));
        var refusal = await done.Task;
        return refusal is null ? (call.Id, null) : (null, refusal);
    }

    /// <summary>Ends a call, or one leg of it.</summary>
    public Refusal? HangUp(Guid call, Guid? leg = null)
    {
        if (Find(call) is not { } found) return NoSuchCall;
        found.Tell(new CallMessage.HangUp(leg, "ended-by-api"));
        return null;
    }

    /// <summary>Has a telephone that rings answer by itself, where it allows that: the leg named, else the first that can.</summary>
    public Task<Refusal?> AnswerAsync(Guid call, Guid? leg = null) => AskAsync(call, done => new CallMessage.AnswerFor(leg, done));

    public Task<Refusal?> HoldAsync(Guid call, Guid leg, bool on) => AskAsync(call, done => new CallMessage.Hold(leg, on, done));

    /// <summary>Blind transfer: the party opposite to <paramref name="byLeg"/> goes to <paramref name="number"/>.</summary>
    /// <param name="untilTaken">True: the answer comes when somebody or something has taken the party, or nobody has; false: as soon as the dial plan allows it.</param>
    public Task<Refusal?> TransferAsync(Guid call, Guid byLeg, string number, bool untilTaken = false) => AskAsync(call, done => new CallMessage.TransferTo(byLeg, number, untilTaken, done));

    /// <summary>Attended transfer: the parties opposite to the two legs are joined, and both legs end.</summary>
    public Task<Refusal?> JoinAsync(Guid call, Guid byLeg, Guid consultation, Guid consultationLeg) =>
        Find(consultation) is { } other
            ? AskAsync(call, done => new CallMessage.JoinCalls(byLeg, other, consultationLeg, done))
            : Task.FromResult<Refusal?>(NoSuchCall);

    /// <summary>The first call that rings one of these parties, oldest first: for pickup.</summary>
    public CallView? FindRinging(Func<CallParty, bool> wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        CallView? oldest = null;
        foreach (var (_, call) in _calls)
        {
            var view = call.View;
            if (view.Phase != CallPhase.Ringing || (oldest is not null && view.Began >= oldest.Began)) continue;
            if (view.Legs.Any(l => !l.Inbound && l.State != nameof(LegState.Connected) && wanted(l.Party))) oldest = view;
        }

        return oldest;
    }

    /// <summary>The call that waits in a park slot.</summary>
    /// <param name="lot">Whose slot: the organisation given to <see cref="ICallContext.ParkAsync"/>.</param>
    public Guid? FindParked(string slot, Guid lot = default) => _slots.TryGetValue((lot, slot), out var call) ? call.Id : null;

    /// <summary>Waits until no call is left or the time is over, then ends the rest. New calls are refused from now on.</summary>
    public async Task CloseAsync(TimeSpan patience)
    {
        _closing = true;
        var until = Time.GetTimestamp();
        while (!_calls.IsEmpty && Time.GetElapsedTime(until) < patience) await Task.Delay(TimeSpan.FromMilliseconds(50), Time);
        foreach (var (_, call) in _calls) call.Tell(new CallMessage.HangUp(null, "server-stopping"));
    }

    /// <summary>Writes a call down for another process; null when it is gone or nothing of it is established.</summary>
    public Task<CallSnapshot?> WriteDownAsync(Guid call)
    {
        if (Find(call) is not { } found) return Task.FromResult<CallSnapshot?>(null);
        var done = new TaskCompletionSource<CallSnapshot?>(TaskCreationOptions.RunContinuationsAsynchronously);
        found.Tell(new CallMessage.WriteDown(done));
        return done.Task;
    }

    /// <summary>Takes up a call that another process wrote down; that process must have closed its sockets.</summary>
    /// <param name="applications">Finds the script by name and checkpoint; may give null for a script that cannot be resumed.</param>
    /// <param name="channels">Takes a channel of a trunk for a leg that held one; left out: none is counted.</param>
    /// <returns>False when a port is taken or the script is unknown: the call is then ended.</returns>
    public Task<bool> TakeUpAsync(CallSnapshot written, Func<string, string?, ICallApplication?> applications, Func<Guid, IDisposable?>? channels = null)
    {
        ArgumentNullException.ThrowIfNull(written);
        ArgumentNullException.ThrowIfNull(applications);
        var call = new Call(this, written);
        _calls[call.Id] = call;
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        call.Tell(new CallMessage.Do(() => done.SetResult(call.TakeUp(written, written.Application is { } name ? applications(name, written.Checkpoint) : null, channels ?? (_ => null)))));
        return done.Task;
    }

    /// <summary>Legs that a person has now, ringing or talking.</summary>
    public int LegsOf(Guid person) => _legsOf.GetValueOrDefault(person);

    internal void CountLeg(CallLeg leg, int change)
    {
        if (leg.Party.Person is not { } person) return;
        if (_legsOf.AddOrUpdate(person, change, (_, now) => now + change) <= 0) _legsOf.TryRemove(KeyValuePair.Create(person, 0));
    }

    internal Call? Find(Guid id) => _calls.GetValueOrDefault(id);

    internal void Changed(Call call) => CallChanged?.Invoke(call.View);

    internal void Forget(Call call)
    {
        _calls.TryRemove(call.Id, out _);
        call.ShowEnded();
        CallChanged?.Invoke(call.View);
    }

    internal bool TryPark((Guid Lot, string Slot) place, Call call) => _slots.TryAdd(place, call);

    internal void Unpark((Guid Lot, string Slot) place, Call call) => _slots.TryRemove(KeyValuePair.Create(place, call));

    internal void CountBroken() => Interlocked.Increment(ref _broken);

    internal void CountNoPort() => Interlocked.Increment(ref _withoutPort);

    internal void CountMediaTimeout() => Interlocked.Increment(ref _mediaTimeouts);

    private static Refusal NoSuchCall { get; } = new("call.not-found", RefusalKind.NotFound, 481, "There is no such call in progress.");

    private Task<Refusal?> AskAsync(Guid call, Func<TaskCompletionSource<Refusal?>, CallMessage> wish)
    {
        if (Find(call) is not { } found) return Task.FromResult<Refusal?>(NoSuchCall);
        var done = new TaskCompletionSource<Refusal?>(TaskCreationOptions.RunContinuationsAsynchronously);
        found.Tell(wish(done));
        return done.Task;
    }

    private CallLeg? AddInbound(Call call, InboundInvite invite, CallParty party, CodecPolicy? codecs, IDisposable? channel)
    {
        var leg = new CallLeg(call, party, inbound: true) { Channel = channel };
        leg.Media = new LegMedia(this, leg, codecs ?? Options.Codecs);
        if (!invite.Sdp.IsEmpty && !leg.Media.TryTakeOffer(invite.Sdp, out var status))
        {
            channel?.Dispose();
            var warning = new SipHeader(SipHeaderName.Warning, "305 beffroi \"Incompatible media format\"");
            invite.Respond(status, null, [warning]);
            return null;
        }

        call.AddFirstLeg(leg);
        leg.Session = invite.Take(leg);
        leg.Session.Owner = leg;
        return leg;
    }

    /// <summary>INVITE with Replaces (RFC 3891): the newcomer takes the place of the leg named.</summary>
    private Call? TakeOver(InboundInvite invite, CallRequest request, CallLeg replaced, CodecPolicy? codecs, IDisposable? channel)
    {
        var call = new Call(this, request.Caller, replaced.Party, request.Dialled, request.FromTrunk);
        if (AddInbound(call, invite, request.Caller, codecs, channel) is null) return null;
        Interlocked.Increment(ref _began);
        _calls[call.Id] = call;
        call.Tell(new CallMessage.Do(() => call.TakePlaceOf(replaced)));
        return call;
    }

    private CallPlan.Run Announce(CallRequest request, CallPlan.Refused refused) =>
        new(new Announcement(refused, Sounds), new CallParty(PartyKind.Service, request.Dialled, ""));

    private static void Refuse(InboundInvite invite, Refusal refusal) => invite.Respond(refusal.SipStatus, null, HeadersOf(refusal));

    /// <summary>Why, in a Warning (RFC 3261 §20.43), and in a Reason (RFC 3326, in responses RFC 6432) where Q.850 has a cause.</summary>
    internal static SipHeader[] HeadersOf(Refusal refusal)
    {
        var warning = new SipHeader(SipHeaderName.Warning, $"399 beffroi \"{refusal.Code}: {refusal.Detail}\"");
        return refusal.Cause == 0 ? [warning] : [warning, new SipHeader(SipHeaderName.Reason, $"Q.850;cause={refusal.Cause}")];
    }

    private void JournalRefusal(CallRequest request, Refusal refusal, string wireCallId)
    {
        var id = Guid.CreateVersion7();
        var at = Time.GetUtcNow();
        var called = new CallParty(PartyKind.External, request.Dialled, "");
        Journal.Append(new CallStarted { CallId = id, Sequence = 1, At = at, Caller = request.Caller, Dialled = request.Dialled, Called = called, WireCallId = wireCallId });
        Journal.Append(new CallCleared
        {
            CallId = id,
            Sequence = 2,
            At = at,
            Outcome = CallOutcome.Refused,
            Status = refusal.SipStatus,
            Cause = refusal.Code,
            Seconds = 0,
            TalkSeconds = 0,
        });
    }
}
