// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Threading.Channels;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.TestKit;

/// <summary>A flow without a network: what is sent by it is kept for the test.</summary>
public sealed class KeptFlow(SipTransportKind kind) : SipFlow(1, kind, new IPEndPoint(IPAddress.Loopback, kind.DefaultPort()), new IPEndPoint(IPAddress.Loopback, 40_000), null)
{
    private readonly Channel<SipMessage> _sent = Channel.CreateUnbounded<SipMessage>();

    public override bool Send(ReadOnlySpan<byte> message) => SipMessage.TryParse(message, out var parsed, out _) && _sent.Writer.TryWrite(parsed);

    public override void Close() => MarkClosed();

    /// <summary>The next message; waits for it.</summary>
    public async Task<SipMessage> NextAsync()
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        return await _sent.Reader.ReadAsync(limit.Token);
    }
}
