// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media;
using Beffroi.Media.Codecs;

namespace Beffroi.Calls;

/// <summary>A running application and its view of the call: each wish goes through the call's mailbox.</summary>
/// <remarks>
/// Threading: the application's continuations run inside the mailbox when a call event completes them, or on the pool when it waited for
/// something else; either way its next wish is a message. A script that the call has left behind (hang-up, pickup, transfer) has its wishes cancelled.
/// </remarks>
internal sealed class CallScript : ICallContext
{
    /// <summary>RFC 7044 has no limit; five forwards in a row are a mistake, not a wish.</summary>
    internal const int MostDiversions = 5;

    private readonly Call _call;
    private readonly ICallApplication _application;
    private readonly CallScript _root;
    private readonly CancellationTokenSource _hangup;
    private CallLeg _leg;

    internal CallScript(Call call, CallLeg leg, ICallApplication application, CallParty called, string dialled, IReadOnlyList<Diversion> diversions, CallScript? parent = null)
    {
        _call = call;
        _application = application;
        _root = parent?._root ?? this;
        _hangup = parent?._hangup ?? new CancellationTokenSource();
        _leg = leg;
        Called = called;
        Dialled = dialled;
        Diversions = diversions;
    }

    /// <summary>The party served; another one after a transfer while ringing. All contexts of one script share it.</summary>
    internal CallLeg Leg
    {
        get => _root == this ? _leg : _root._leg;
        set => _root._leg = value;
    }

    internal CallScript Root => _root;

    internal string Name => _application.Name;

    internal string? Checkpoint => _application.Checkpoint(this);

    internal bool IsCurrent => _call.Script == _root;

    /// <summary>Status for the caller when the script ends with nobody connected: the last ringing's, 480 before one.</summary>
    internal int LastStatus { get; set; } = 480;

    public Guid CallId => _call.Id;

    public CallParty Caller => Leg.Party;

    public CallParty Called { get; }

    public string Dialled { get; }

    public bool FromTrunk => _call.FromTrunk;

    public IReadOnlyList<Diversion> Diversions { get; }

    public string Language => _call.Exchange.Options.Language;

    public CallParty? ParkedBy => _call.ParkedBy;

    public DateTimeOffset Now => _call.Exchange.Time.GetUtcNow();

    public TimeProvider Time => _call.Exchange.Time;

    internal void Start() => _ = LiveAsync();

    /// <summary>Called by the mailbox: the call has left this script behind.</summary>
    internal void Stop() => _hangup.Cancel();

    public Task AnswerAsync() => Ask<bool>(done => _call.AnswerForScript(this, done));

    public Task PlayAsync(AudioClip clip, CancellationToken stop = default) => Ask<bool>(done => _call.PlayForScript(this, clip, done, stop));

    public void PlayLoop(AudioClip clip) => Ask<bool>(done => _call.PlayLoopForScript(this, clip, done));

    public void StopPlaying() => Ask<bool>(done => _call.StopPlayingForScript(this, done));

    public Task<RecordingResult> RecordAsync(RecordingOptions options) => Ask<RecordingResult>(done => _call.RecordForScript(this, options, done));

    public Task<string> ReadDigitsAsync(int most, TimeSpan wait, char end = '#', bool interrupts = true) =>
        Ask<string>(done => _call.ReadDigitsForScript(this, new DigitReader(most, wait, end, interrupts, done)));

    public Task<RingOutcome> RingAsync(RingRequest request, CancellationToken stop = default) =>
        Ask<RingOutcome>(done => _call.RingForScript(this, request, done, stop), () => Call.GiveBack(request));

    public Task RouteAsync(string number, Diversion? diversion = null, CallParty? onBehalfOf = null)
    {
        var plan = _call.Exchange.Router.Route(new CallRequest
        {
            Caller = Caller,
            Dialled = number,
            At = Now,
            Diversions = With(diversion),
            OnBehalfOf = diversion?.From ?? onBehalfOf,
        });
        return ContinueAsync(plan, diversion, number);
    }

    public Task ContinueAsync(CallPlan plan, Diversion? diversion = null) => ContinueAsync(plan, diversion, Dialled);

    public Task<ParkResult> ParkAsync(string slot, TimeSpan longest, Guid lot = default) => Ask<ParkResult>(done => _call.ParkForScript(this, (lot, slot), longest, done));

    public Task<bool> TakeAsync(Guid call, string from) => Ask<bool>(done => _call.TakeForScript(this, call, from, done));

    public Task EndAsync(Refusal? refusal = null) => Ask<bool>(done => _call.EndForScript(this, refusal, done));

    public void Served(string service, string what, string which = "", TimeSpan length = default) =>
        _call.Tell(new CallMessage.ScriptAsks(this, () => _call.NoteServed(service, what, which, length)));

    public void Keep(IDisposable until) =>
        Ask<bool>(done => { _call.KeepUntilTheEnd(until); done.TrySetResult(true); }, until.Dispose);

    private async Task ContinueAsync(CallPlan plan, Diversion? diversion, string number)
    {
        if (diversion is not null)
        {
            var to = plan is CallPlan.Run going ? going.Called : new CallParty(PartyKind.External, number, "");
            _call.Tell(new CallMessage.ScriptAsks(this, () => _call.NoteDiverted(diversion, to)));
        }

        if (Diversions.Count >= MostDiversions)
        {
            await EndAsync(new Refusal("forwarding.too-many", RefusalKind.Conflict, 483, "The call was forwarded too many times."));
            return;
        }

        if (plan is not CallPlan.Run run)
        {
            await EndAsync(((CallPlan.Refused)plan).Refusal);
            return;
        }

        var next = new CallScript(_call, Leg, run.Application, run.Called, number, With(diversion), this);
        await run.Application.RunAsync(next, _hangup.Token);
        LastStatus = next.LastStatus;
    }

    private IReadOnlyList<Diversion> With(Diversion? diversion) => diversion is null ? Diversions : [.. Diversions, diversion];

    private Task<T> Ask<T>(Action<TaskCompletionSource<T>> deed, Action? otherwise = null)
    {
        var done = new TaskCompletionSource<T>();
        _call.Tell(new CallMessage.ScriptAsks(this, () =>
        {
            if (IsCurrent)
            {
                deed(done);
                return;
            }

            otherwise?.Invoke();
            done.TrySetCanceled();
        }));
        return done.Task;
    }

    private async Task LiveAsync()
    {
        Exception? fault = null;
        try
        {
            await _application.RunAsync(this, _hangup.Token);
        }
        catch (OperationCanceledException)
        {
            // The call left the script behind.
        }
        catch (Exception broken) // The mailbox's catch-all, reached by way of the script: this call ends, the server does not.
        {
            fault = broken;
        }

        _call.Tell(new CallMessage.ScriptEnded(this, fault));
    }
}

/// <summary>Digits as they come in, and when they are enough.</summary>
internal sealed record DigitReader(int Most, TimeSpan Wait, char End, bool Interrupts, TaskCompletionSource<string> Done)
{
    public string Digits { get; set; } = "";

    public CallTimer? Timer { get; set; }

    public bool IsComplete => Digits.Length >= Most;
}
