// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Routing;
using Beffroi.Media;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Calls;

/// <summary>What can be told to a call. Only <see cref="Call"/> takes them.</summary>
internal abstract record CallMessage
{
    // From the wire: a leg's session.
    internal sealed record Progress(CallLeg Leg, SipMessage Response, ReadOnlyMemory<byte> Sdp) : CallMessage;

    internal sealed record Accepted(CallLeg Leg, SipMessage Response, ReadOnlyMemory<byte> Sdp) : CallMessage;

    internal sealed record Rejected(CallLeg Leg, int Status, SipMessage? Response) : CallMessage;

    internal sealed record Acked(CallLeg Leg, ReadOnlyMemory<byte> Sdp) : CallMessage;

    internal sealed record Cancelled(CallLeg Leg, SipMessage Request) : CallMessage;

    internal sealed record Offered(CallLeg Leg, ReadOnlyMemory<byte> Sdp) : CallMessage;

    internal sealed record Answered(CallLeg Leg, ReadOnlyMemory<byte> Sdp) : CallMessage;

    internal sealed record OfferRefused(CallLeg Leg, int Status) : CallMessage;

    internal sealed record Referred(CallLeg Leg, SipRefer Refer) : CallMessage;

    internal sealed record SessionEnded(CallLeg Leg, SessionEnd Why, SipMessage? Request) : CallMessage;

    // From the media engine.
    internal sealed record Digit(CallLeg Leg, char Key, bool FromInfo) : CallMessage;

    internal sealed record PlayFinished(CallLeg Leg, long Token) : CallMessage;

    internal sealed record RecordingFinished(CallLeg Leg, RecordingResult Result) : CallMessage;

    internal sealed record MediaLost(CallLeg Leg) : CallMessage;

    internal sealed record DigitsForInfo(CallLeg Leg, string Digits) : CallMessage;

    // From the clock.
    internal sealed record TimedOut(CallTimer Timer) : CallMessage;

    // From the script.
    internal sealed record ScriptEnded(CallScript Script, Exception? Fault) : CallMessage;

    internal sealed record ScriptAsks(CallScript Script, Action Deed) : CallMessage;

    // From the API and from other calls.
    internal sealed record Start(CallPlan.Run Plan) : CallMessage;

    internal sealed record HangUp(Guid? Leg, string Cause) : CallMessage;

    internal sealed record Hold(Guid Leg, bool On, TaskCompletionSource<Refusal?> Done) : CallMessage;

    internal sealed record AnswerFor(Guid? Leg, TaskCompletionSource<Refusal?> Done) : CallMessage;

    internal sealed record TransferTo(Guid ByLeg, string Number, bool UntilTaken, TaskCompletionSource<Refusal?> Done) : CallMessage;

    internal sealed record JoinCalls(Guid ByLeg, Call Other, Guid OtherLeg, TaskCompletionSource<Refusal?> Done) : CallMessage;

    /// <summary>A leg of another call comes in to take the place of a ringing target, a parked call's holder, or <paramref name="InPlaceOf"/>.</summary>
    internal sealed record Adopt(CallLeg Newcomer, Call From, CallLeg? InPlaceOf, string Where, Action<bool> Reply) : CallMessage;

    /// <summary>Asks for the leg opposite to <paramref name="Mine"/>: the second half of an attended transfer.</summary>
    internal sealed record GiveUp(Guid Mine, Call To, Action<CallLeg?> Reply) : CallMessage;

    internal sealed record Received(CallLeg Leg, CallLeg Opposite, CallLeg By, SipRefer? Refer, TaskCompletionSource<Refusal?>? Done, Guid Consultation) : CallMessage;

    /// <summary>An answer of another call, to be worked off here.</summary>
    internal sealed record Do(Action Deed) : CallMessage;

    /// <summary>A leg that was offered to another call is settled: taken, or back.</summary>
    internal sealed record Settled(CallLeg Leg, bool Taken, Action Then) : CallMessage;

    internal sealed record WriteDown(TaskCompletionSource<CallSnapshot?> Done) : CallMessage;
}

/// <summary>A due time that tells its call.</summary>
internal sealed class CallTimer(Call call, string what) : Beffroi.Sip.Timers.WheelTimer
{
    public string What { get; } = what;

    protected override void Fire() => call.Tell(new CallMessage.TimedOut(this));
}
