// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net;

namespace Beffroi.TestKit.Peers;

/// <summary>A real name server (Debian's dnsmasq) on a free loopback port, with the records of one test.</summary>
public sealed class NameServer : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private NameServer(ChildProcess process, int port) => (_process, EndPoint) = (process, new IPEndPoint(IPAddress.Loopback, port));

    public IPEndPoint EndPoint { get; }

    /// <param name="records">Options of dnsmasq; names under <c>example.org</c>.</param>
    public static async Task<NameServer> StartAsync(params IEnumerable<string> records)
    {
        var port = FreePorts.Next();
        var process = ChildProcess.Start("/usr/sbin/dnsmasq",
        [
            "--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-", "--pid-file=", $"--user={Environment.UserName}",
            $"--port={port.ToString(CultureInfo.InvariantCulture)}", "--listen-address=127.0.0.1", "--bind-interfaces", "--no-resolv", "--no-hosts",
            "--local-ttl=60", "--local=/example.org/", .. records
        ]);
        await process.LineAsync("started", TestTimeouts.Start);
        return new NameServer(process, port);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
