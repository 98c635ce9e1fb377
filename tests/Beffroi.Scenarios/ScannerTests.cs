// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text.RegularExpressions;
using Beffroi.Scenarios.Peers;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Scenarios;

/// <summary>SIPVicious against the town: as it is delivered it answers such scanners nothing; with the guard open it does answer, and they still learn nothing but that a telephone
/// system is there. The open town is the control: what the scanners report there shows that they work, and that their silence elsewhere means something.</summary>
[Collection(nameof(RealPeers))]
public sealed partial class ScannerTests(ScannerTests.OpenGuard open) : IClassFixture<ScannerTests.OpenGuard>
{
    private const string Nobody = "199", UnknownIsAskedToo = "authentication request for an unknown extension";

    [Theory]
    [InlineData("REGISTER", "401")]
    [InlineData("INVITE", "407")]
    [InlineData("OPTIONS", "200")]
    public async Task A_scanner_that_is_answered_cannot_tell_extensions_that_exist_from_those_that_do_not(string method, string status)
    {
        string[] extensions = [Open.Accounts[0].Extension, Open.Accounts[1].Extension, Nobody];
        // A forced scan stops at an answer that it does not expect: one for each extension.
        var answers = await Task.WhenAll(extensions.Select(one => ScanAsync("svwar", Open, "--force", "--debug", "--maximumtime=5", "-e", one, "-m", method)));
        foreach (var (extension, output) in extensions.Zip(answers)) Assert.Equal(status, Assert.Single(Answers(output)[extension].Distinct()));

        var all = await ScanAsync("svwar", Open, "--maximumtime=5", "-e", string.Join(',', extensions), "-m", method);
        Assert.Contains("found nothing", all, StringComparison.Ordinal);
        Assert.Equal(status != "200", all.Contains(UnknownIsAskedToo, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_scanner_that_is_answered_finds_a_password_only_when_it_has_it()
    {
        var (user, password) = (Open.Accounts[0].SipUserName, Open.Accounts[0].SipPassword);
        using var words = new PasswordList(password);
        var found = await Task.WhenAll(
            ScanAsync("svmap", Open), ScanAsync("svcrack", Open, "-u", user, "-d", words.WithIt), ScanAsync("svcrack", Open, "-u", user, "-d", words.WithoutIt),
            ScanAsync("svcrack", Open, "-u", Nobody, "-d", words.WithIt));
        Assert.Contains($"127.0.0.1:{Open.SipPort} ", found[0], StringComparison.Ordinal);
        Assert.Contains($"| {password} ", found[1], StringComparison.Ordinal);
        Assert.Contains("found nothing", found[2], StringComparison.Ordinal);
        Assert.Contains("found nothing", found[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_known_scanner_is_answered_nothing_even_when_it_has_the_password()
    {
        await using var town = await Town.OpenAsync();
        using var words = new PasswordList(town.Accounts[0].SipPassword);
        var extensions = $"{town.Accounts[0].Extension},{town.Accounts[1].Extension},{Nobody}";
        var found = await Task.WhenAll(
            ScanAsync("svwar", town, "--force", "--debug", "--maximumtime=2", "-e", extensions, "-m", "REGISTER"),
            ScanAsync("svwar", town, "--force", "--debug", "--maximumtime=2", "-e", extensions, "-m", "INVITE"),
            ScanAsync("svwar", town, "--force", "--debug", "--maximumtime=2", "-e", extensions, "-m", "OPTIONS"),
            ScanAsync("svmap", town), ScanAsync("svcrack", town, "-u", town.Accounts[0].SipUserName, "-d", words.WithIt));
        Assert.All(found, output => Assert.Empty(Answers(output)));
        Assert.DoesNotContain("127.0.0.1:", found[3], StringComparison.Ordinal);
        Assert.DoesNotContain(town.Accounts[0].SipPassword, found[4], StringComparison.Ordinal);
    }

    private Town Open => open.Town;

    /// <summary>A run from a port of its own, so that no answer to another run's retransmissions gets in.</summary>
    private static async Task<string> ScanAsync(string scanner, Town town, params string[] arguments)
    {
        string Number(int port) => port.ToString(CultureInfo.InvariantCulture);
        return (await ChildProcess.RunAsync(scanner, ["-P", Number(FreePorts.Next()), "-p", Number(town.SipPort), .. arguments, "127.0.0.1"], TestTimeouts.Call)).Output;
    }

    /// <summary>The statuses that came back for each user, from what --debug prints.</summary>
    private static ILookup<string, string> Answers(string output) => Answer().Matches(output).ToLookup(answer => answer.Groups[2].Value, answer => answer.Groups[1].Value);

    [GeneratedRegex(@"SIP/2\.0 (\d{3}) (?:(?!SIP/2\.0 \d).)*?To: ""(\w+)""", RegexOptions.Singleline)]
    private static partial Regex Answer();

    /// <summary>A town whose guard lets everybody try for ever.</summary>
    public sealed class OpenGuard : IAsyncLifetime
    {
        public Town Town { get; private set; } = null!;

        public async Task InitializeAsync() => Town = await Town.OpenAsync("--Sip:Guard:Scanners=nobody-at-all", "--Sip:Guard:FailuresToBan=1000000");

        public Task DisposeAsync() => Town.DisposeAsync().AsTask();
    }

    private sealed class PasswordList(string password) : IDisposable
    {
        private readonly TestKit.Peers.PeerFolder _folder = new("words");

        public string WithIt => _folder.Write("with", $"secret\n{password}\n1234\n");

        public string WithoutIt => _folder.Write("without", "secret\n1234\n");

        public void Dispose() => _folder.Dispose();
    }
}
