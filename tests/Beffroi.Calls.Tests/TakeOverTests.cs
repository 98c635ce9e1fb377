// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media.Codecs;
using Beffroi.Media.Sdp;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Calls.Tests;

/// <summary>Calls that another process takes up (docs/adr/0005-take-over.md).</summary>
public sealed class TakeOverTests
{
    [Fact]
    public async Task Another_process_takes_up_a_conversation()
    {
        var first = await ExchangeBed.OpenAsync();
        await using var alice = await Phone.StartAsync("101");
        await using var bob = await Phone.StartAsync("102");
        var call = await first.TalkAsync(alice, bob);
        var written = await first.Exchange.WriteDownAsync(call);
        Assert.NotNull(written);
        var json = System.Text.Json.JsonSerializer.Serialize(written);
        await first.DieAsync();

        await using var second = await ExchangeBed.OpenAsync(first.Address.Port, first.FirstMediaPort);
        Assert.True(await second.Exchange.TakeUpAsync(System.Text.Json.JsonSerializer.Deserialize<CallSnapshot>(json)!, (_, _) => null));
        await alice.SpeaksToAsync(bob);
        await bob.SpeaksToAsync(alice);
        alice.Holds();
        await alice.SeesAsync("answer recvonly");
        alice.HangsUp();
        await bob.SeesAsync("ended Bye");
        Assert.Equal(CallOutcome.Answered, (await second.HappensAsync<CallCleared>()).Outcome);
        Assert.Equal(written.Sequence + 1, second.Events[0].Sequence);
        await second.IsCleanAsync();
    }

    [Fact]
    public async Task A_call_taken_up_keeps_its_trunk_channel_its_codecs_and_its_longest_duration()
    {
        var first = await ExchangeBed.OpenAsync();
        await using var alice = await Phone.StartAsync("101");
        await using var outside = await Phone.StartAsync("0199009999");
        using var channel = new Channel();
        var trunk = Guid.NewGuid();
        var codecs = CodecPolicy.Default with { Allowed = [AudioCodecs.Pcma], Video = false };
        first.Plan["0199009999"] = request => new CallPlan.Run(
            new ExchangeBed.Script(async (call, stop) => await call.RingAsync(new RingRequest
            {
                Targets = [ExchangeBed.Target(outside, request.Caller) with { Party = new CallParty(PartyKind.External, "0199009999", "") { Trunk = trunk }, Codecs = codecs, Channel = channel }],
                Timeout = TimeSpan.FromSeconds(30),
            }, stop)),
            new CallParty(PartyKind.External, "0199009999", ""))
        { MaxDuration = TimeSpan.FromSeconds(3) };
        alice.Dials("0199009999", first.Address);
        await outside.SeesAsync("invite");
        outside.Answers();
        await alice.SeesAsync("accepted");
        await alice.SpeaksToAsync(outside);
        var json = JsonSerializer.Serialize(await WrittenAsync(first, first.Exchange.Live.Single().Id));
        await first.DieAsync();

        using var again = new Channel();
        var asked = new List<Guid>();
        await using var second = await ExchangeBed.OpenAsync(first.Address.Port, first.FirstMediaPort);
        Assert.True(await second.Exchange.TakeUpAsync(JsonSerializer.Deserialize<CallSnapshot>(json)!, (_, _) => null, id =>
        {
            asked.Add(id);
            return again;
        }));
        Assert.Equal(trunk, Assert.Single(asked));
        var kept = (await second.Exchange.WriteDownAsync(second.Exchange.Live.Single().Id))!;
        Assert.Equal([AudioCodecs.Pcma], kept.Legs.Single(l => l.Party.Trunk == trunk).Codecs!.Allowed.ToArray());
        Assert.Equal(TimeSpan.FromSeconds(3), kept.MaxDuration);
        Assert.Contains("Q.850;cause=31", await alice.SeesAsync("ended Bye"), StringComparison.Ordinal);      // the exchange's own limit is 4 h
        await second.IsCleanAsync();
        Assert.True(again.IsBack);
    }

    [Fact]
    public async Task A_service_is_taken_up_where_its_script_says_and_one_that_nobody_knows_ends_the_call()
    {
        var first = await ExchangeBed.OpenAsync();
        await using var alice = await Phone.StartAsync("101");
        await using var bob = await Phone.StartAsync("102");
        var playing = new SemaphoreSlim(0);
        first.Runs("888", async (call, stop) =>
        {
            await call.AnswerAsync();
            playing.Release();
            await call.PlayAsync(AudioClip.Tone(500, TimeSpan.FromSeconds(60)), stop);
        }, "third message");
        foreach (var phone in new[] { alice, bob })
        {
            phone.Dials("888", first.Address);
            await phone.SeesAsync("accepted");
            Assert.True(await playing.WaitAsync(TestTimeouts.Network));
        }

        var written = new Dictionary<string, string>();
        foreach (var call in first.Exchange.Live.ToList()) written[call.Caller.Number] = JsonSerializer.Serialize(await WrittenAsync(first, call.Id));
        await first.DieAsync();

        await using var second = await ExchangeBed.OpenAsync(first.Address.Port, first.FirstMediaPort);
        var resumed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.True(await second.Exchange.TakeUpAsync(JsonSerializer.Deserialize<CallSnapshot>(written["101"])!, (name, checkpoint) => new ExchangeBed.Script(async (call, stop) =>
        {
            await call.PlayAsync(AudioClip.Tone(700, TimeSpan.FromMilliseconds(100)), stop);
            resumed.SetResult($"{name} at {checkpoint} for {call.Caller.Number}");
            await call.EndAsync();
        })));
        Assert.False(await second.Exchange.TakeUpAsync(JsonSerializer.Deserialize<CallSnapshot>(written["102"])!, (_, _) => null));
        Assert.Equal("test at third message for 101", await resumed.Task.WaitAsync(TestTimeouts.Network));
        await alice.SeesAsync("ended Bye");
        await bob.SeesAsync("ended Bye");
        await second.IsCleanAsync();
    }

    /// <summary>A call can be written down once its ACK has come.</summary>
    private static async Task<CallSnapshot> WrittenAsync(ExchangeBed bed, Guid call)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        while (true)
        {
            if (await bed.Exchange.WriteDownAsync(call) is { } written) return written;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
        }
    }

    private sealed class Channel : IDisposable
    {
        public bool IsBack { get; private set; }

        public void Dispose() => IsBack = true;
    }
}
