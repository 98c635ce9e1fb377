// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text.Json;
using Beffroi.Media.Codecs;
using Beffroi.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Beffroi.Media.Tests.Streams;

public sealed class SnapshotTests
{
    [Fact]
    public void A_call_goes_on_in_another_process_on_the_same_ports_and_as_the_same_stream()
    {
        var first = FreePorts.NextRange(20);
        var options = new MediaOptions { Address = IPAddress.Loopback, FirstPort = first, LastPort = first + 19, Threads = 1 };
        void Same(MediaOptions o) => (o.FirstPort, o.LastPort) = (first, first + 19);
        string aliceText, bobText;
        Heard before;
        using var studio = new Studio(adjust: Same);
        var (alice, bob) = studio.Call(Studio.Pcma);
        alice.Negotiate(line => line with { RemoteRtp = new IPEndPoint(IPAddress.Loopback, 9) });       // only the latch knows the way
        studio.Settle();
        alice.Speak(8);
        bob.Speak(8);
        before = alice.Hear();
        studio.Settle();
        aliceText = JsonSerializer.Serialize(alice.Leg.Snapshot());
        bobText = JsonSerializer.Serialize(bob.Leg.Snapshot());
        alice.Leg.Close();                                                  // stands for the end of the first process
        bob.Leg.Close();
        studio.Settle();
        alice.HearAll();
        bob.HearAll();

        using var second = new MediaEngine(options, TimeProvider.System, NullLoggerFactory.Instance);
        Assert.True(second.TryRestoreLeg(JsonSerializer.Deserialize<MediaLegSnapshot>(aliceText)!, alice.Events, out var aliceLeg));
        Assert.True(second.TryRestoreLeg(JsonSerializer.Deserialize<MediaLegSnapshot>(bobText)!, bob.Events, out var bobLeg));
        Assert.Equal(alice.Leg.LocalRtp(), aliceLeg.LocalRtp());
        aliceLeg.Bridge(bobLeg);
        Studio.Measure(second.Threads[0]);
        Studio.Measure(second.Threads[0]);
        bob.Speak(8, [1, 2, 3]);
        var after = alice.Hear();
        Assert.Equal([1, 2, 3], after.Payload);
        Assert.Equal(before.Ssrc, after.Ssrc);
        Assert.InRange((ushort)(after.Sequence - before.Sequence), 1, 3000);
        Assert.InRange(after.Timestamp - before.Timestamp, 160u, 80_000u);
        alice.Speak(8, [4]);
        Assert.Equal([4], bob.Hear().Payload);
        Assert.False(second.TryRestoreLeg(JsonSerializer.Deserialize<MediaLegSnapshot>(aliceText)!, alice.Events, out _));
        aliceLeg.Close();
        bobLeg.Close();
    }

    [Fact]
    public void A_snapshot_of_a_silent_leg_can_be_played_to_at_once()
    {
        using var studio = new Studio(new ManualTime());
        var alice = studio.Phone(Studio.Pcma);
        studio.Settle();
        var snapshot = alice.Leg.Snapshot();
        alice.Leg.Close();
        studio.Settle();
        Assert.True(studio.Engine.TryRestoreLeg(snapshot, alice.Events, out var restored));
        restored.Play(AudioClip.Tone(440, TimeSpan.FromMilliseconds(20)), new PlayOptions());
        studio.Settle();
        studio.PassMs(40);
        Assert.Single(alice.HearAll());
        restored.Close();
    }
}
