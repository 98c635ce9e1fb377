// SPDX-License-Identifier: EUPL-1.2
using Beffroi.TestKit.Sound;

namespace Beffroi.TestKit.Peers;

/// <summary>A real softphone as a process: it says a tone and records what it hears. One call at a time unless the phone's own class says more.</summary>
public abstract class SoftPhone : IAsyncDisposable
{
    private protected SoftPhone(double tone) => Tone = tone;

    /// <summary>The frequency that this phone sends for the whole of a call, in Hz.</summary>
    public double Tone { get; }

    /// <summary>The UDP and TCP port on which it takes SIP.</summary>
    public int SipPort { get; private protected init; }

    /// <summary>Its address for calls without a server in between.</summary>
    public abstract string DirectUri { get; }

    /// <summary>Registers and waits for the registrar's yes.</summary>
    public abstract Task RegistersAsync();

    public abstract Task DialsAsync(string target);

    /// <summary>Waits for an incoming call.</summary>
    public abstract Task RingsAsync();

    /// <summary>Waits until the other side rings (180).</summary>
    public abstract Task HearsRingingAsync();

    public abstract Task AnswersAsync();

    /// <summary>Waits until the call stands.</summary>
    public abstract Task TalksAsync();

    public abstract Task HangsUpAsync();

    /// <summary>Waits for the end of the call, whoever ended it.</summary>
    public abstract Task SeesTheEndAsync();

    public abstract Task HoldsAsync();

    public abstract Task ResumesAsync();

    /// <summary>Blind transfer (RFC 3515).</summary>
    public abstract Task TransfersAsync(string target);

    public abstract Task DialsDigitsAsync(string digits);

    /// <summary>What it printed, for a failure's message.</summary>
    public abstract string Log { get; }

    /// <summary>What was heard until now in its last call.</summary>
    public abstract WavSound Recording { get; }

    /// <summary>Waits until the recording holds <paramref name="duration"/> of a tone; throws with what it holds when it does not come.</summary>
    public Task HearsAsync(double frequency, TimeSpan duration) => HearsAsync(frequency, reading => reading.Heard >= duration, $"{duration.TotalSeconds} s of {frequency} Hz");

    /// <summary>Waits until the recording holds <paramref name="duration"/> more of a tone than it does now: the sound goes on.</summary>
    public Task HearsMoreAsync(double frequency, TimeSpan duration)
    {
        var before = ToneMeter.Measure(Recording, frequency).Heard;
        return HearsAsync(frequency, reading => reading.Heard >= before + duration, $"{duration.TotalSeconds} s of {frequency} Hz after the first {before.TotalSeconds} s");
    }

    /// <summary>Waits until the recording holds <paramref name="duration"/> of sound that is not this tone: a prompt, music.</summary>
    public Task HearsOtherThanAsync(double frequency, TimeSpan duration) =>
        HearsAsync(frequency, reading => reading.Other >= duration, $"{duration.TotalSeconds} s of anything but {frequency} Hz");

    private async Task HearsAsync(double frequency, Func<ToneReading, bool> enough, string what)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        ToneReading? reading = null;
        try
        {
            while (await look.WaitForNextTickAsync(limit.Token))
            {
                reading = ToneMeter.Measure(Recording, frequency);
                if (enough(reading)) return;
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{this} did not hear {what}; it heard {Recording.Duration.TotalSeconds:0.0} s in all, {reading}.\n{Log}");
        }
    }

    public abstract ValueTask DisposeAsync();
}
