// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media;
using Beffroi.Media.Codecs;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Sip.Messages;
using Beffroi.TestKit;

namespace Beffroi.Server.Tests.Features.DialPlan;

/// <summary>What a caller lives through, written down as a story: the stand-in for the call's mailbox, where scripts are tested alone.</summary>
internal sealed class ScriptedCall(TimeProvider time, CallParty caller, CallPlan plan) : ICallContext
{
    private readonly Queue<RingOutcome> _outcomes = new();
    private readonly Queue<string> _digits = new();

    /// <summary>What happened, in order.</summary>
    public List<string> Story { get; } = [];

    /// <summary>What services noted in the journal.</summary>
    public List<string> Deeds { get; } = [];

    /// <summary>How long the caller speaks when recorded; zero: hangs up at the beep.</summary>
    public TimeSpan Speaks { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>What the disk answers to the recording; null: it takes it all.</summary>
    public string? RecordingFails { get; set; }

    /// <summary>What happens when the caller is asked to dial something.</summary>
    public Func<Task> WhenAsked { get; set; } = () => Task.CompletedTask;

    public Guid CallId { get; } = Guid.NewGuid();

    public CallParty Caller => caller;

    public CallParty Called { get; private set; } = CallParty.Unknown;

    public string Dialled => "";

    public bool FromTrunk => caller.Kind == PartyKind.External;

    public IReadOnlyList<Diversion> Diversions { get; private set; } = [];

    public string Language { get; set; } = "fr";

    public DateTimeOffset Now => time.GetUtcNow();

    public TimeProvider Time => time;

    public CallParty? ParkedBy => null;

    /// <summary>What comes of the next ringing; "unreachable" when nothing was said. No answer takes the whole time of the ringing, on a clock moved by hand.</summary>
    public ScriptedCall Rings(RingResult result, int status = 480)
    {
        _outcomes.Enqueue(new RingOutcome(result, status));
        return this;
    }

    /// <summary>The next device rung answers 302.</summary>
    public ScriptedCall Deflects(string to)
    {
        _outcomes.Enqueue(new RingOutcome(RingResult.Deflected, 302, null, to));
        return this;
    }

    /// <summary>What the caller dials when asked.</summary>
    public ScriptedCall Dials(params string[] digits)
    {
        foreach (var one in digits) _digits.Enqueue(one);
        return this;
    }

    public async Task<ScriptedCall> LiveAsync()
    {
        await RunAsync(plan);
        return this;
    }

    /// <summary>Happens each time somebody is rung.</summary>
    public Action? Ringing { get; set; }

    /// <summary>How long each thing was that was played, by its name: recordings in two languages differ.</summary>
    public Dictionary<string, TimeSpan> Heard { get; } = [];

    public Task AnswerAsync() => Tell("answered");

    public Task PlayAsync(AudioClip clip, CancellationToken stop = default) => Tell($"hears {Path.GetFileNameWithoutExtension(clip.Name)}");

    public void PlayLoop(AudioClip clip)
    {
        Heard[Path.GetFileNameWithoutExtension(clip.Name)] = clip.Duration;
        Story.Add($"hears {Path.GetFileNameWithoutExtension(clip.Name)} again and again");
    }

    public void StopPlaying() => Story.Add("hears nothing");

    public Task<RecordingResult> RecordAsync(RecordingOptions options)
    {
        WavFile.Write(options.Path, new short[(int)(8000 * Speaks.TotalSeconds)], 8000);
        Story.Add($"speaks {Speaks.TotalSeconds} s of {options.MaxDuration.TotalSeconds}");
        return Task.FromResult(new RecordingResult(options.Path, RecordingEnd.LegClosed, Speaks, 0, null, default, RecordingFails));
    }

    public async Task<string> ReadDigitsAsync(int most, TimeSpan wait, char end = '#', bool interrupts = true)
    {
        await WhenAsked();
        return _digits.TryDequeue(out var digits) ? digits : "";
    }

    public Task<RingOutcome> RingAsync(RingRequest request, CancellationToken stop = default)
    {
        Story.Add($"rings {string.Join("+", request.Targets.Select(t => t.Party.Number))} for {request.Timeout.TotalSeconds} s{(request.WhileRinging is null ? "" : " with a message")}");
        foreach (var target in request.Targets) target.Channel?.Dispose();
        Ringing?.Invoke();
        if (!_outcomes.TryDequeue(out var outcome)) return Task.FromResult(new RingOutcome(RingResult.Unreachable, 480));
        if (outcome.Result == RingResult.NoAnswer && time is ManualTime clock) clock.Advance(request.Timeout);
        return Task.FromResult(outcome with { By = request.Targets[0].Party });
    }

    public Task RouteAsync(string number, Diversion? diversion = null, CallParty? onBehalfOf = null) =>
        Tell($"is routed to {number}{(diversion is null ? "" : $" after {diversion.From.Number}")}{(onBehalfOf is null ? "" : $" for {onBehalfOf.Number}")}");

    public async Task ContinueAsync(CallPlan next, Diversion? diversion = null)
    {
        if (diversion is not null)
        {
            Diversions = [.. Diversions, diversion];
            Story.Add($"diverted by {diversion.From.Number} ({diversion.Reason})");
        }

        await RunAsync(next);
    }

    public Task<ParkResult> ParkAsync(string slot, TimeSpan longest, Guid lot = default)
    {
        Story.Add($"parked at {slot}");
        return Task.FromResult(ParkResult.TimedOut);
    }

    public Task<bool> TakeAsync(Guid call, string from)
    {
        Story.Add($"takes the call of {from}");
        return Task.FromResult(true);
    }

    public Task EndAsync(Refusal? refusal = null) => Tell(refusal is null ? "ends" : $"ends {refusal.SipStatus} {refusal.Code}");

    public void Served(string service, string what, string which = "", TimeSpan length = default) => Deeds.Add($"{service} {what} {which}");

    public void Keep(IDisposable until) => until.Dispose();

    private Task RunAsync(CallPlan next)
    {
        if (next is CallPlan.Refused refused) return EndAsync(refused.Refusal);
        var run = (CallPlan.Run)next;
        Called = run.Called;
        return run.Application.RunAsync(this, CancellationToken.None);
    }

    private Task Tell(string what)
    {
        Story.Add(what);
        return Task.CompletedTask;
    }
}

/// <summary>Every extension has one telephone, and there are two trunks; channels are counted.</summary>
internal sealed class FakeLines : IExtensionPhones, ITrunkLines
{
    private static readonly NameAddress Somebody = new(SipUri.Of("x", "example.org"));

