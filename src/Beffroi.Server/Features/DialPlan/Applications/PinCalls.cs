// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DialPlan.Routing;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Features.DialPlan.Applications;

/// <summary>Calls that the PIN of their line opens. Three wrong PINs in a row, in one call or in several, close the line to such calls for a while.</summary>
/// <remarks>The PIN goes from the keys to its hash and nowhere else: neither logs nor the journal hold it.</remarks>
internal sealed class PinCalls(IDialPlans plans, PromptLibrary prompts, TimeProvider time)
{
    private const int Tries = 3, LongestPin = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>By extension; setting its PIN opens it again.</summary>
    public PinLock Lock { get; } = new(time, Tries);

    /// <summary>Asks for the PIN of <paramref name="by"/>, then goes on as <paramref name="then"/> says.</summary>
    public ICallApplication Script(Extension by, CallPlan then) => new Asked(this, by, then);

    private enum Answer
    {
        Right,
        Wrong,
        NotGiven,
        Locked,
    }

    private async Task<Answer> AskAsync(ICallContext call, Extension by)
    {
        var clip = prompts.Find("voicemail-enter-pin", call.Language);
        var said = call.PlayAsync(clip);
        var typed = await call.ReadDigitsAsync(LongestPin, clip.Duration + Patience);
        await said;
        if (typed.Length == 0) return Answer.NotGiven;
        if (!Lock.TryTake(by.Id, out var closes)) return Answer.Locked;       // closed by another call of the line
        if (await Pin.VerifyAsync(typed, plans.Line(by.Id)?.PinHash))
        {
            Lock.Right(by.Id);
            return Answer.Right;
        }

        return closes ? Answer.Locked : Answer.Wrong;
    }

    private sealed class Asked(PinCalls pins, Extension by, CallPlan then) : ICallApplication
    {
        public string Name => "call-with-pin";

        public async Task RunAsync(ICallContext call, CancellationToken hangup)
        {
            var answer = pins.Lock.IsLocked(by.Id) ? Answer.Locked : Answer.Wrong;
            if (answer == Answer.Wrong) await call.AnswerAsync();             // a line that is closed is told so before the answer
            while (answer == Answer.Wrong)
            {
                answer = await pins.AskAsync(call, by);
                call.Served("barring", Word(answer), by.Number);
                if (answer == Answer.Wrong) await pins.SayAsync(call, "voicemail-pin-wrong");
            }

            if (answer == Answer.Right)
            {
                await call.ContinueAsync(then);
                return;
            }

            await pins.SayAsync(call, answer == Answer.Locked ? "pin-locked" : "not-allowed");
            await call.EndAsync(answer == Answer.Locked ? Refusals.PinLocked : Refusals.WrongPin);
        }

        private static string Word(Answer answer) => answer switch
        {
            Answer.Right => "right-pin",
            Answer.Locked => "locked",
            Answer.NotGiven => "no-pin",
            _ => "wrong-pin",
        };
    }

    private Task SayAsync(ICallContext call, string prompt) => call.PlayAsync(prompts.Find(prompt, call.Language));
}
