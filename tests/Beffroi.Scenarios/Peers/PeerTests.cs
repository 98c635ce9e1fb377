// SPDX-License-Identifier: EUPL-1.2
using Beffroi.TestKit.Peers;
using Beffroi.TestKit.Sound;
using Xunit;

namespace Beffroi.Scenarios.Peers;

/// <summary>The real peers among themselves, without Beffroi: what fails here is the peer or its runner, not the server.</summary>
[Collection(nameof(RealPeers))]
public sealed class PeerTests
{
    private const double Low = 440, High = 1000;

    [Theory]
    [InlineData("PCMA")]
    [InlineData("PCMU")]
    [InlineData("G722")]
    public async Task Two_baresips_hear_each_other(string codec)
    {
        await using var alice = await Baresip.StartAsync(Nobody("alice"), Low, codec);
        await using var bob = await Baresip.StartAsync(Nobody("bob"), High, codec);
        await SpeakAsync(alice, bob);
    }

    [Theory]
    [InlineData("PCMA")]
    [InlineData("G722")]
    public async Task Baresip_and_linphone_hear_each_other(string codec)
    {
        await using var alice = await Baresip.StartAsync(Nobody("alice"), Low, codec);
        await using var bob = await Linphone.StartAsync(Nobody("bob"), High, codec);
        await SpeakAsync(alice, bob);
    }

    [Fact]
    public async Task Linphone_calls_baresip_over_tcp()
    {
        await using var alice = await Linphone.StartAsync(Nobody("alice", PhoneTransport.Tcp), Low, "PCMU");
        await using var bob = await Baresip.StartAsync(Nobody("bob", PhoneTransport.Tcp), High, "PCMU");
        await SpeakAsync(alice, bob);
    }

    [Theory]
    [InlineData(PhoneTransport.Udp)]
    [InlineData(PhoneTransport.Tcp)]
    public async Task Phones_register_where_their_account_says(PhoneTransport transport)
    {
        await using var registrar = await Sipp.StartAsync(new SippPlan { Scenario = Scenario("registrar"), Transport = transport, Hold = TimeSpan.FromSeconds(3) });
        await using var other = await Sipp.StartAsync(new SippPlan { Scenario = Scenario("registrar"), Transport = transport, Hold = TimeSpan.FromSeconds(3) });
        await using var baresip = await Baresip.StartAsync(new PhoneAccount("1001", "secret", registrar.Port, transport), Low);
        await using var linphone = await Linphone.StartAsync(new PhoneAccount("1002", "secret", other.Port, transport), High);
        await baresip.RegistersAsync();
        await linphone.RegistersAsync();
        Assert.Contains("username=\"1001\"", (await registrar.EndsAsync()).Well().Messages, StringComparison.Ordinal);
        Assert.Contains("username=\"1002\"", (await other.EndsAsync()).Well().Messages, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PhoneTransport.Udp)]
    [InlineData(PhoneTransport.Tcp)]
    public async Task Sipp_calls_sipp(PhoneTransport transport)
    {
        await using var called = await Sipp.StartAsync(new SippPlan { Scenario = Scenario("called"), Calls = 5, Transport = transport });
        var caller = await Sipp.RunAsync(new SippPlan
        {
            Scenario = Scenario("caller"),
            Target = $"127.0.0.1:{called.Port}",
            Caller = "0199000001",
            Calls = 5,
            Transport = transport,
            Hold = TimeSpan.FromMilliseconds(100),
        });
        Assert.Equal(5, caller.Well().Successful);
        Assert.Equal(5, (await called.EndsAsync()).Well().Successful);
    }

    [Fact]
    public async Task A_failing_sipp_tells_what_failed()
    {
        await using var busy = await Sipp.StartAsync(new SippPlan { Scenario = Scenario("busy") });
        var caller = await Sipp.RunAsync(new SippPlan { Scenario = Scenario("caller"), Target = $"127.0.0.1:{busy.Port}", Caller = "0199000001" });
        Assert.Equal((1, 0, 1), (caller.ExitCode, caller.Successful, caller.Failed));
        Assert.Contains("486 Busy Here", caller.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sipp_echoes_what_a_phone_says()
    {
        await using var echo = await Sipp.StartAsync(new SippPlan { Scenario = Scenario("called"), Echo = true });
        await using var alice = await Baresip.StartAsync(Nobody("alice"), Low);
        await alice.DialsAsync($"sip:echo@127.0.0.1:{echo.Port}");
        await alice.TalksAsync();
        await alice.HearsAsync(Low, TimeSpan.FromSeconds(1));
        await alice.HangsUpAsync();
        (await echo.EndsAsync()).Well();
    }

    [Fact]
    public async Task Sipsak_gets_an_answer_from_a_phone_and_the_capture_shows_it()
    {
        await using var phone = await Baresip.StartAsync(Nobody("alice"), Low);
        await using var capture = await Capture.StartAsync(phone.SipPort);
        var (code, output) = await Sipsak.OptionsAsync($"sip:alice@127.0.0.1:{phone.SipPort}", phone.SipPort);
        Assert.True(code == 0, output);
        var packets = await capture.ReadAsync("sip", "sip.Method", "sip.Status-Code");
        Assert.Contains(packets, line => line.StartsWith("OPTIONS", StringComparison.Ordinal));
        Assert.Contains(packets, line => line.EndsWith("200", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(440, 1000)]
    [InlineData(1000, 440)]
    public void A_tone_is_found_and_another_is_not(double there, double absent)
    {
        var sound = WavSound.Sine(there, 8000, TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(2), ToneMeter.Measure(sound, there).Heard);
        Assert.InRange(ToneMeter.Measure(sound, there).Level, -9.5, -8.5);
        Assert.Equal(TimeSpan.Zero, ToneMeter.Measure(sound, absent).Heard);
    }

    internal static string Scenario(string name) => Path.Combine(AppContext.BaseDirectory, "sipp", name + ".xml");

    private static PhoneAccount Nobody(string name, PhoneTransport transport = PhoneTransport.Udp) => new(name, "", 0, transport);

    private static async Task SpeakAsync(SoftPhone caller, SoftPhone called)
    {
        await caller.DialsAsync(called.DirectUri);
        await called.RingsAsync();
        await caller.HearsRingingAsync();
        await called.AnswersAsync();
        await caller.TalksAsync();
        await called.HearsAsync(caller.Tone, TimeSpan.FromSeconds(1));
        await caller.HearsAsync(called.Tone, TimeSpan.FromSeconds(1));
        await caller.HangsUpAsync();
        await called.SeesTheEndAsync();
    }
}