    /// <summary>Extensions without a registered device.</summary>
    public HashSet<string> Away { get; } = [];

    /// <summary>Channels of trunks that were not given back.</summary>
    public int Channels { get; private set; }

    /// <summary>What was shown to the last party rung.</summary>
    public CallerIdentity Shown { get; private set; }

    /// <summary>The last call out.</summary>
    public OutsideCall? Outside { get; private set; }

    public IReadOnlyList<RingTarget> TargetsOf(Extension extension, RingAs how)
    {
        Shown = how.Shown;
        return Away.Contains(extension.Number) ? [] : [Target(new CallParty(PartyKind.Internal, extension.Number, "") { Person = extension.PersonId })];
    }

    public IReadOnlyList<TrunkPreview> Preview(OutsideCall call) => [];

    public IEnumerable<RingTarget> For(OutsideCall call)
    {
        Outside = call;
        foreach (var trunk in new[] { "trunk-1", "trunk-2" })
        {
            Channels++;
            yield return Target(new CallParty(PartyKind.External, $"{trunk}:{call.Number.Reveal()}", "")) with { Channel = new Channel(this) };
        }
    }

    private static RingTarget Target(CallParty party) => new() { Party = party, Uri = SipUri.Of("x", "example.org"), From = Somebody, To = Somebody };

    private sealed class Channel(FakeLines lines) : IDisposable
    {
        public void Dispose() => lines.Channels--;
    }
}
