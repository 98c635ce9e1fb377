// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Media.Tests.Streams;

/// <summary>What a leg told its owner.</summary>
internal sealed class HeardEvents : IMediaLegListener
{
    private readonly BlockingCollection<RecordingResult> _recordings = [];

    internal ConcurrentQueue<(char Digit, DigitSource Source)> Digits { get; } = new();
    internal ConcurrentQueue<long> Finished { get; } = new();
    internal ConcurrentQueue<string> Unsendable { get; } = new();
    internal int Timeouts { get; private set; }
    internal int FirstPackets { get; private set; }

    internal string Keys => string.Concat(Digits.Select(d => d.Digit));

    internal RecordingResult Recording()
    {
        Assert.True(_recordings.TryTake(out var result, TestTimeouts.InProcess));
        return result;
    }

    /// <summary>When set, a digit holds the media thread up until the second event.</summary>
    internal (ManualResetEventSlim Entered, ManualResetEventSlim Leave)? Obstacle { get; set; }

    public void OnDigit(MediaLeg leg, char digit, DigitSource source)
    {
        Digits.Enqueue((digit, source));
        if (Obstacle is not { } obstacle) return;
        obstacle.Entered.Set();
        obstacle.Leave.Wait(TestTimeouts.InProcess);
    }

    public void OnPlayFinished(MediaLeg leg, long token) => Finished.Enqueue(token);

    public void OnRecordingFinished(MediaLeg leg, RecordingResult result) => _recordings.Add(result);

    public void OnMediaTimeout(MediaLeg leg) => Timeouts++;

    public void OnFirstPacket(MediaLeg leg) => FirstPackets++;

    public void OnDigitsNotSendable(MediaLeg leg, string digits) => Unsendable.Enqueue(digits);
}
