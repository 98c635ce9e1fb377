// SPDX-License-Identifier: EUPL-1.2
using System.Text.RegularExpressions;
using Beffroi.Scenarios.Peers;
using Beffroi.TestKit;
using Beffroi.TestKit.Peers;
using Beffroi.TestKit.Sound;
using Xunit;

namespace Beffroi.Scenarios;

/// <summary>Voicemail with real phones and a real mail server: leave a message, see the lamp, get the letter, listen with a PIN, delete. Keys travel in each of the three ways.</summary>
[Collection(nameof(RealPeers))]
public sealed partial class VoicemailTests(SharedTown shared) : IClassFixture<SharedTown>, IAsyncLifetime
{
    private const double Low = 440, High = 1600, Beep = 1000;
    private const string Consult = "*98", WrongPin = "9254", Pin = "4071";
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1);

    private Town Town => shared.Town;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Town.PhonesLeaveAsync();

    [Fact]
    public async Task A_message_lights_the_lamp_comes_by_mail_and_is_heard_and_deleted_by_phone()
    {
        const int Owner = 5;
        await OpenBoxAsync(Owner, "thomas.lefevre@saint-aubin.example");
        var (alice, thomas) = (await Town.BaresipAsync(0, Low), await Town.BaresipAsync(Owner, High));
        await thomas.SeesLampAsync(0, 0);

        await alice.DialsAsync(Town.Accounts[Owner].Extension);
        await thomas.RingsAsync();
        await thomas.HangsUpAsync();                                // busy: the call goes on to the box
        await thomas.SeesTheEndAsync();
        await alice.TalksAsync();
        await alice.HearsOtherThanAsync(Low, Enough);               // the greeting
        await alice.HearsAsync(Beep, TimeSpan.FromSeconds(0.2));
        await RecordsAsync(TimeSpan.FromSeconds(2));
        await alice.HangsUpAsync();

        await thomas.SeesLampAsync(1, 0);
        var letter = await shared.Mail.NextAsync();
        Assert.Equal("thomas.lefevre@saint-aubin.example", letter.Recipient);
        Assert.Contains("Message vocal de Nadia Belkacem (1001)", letter.Subject, StringComparison.Ordinal);
        Assert.Matches("(?m)^Message-ID: <[0-9a-f]{32}@saint-aubin.example>$", letter.Text);
        Assert.Contains("\nAuto-Submitted: auto-generated\n", letter.Text, StringComparison.Ordinal);
        Assert.True(letter.Sound is not null, letter.Text);
        Assert.InRange(ToneMeter.Measure(WavSound.Read(letter.Sound), Low).Heard, Enough, TimeSpan.FromSeconds(30));

        await thomas.DialsAsync(Consult);
        await thomas.TalksAsync();
        await thomas.DialsDigitsAsync($"{WrongPin}#{Pin}#");
        await thomas.HearsAsync(Low, Enough);
        await thomas.DialsDigitsAsync("2");                         // delete
        await thomas.SeesLampAsync(0, 0);
        await thomas.SeesTheEndAsync();
        Assert.Equal(1, await WrongPinsAsync(Owner));
    }

    [Fact]
    public async Task A_PIN_typed_in_SIP_INFO_opens_the_box()
    {
        const int Owner = 8;
        await OpenBoxAsync(Owner, "");
        var keys = $"{WrongPin}#{Pin}#".Select((key, place) => $"""
              <send retrans="500">
                <![CDATA[

                  INFO [next_url] SIP/2.0
                  Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
                  [routes]
                  Max-Forwards: 70
                  From: <sip:[caller]@127.0.0.1>;tag=[pid]c[call_number]
                  [last_To:]
                  Call-ID: [call_id]
                  CSeq: {place + 3} INFO
                  Content-Type: application/dtmf-relay
                  Content-Length: [len]

                  Signal={key}
                  Duration=160

                ]]>
              </send>
              <recv response="200"/>

            """);
        await ConsultsAsync(Owner, scenario => scenario.Replace(Keys, string.Concat(keys), StringComparison.Ordinal));
        Assert.Equal(1, await WrongPinsAsync(Owner));
    }

    [Fact]
    public async Task A_PIN_sounded_in_band_by_a_phone_without_telephone_event_opens_the_box()
    {
        const int Owner = 9;
        await OpenBoxAsync(Owner, "");
        using var folder = new PeerFolder("tones");
        WavSound.Keys($"{WrongPin}#{Pin}#").Write(folder.File("keys.wav"));
        var (code, output) = await ChildProcess.RunAsync("sox", [folder.File("keys.wav"), "-t", "al", folder.File("keys.al")], TestTimeouts.Network);
        Assert.True(code == 0, output);
        await ConsultsAsync(Owner, scenario => TelephoneEvent().Replace(scenario, "").Replace("8 0 101", "8", StringComparison.Ordinal)
            .Replace(Keys, $"<nop><action><exec rtp_stream=\"{folder.File("keys.al")},1,8\"/></action></nop>", StringComparison.Ordinal));
        Assert.Equal(1, await WrongPinsAsync(Owner));
    }

    private const string Keys = "<!-- keys -->";

    /// <summary>SIPp listens to the person's box as the person's phone; the server says goodbye.</summary>
    private async Task ConsultsAsync(int person, Func<string, string> withKeys)
    {
        using var folder = new PeerFolder("consult");
        var account = Town.Accounts[person];
        var outcome = await Sipp.RunAsync(new SippPlan
        {
            Scenario = folder.Write("consult.xml", withKeys(await File.ReadAllTextAsync(PeerTests.Scenario("consult")))),
            Target = $"127.0.0.1:{Town.SipPort}",
            Service = Consult,
            Caller = account.SipUserName,
            Fields = [SippPlan.Credentials(account.SipUserName, account.SipPassword)],
            Within = TestTimeouts.Call,
        });
        outcome.Well();
    }

    private async Task OpenBoxAsync(int person, string email)
    {
        var box = await Town.PostAsync("voicemail/boxes", new { organisationId = shared.Organisation, number = Town.Accounts[person].Extension, email, emailSound = email.Length > 0 });
        await Town.PutAsync($"voicemail/boxes/{box.GetProperty("id").GetString()}/pin", new { pin = Pin });
    }

    /// <summary>Waits until the only recording that runs has this length: 16-bit samples of 8 kHz.</summary>
    private async Task RecordsAsync(TimeSpan length)
    {
        var folder = new DirectoryInfo(Path.Combine(Town.DataFolder, "voicemail", "recording"));
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!folder.EnumerateFiles().Any(file => file.Length >= length.TotalSeconds * 8000 * 2)) await look.WaitForNextTickAsync(limit.Token);
    }

    private async Task<int> WrongPinsAsync(int person) => WrongPinNoted().Count(await shared.StepsAsync(Town.Accounts[person].Extension, Consult));

    [GeneratedRegex("\"wrong-pin\"")]
    private static partial Regex WrongPinNoted();

    [GeneratedRegex("^ *a=(?:rtpmap:101|fmtp:101|rtpmap:0).*\n", RegexOptions.Multiline)]
    private static partial Regex TelephoneEvent();
}
