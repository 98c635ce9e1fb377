// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Beffroi.Bench.Transport;

// CPU of the server process per OPTIONS request and its 200 over UDP on the loopback, through the transport alone:
//   dotnet run -c Release --project bench/transport [seconds per variant] [requests in flight]
// The client is a process of its own, so that its time is not counted.
if (args is ["client", var port, var inFlight])
{
    await RunClientAsync(int.Parse(port, CultureInfo.InvariantCulture), int.Parse(inFlight, CultureInfo.InvariantCulture));
    return;
}
var seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 4;
var window = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 16;
Console.WriteLine($"{"variant",-28}{"us/request",12}{"user",8}{"kernel",8}{"requests/s",12}{"bytes allocated",17}");
for (var round = 0; round < 3; round++)
{
    foreach (var name in Variants.Names) await MeasureAsync(name, seconds, window);
}

static async Task MeasureAsync(string name, int seconds, int window)
{
    await using var server = await Variants.StartAsync(name);
    var self = Environment.ProcessPath!;
    string[] arguments = [.. Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(Variants).Assembly.Location] : Array.Empty<string>(),
        "client", server.Port.ToString(CultureInfo.InvariantCulture), window.ToString(CultureInfo.InvariantCulture)];
    using var client = Process.Start(self, arguments);
    try
    {
        await Task.Delay(TimeSpan.FromSeconds(1.5), TimeProvider.System);              // compiled and warm
        using var process = Process.GetCurrentProcess();
        var (user, kernel) = (process.UserProcessorTime, process.PrivilegedProcessorTime);
        var (handled, allocated, clock) = (server.Handled, GC.GetTotalAllocatedBytes(), Stopwatch.StartNew());
        await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        process.Refresh();
        double count = server.Handled - handled;
        var (userUs, kernelUs) = ((process.UserProcessorTime - user).TotalMicroseconds / count, (process.PrivilegedProcessorTime - kernel).TotalMicroseconds / count);
        Console.WriteLine($"{name,-28}{userUs + kernelUs,12:0.00}{userUs,8:0.00}{kernelUs,8:0.00}{count / clock.Elapsed.TotalSeconds,12:0}{(GC.GetTotalAllocatedBytes() - allocated) / count,17:0}");
    }
    finally
    {
        client.Kill();
    }
}

static async Task RunClientAsync(int port, int inFlight)
{
    using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
    socket.ReceiveTimeout = 200;                                                        // a lost datagram is made good
    var request = Encoding.ASCII.GetBytes(
        "OPTIONS sip:mairie@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;rport;branch=z9hG4bK-524287-1---0d5f2c7b1a\r\nMax-Forwards: 70\r\n" +
        "Contact: <sip:101@127.0.0.1:5070>\r\nTo: <sip:mairie@saint-aubin.example>\r\nFrom: \"Accueil\" <sip:101@saint-aubin.example>;tag=8f3a2b1c\r\n" +
        "Call-ID: 84729-3f6b2a1c@127.0.0.1\r\nCSeq: 1 OPTIONS\r\nAccept: application/sdp\r\nUser-Agent: bench\r\nContent-Length: 0\r\n\r\n");
    var buffer = new byte[2048];
    for (var i = 0; i < inFlight; i++) socket.Send(request);
    while (true)
    {
        try { _ = socket.Receive(buffer); }
        catch (SocketException)
        {
            for (var i = 1; i < inFlight; i++) socket.Send(request);
        }
        socket.Send(request);
    }
}
