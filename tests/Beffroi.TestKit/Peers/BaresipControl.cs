// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Beffroi.TestKit.Peers;

/// <summary>An event that baresip tells, such as CALL_ESTABLISHED.</summary>
public sealed record BaresipEvent(string Type, string Peer, string Detail);

/// <summary>baresip's control connection (module ctrl_tcp): JSON in netstrings, commands out, events in.</summary>
/// <remarks>Threading: any thread; a command waits for its answer, so one at a time.</remarks>
internal sealed class BaresipControl : IDisposable
{
    private readonly TcpClient _client = new();
    private readonly EventLog<BaresipEvent> _events = new();
    private readonly EventLog<(bool Good, string Text)> _answers = new();
    private NetworkStream? _stream;

    internal EventLog<BaresipEvent> Events => _events;

    internal async Task OpenAsync(int port)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Start);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                await _client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), limit.Token);
                break;
            }
            catch (SocketException) { await pace.WaitForNextTickAsync(limit.Token); }
        }
        _stream = _client.GetStream();
        _ = ReadAsync(_stream);
    }

    internal async Task<string> CommandAsync(string command, string parameters = "")
    {
        var from = _answers.Count;
        var json = JsonSerializer.Serialize(new { command, @params = parameters, token = "t" });
        await _stream!.WriteAsync(Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetByteCount(json)}:{json},"));
        var (good, text) = await _answers.FirstAsync(_ => true, $"baresip's answer to {command}", TestTimeouts.Network, from);
        return good ? text : throw new InvalidOperationException($"baresip refused {command} {parameters}: {text}");
    }

    public void Dispose() => _client.Dispose();

    private async Task ReadAsync(NetworkStream stream)
    {
        var buffer = new List<byte>();
        var chunk = new byte[8192];
        try
        {
            while (await stream.ReadAsync(chunk) is > 0 and var read)
            {
                buffer.AddRange(chunk.AsSpan(0, read));
                while (TryTake(buffer, out var json)) Tell(json);
            }
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or SocketException) { }
        _events.Close();
        _answers.Close();
    }

    private static bool TryTake(List<byte> buffer, out byte[] json)
    {
        json = [];
        var colon = buffer.IndexOf((byte)':');
        if (colon < 0 || !int.TryParse(Encoding.ASCII.GetString([.. buffer[..colon]]), out var length) || buffer.Count < colon + length + 2) return false;
        json = [.. buffer[(colon + 1)..(colon + 1 + length)]];
        buffer.RemoveRange(0, colon + length + 2);
        return true;
    }

    private void Tell(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        string Text(string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        if (root.TryGetProperty("response", out _)) _answers.Add((root.TryGetProperty("ok", out var ok) && ok.GetBoolean(), Text("data")));
        else _events.Add(new BaresipEvent(Text("type"), Text("peeruri"), Text("param")));
    }
}
