// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Beffroi.TestKit;
using Beffroi.TestKit.Peers;

namespace Beffroi.Load;

/// <summary>Debian's rtpengine without its kernel module: calls are made by the ng protocol (bencoded dictionaries over UDP).</summary>
public sealed partial class RtpengineRelay : IAsyncDisposable
{
    private readonly PeerFolder _folder = new("rtpengine");
    private readonly int _port = FreePorts.Next();
    private readonly UdpClient _control = new(new IPEndPoint(IPAddress.Loopback, 0));
    private ChildProcess? _process;
    private int _requests;

    public ProcessCost Cost() => ProcessCost.Of(_process!.Id);

    public async Task StartAsync()
    {
        _process = ChildProcess.Start("rtpengine",
            [
                "--foreground", "--table=-1", "--interface=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"--listen-ng=127.0.0.1:{_port}"), "--port-min=24000", "--port-max=59999",
                "--log-stderr", "--log-level=3", "--timeout=3600", $"--pidfile={_folder.File("pid")}",
            ], _folder.Path);
        await Ready.UdpAsync(_port, _process);
    }

    /// <summary>Makes calls between our ports and tells, for each of them, the relay's port to send to.</summary>
    public async Task<IReadOnlyList<RelayLeg>> CallAsync(int calls, int firstPort)
    {
        var legs = new List<RelayLeg>();
        for (var call = 0; call < calls; call++)
        {
            var (a, b) = (firstPort + 4 * call, firstPort + 4 * call + 2);
            var id = string.Create(CultureInfo.InvariantCulture, $"call{call}");
            var forB = await AskAsync(("call-id", id), ("command", "offer"), ("from-tag", "a"), ("sdp", Sdp(a)));
            var forA = await AskAsync(("call-id", id), ("command", "answer"), ("from-tag", "a"), ("sdp", Sdp(b)), ("to-tag", "b"));
            legs.Add(new RelayLeg(a, forA));
            legs.Add(new RelayLeg(b, forB));
        }
        return legs;
    }

    public async ValueTask DisposeAsync()
    {
        _control.Dispose();
        if (_process is not null)
        {
            await _process.StopAsync();
            await _process.DisposeAsync();
        }
        _folder.Dispose();
    }

    private static string Sdp(int port) => string.Create(CultureInfo.InvariantCulture,
        $"v=0\r\no=load 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n");

    /// <summary>Keys in alphabetical order, as bencode wants them.</summary>
    private async Task<int> AskAsync(params (string Key, string Value)[] words)
    {
        var dictionary = string.Concat(words.Select(word => string.Create(CultureInfo.InvariantCulture, $"{word.Key.Length}:{word.Key}{word.Value.Length}:{word.Value}")));
        var request = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"c{_requests++} d{dictionary}e"));
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        await _control.SendAsync(request, new IPEndPoint(IPAddress.Loopback, _port), limit.Token);
        var answer = Encoding.ASCII.GetString((await _control.ReceiveAsync(limit.Token)).Buffer);
        return MediaPort().Match(answer) is { Success: true } found
            ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"rtpengine answered {answer}");
    }

    [GeneratedRegex(@"m=audio (\d+)")]
    private static partial Regex MediaPort();
}
