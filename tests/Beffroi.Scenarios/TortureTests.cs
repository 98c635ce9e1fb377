// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Beffroi.Scenarios.Peers;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Scenarios;

/// <summary>Each of the 49 messages of RFC 4475 gets from a running server what its section names, while two telephones go on talking.</summary>
/// <remarks>Who sends them has not proved who it is: what the RFC calls valid and a server could carry out ends in a challenge (401, 407).</remarks>
[Collection(nameof(RealPeers))]
public sealed partial class TortureTests
{
    private const string Domains = "--Sip:Domains=example.com;example.net;example.org;chair-dnrc.example.com;registrar.example.com;company.com";

    /// <summary>0: no answer. By TCP a message that does not become whole (clerr, baddn) is waited for in vain, and one without a length (inv2543) is refused.</summary>
    private static readonly (string Name, int Udp, int Tcp)[] Outcomes =
    [
        // §3.1.1, valid
        ("wsinv", 481, 481), ("intmeth", 501, 501), ("esc01", 407, 407), ("escnull", 401, 401), ("esc02", 501, 501), ("lwsdisp", 200, 200), ("longreq", 407, 407),
        ("dblreq", 401, 401), ("semiuri", 200, 200), ("transports", 200, 200), ("mpart01", 405, 405), ("unreason", 0, 0), ("noreason", 0, 0),
        // §3.1.2, invalid
        ("badinv01", 400, 400), ("clerr", 400, 0), ("ncl", 400, 400), ("scalar02", 400, 400), ("scalarlg", 0, 0), ("quotbal", 400, 400), ("ltgtruri", 400, 400),
        ("lwsruri", 400, 400), ("lwsstart", 400, 400), ("trws", 400, 400), ("escruri", 400, 400), ("baddate", 407, 407), ("regbadct", 401, 401), ("badaspec", 400, 400),
        ("baddn", 400, 0), ("badvers", 505, 505), ("mismatch01", 400, 400), ("mismatch02", 400, 400), ("bigcode", 0, 0),
        // §3.2, transactions
        ("badbranch", 200, 200),
        // §3.3, application
        ("insuf", 400, 400), ("unkscm", 416, 416), ("novelsc", 416, 416), ("unksm2", 401, 401), ("bext01", 420, 420), ("invut", 415, 415), ("regaut01", 401, 401),
        ("multi01", 400, 400), ("mcl01", 400, 400), ("bcast", 0, 0), ("zeromf", 200, 200), ("cparam01", 401, 401), ("cparam02", 401, 401), ("regescrt", 401, 401), ("sdp01", 406, 406),
        // §3.4, RFC 2543
        ("inv2543", 407, 400),
    ];

    [Fact]
    public async Task Every_message_of_rfc_4475_has_its_outcome_by_udp()
    {
        await using var town = await Town.OpenAsync(Domains);
        var call = await OngoingCall.BeginAsync(town);
        var answers = new ConcurrentQueue<string>();
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        using var usual = new UdpClient(new IPEndPoint(Sender, 5060));
        using var other = new UdpClient(new IPEndPoint(Sender, 5050));              // quotbal wants its answer there
        Task[] hearing = [HearAsync(usual, answers, limit.Token), HearAsync(other, answers, limit.Token)];
        foreach (var (name, _, _) in Outcomes) await usual.SendAsync(Told(name), new IPEndPoint(IPAddress.Loopback, town.SipPort));

        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (Outcomes.Any(one => one.Udp > 0 && StatusOf(one.Name, answers) == 0) && !limit.IsCancellationRequested) await look.WaitForNextTickAsync(CancellationToken.None);
        Assert.Equal(Outcomes.Select(one => (one.Name, one.Udp)), Outcomes.Select(one => (one.Name, StatusOf(one.Name, answers))));
        Assert.Contains("Unsupported: nothingSupportsThis, nothingSupportsThisEither", Answer("bext01", answers), StringComparison.Ordinal);
        Assert.Contains("Accept: application/sdp", Answer("invut", answers), StringComparison.Ordinal);
        Assert.DoesNotContain("NoOneKnowsThisScheme", Answer("regaut01", answers), StringComparison.Ordinal);
        await limit.CancelAsync();
        await Task.WhenAll(hearing);
        await call.GoesOnAsync();
    }

    [Fact]
    public async Task Every_message_of_rfc_4475_has_its_outcome_by_tcp()
    {
        await using var town = await Town.OpenAsync(Domains);
        var call = await OngoingCall.BeginAsync(town);
        var seen = new List<(string, int)>();
        foreach (var (name, _, _) in Outcomes)
        {
            using var connection = new TcpClient(new IPEndPoint(Sender, 0));
            await connection.ConnectAsync(IPAddress.Loopback, town.SipPort);
            var stream = connection.GetStream();
            await stream.WriteAsync(Rfc4475.Read(name));
            connection.Client.Shutdown(SocketShutdown.Send);                        // whoever waits for the rest of a message learns that none comes
            using var reader = new StreamReader(stream, Encoding.UTF8);
            using var limit = new CancellationTokenSource(TestTimeouts.Network);
            seen.Add((name, FinalStatus(await reader.ReadToEndAsync(limit.Token))));
        }

        Assert.Equal(Outcomes.Select(one => (one.Name, one.Tcp)), seen);
        await call.GoesOnAsync();
    }

    private static IPAddress Sender { get; } = IPAddress.Parse("127.0.0.40");

    /// <summary>Byte for byte, but for three that name the transaction of another: they would be taken for its retransmission.</summary>
    private static byte[] Told(string name) => name is "regescrt" or "cparam02" or "novelsc"
        ? Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(Rfc4475.Read(name)).Replace("z9hG4bKkdjuw", "z9hG4bKkdjux", StringComparison.Ordinal))
        : Rfc4475.Read(name);

    private static async Task HearAsync(UdpClient socket, ConcurrentQueue<string> answers, CancellationToken stop)
    {
        try
        {
            while (true) answers.Enqueue(Encoding.UTF8.GetString((await socket.ReceiveAsync(stop)).Buffer));
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>The final answer to a message: it repeats the Call-ID, or where there is none the branch.</summary>
    private static string Answer(string name, IEnumerable<string> answers)
    {
        var text = Encoding.UTF8.GetString(Rfc4475.Read(name));
        var id = CallId().Match(text) is { Success: true } found ? found.Groups[1].Value.Trim() : Branch().Match(text).Groups[1].Value;
        return answers.FirstOrDefault(answer => answer.Contains(id, StringComparison.Ordinal) && FinalStatus(answer) > 0) ?? "";
    }

    private static int StatusOf(string name, IEnumerable<string> answers) => FinalStatus(Answer(name, answers));

    private static int FinalStatus(string text) => Status().Match(text) is { Success: true } found ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex("^SIP/2.0 ([2-6][0-9][0-9]) ", RegexOptions.Multiline)]
    private static partial Regex Status();

    [GeneratedRegex(@"^(?:Call-ID|i)[ \t]*:\s*(\S[^\r]*)\r", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex CallId();

    [GeneratedRegex(";branch=([^;\r]+)")]
    private static partial Regex Branch();
}
