// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Routing;
using Beffroi.Media;
using Beffroi.Media.Codecs;

namespace Beffroi.Calls.Applications;

/// <summary>What a caller lives through, as straight async code: ring a person, a group, leave a message, hear why not.</summary>
/// <remarks>
/// One instance may serve many calls: keep no state of a call in fields. The script ends when the call is connected (others then
/// follow the conversation), when it has ended the call, or by the cancellation of <c>hangup</c>. A script that returns with
/// nobody connected ends the call with 480.
/// </remarks>
public interface ICallApplication
{
    /// <summary>A stable word for logs, snapshots and the explainer: <c>hunt-group</c>.</summary>
    string Name { get; }

    /// <param name="call">The call; its methods may be called from any thread, one at a time.</param>
    /// <param name="hangup">Fires when the caller leaves or the call is taken elsewhere (pickup, transfer).</param>
    Task RunAsync(ICallContext call, CancellationToken hangup);

    /// <summary>Where to resume in another process: null when the script starts anew from its beginning, as all of the server's own do today.</summary>
    string? Checkpoint(ICallContext call) => null;
}

/// <summary>How a parking ended.</summary>
public enum ParkResult
{
    Retrieved,

    /// <summary>Nobody came for it within the time.</summary>
    TimedOut,

    /// <summary>It never began: another call waits in the slot.</summary>
    SlotTaken,
}

/// <summary>The call as its script sees it. Every method only tells the call's mailbox and waits for its answer.</summary>
public interface ICallContext
{
    Guid CallId { get; }

    /// <summary>The party this script serves.</summary>
    CallParty Caller { get; }

    CallParty Called { get; }

    /// <summary>The digits that led here.</summary>
    string Dialled { get; }

    /// <summary>The call came from outside.</summary>
    bool FromTrunk { get; }

    IReadOnlyList<Diversion> Diversions { get; }

    /// <summary><c>fr</c> or <c>en</c>.</summary>
    string Language { get; }

    DateTimeOffset Now { get; }

    /// <summary>The clock and the calls' own timers.</summary>
    TimeProvider Time { get; }

    /// <summary>Answers the caller (200) if not done yet.</summary>
    Task AnswerAsync();

    /// <summary>Plays to the caller: before the answer as early media (183), after it as usual. Ends with the clip or by <paramref name="stop"/>.</summary>
    Task PlayAsync(AudioClip clip, CancellationToken stop = default);

    /// <summary>Plays in a loop until something else is played or the call is connected.</summary>
    void PlayLoop(AudioClip clip);

    void StopPlaying();

    /// <summary>Records the caller; a hang-up ends it too and keeps what was said.</summary>
    Task<RecordingResult> RecordAsync(RecordingOptions options);

    /// <summary>Reads digits (RFC 4733, in-band, SIP INFO); may be asked while <see cref="PlayAsync"/> still plays.</summary>
    /// <param name="most">Ends after so many.</param>
    /// <param name="wait">Longest wait for the first, and half of it between two.</param>
    /// <param name="end">Ends at this key, which is not part of the result; 0: none.</param>
    /// <param name="interrupts">The first digit stops what is being played.</param>
    /// <returns>The digits; empty when none came.</returns>
    Task<string> ReadDigitsAsync(int most, TimeSpan wait, char end = '#', bool interrupts = true);

    /// <summary>Rings the targets together; the first answer wins and is connected to the caller, the others get CANCEL with
    /// Reason "Call completed elsewhere" (RFC 3326). The outcome says what came of it.</summary>
    Task<RingOutcome> RingAsync(RingRequest request, CancellationToken stop = default);

    /// <summary>Sends the call on to another number by the dial plan, with the diversion noted; returns when that plan has ended.</summary>
    /// <param name="onBehalfOf">On whose rights and in whose numbering, when nobody forwards: who parked, for one. Left out: who forwards, else the caller.</param>
    Task RouteAsync(string number, Diversion? diversion = null, CallParty? onBehalfOf = null);

    /// <summary>Runs another script on this call, with the diversion noted.</summary>
    Task ContinueAsync(CallPlan plan, Diversion? diversion = null);

    /// <summary>Waits in a park slot with music until somebody retrieves the call or the time is over.</summary>
    /// <param name="lot">Whose slots are meant: an organisation. The same slot of another lot is another one.</param>
    Task<ParkResult> ParkAsync(string slot, TimeSpan longest, Guid lot = default);

    /// <summary>Who sent the call to its park slot, when it was transferred there.</summary>
    CallParty? ParkedBy { get; }

    /// <summary>Joins the caller of this script to a ringing call (pickup) or to a parked one (retrieve).</summary>
    /// <returns>False when that call is no longer there to take.</returns>
    Task<bool> TakeAsync(Guid call, string from);

    /// <summary>Ends the call: a refusal before the answer, BYE after it.</summary>
    Task EndAsync(Refusal? refusal = null);

    /// <summary>Notes a deed of a service in the journal.</summary>
    void Served(string service, string what, string which = "", TimeSpan length = default);

    /// <summary>Something that must be given back when the call ends, however it ends.</summary>
    void Keep(IDisposable until);
}
