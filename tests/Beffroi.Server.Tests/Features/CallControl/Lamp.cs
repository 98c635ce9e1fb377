// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using System.Text;
using Beffroi.Sip.Authentication;
using Beffroi.Sip.Messages;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>A subscriber on a socket of its own, which answers each NOTIFY with 200.</summary>
internal sealed class Lamp(CallingTown town, Phone owner) : IDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly Queue<SipMessage> _notified = new();
    private uint _sequence;
    private SipMessage? _subscribed;

    public Phone Owner => owner;

    /// <summary>Waits for the last NOTIFY.</summary>
    public async Task<string> EndsAsync()
    {
        while (true)
        {
            var notify = _notified.Count > 0 ? _notified.Dequeue() : await NextAsync();
            if (notify is { IsRequest: true } && notify.Text(SipHeaderName.SubscriptionState) is { } state && state.StartsWith("terminated", StringComparison.Ordinal)) return state;
        }
    }

    /// <param name="body">What its owner's key asks for, in a package that knows that.</param>
    public async Task<int> SubscribesAsync(string number, string package, int expected = 200, string body = "")
    {
        var uri = $"sip:{number}@127.0.0.1:{town.Sip.Port}";
        var answer = await ProvedAsync(uri, package, Guid.NewGuid().ToString("N"), $"<{uri}>", body, owner);
        if (expected != 0) Assert.Equal(expected, answer.StatusCode);
        if (answer.StatusCode == 200) _subscribed = answer;
        return answer.StatusCode;
    }

    /// <summary>A key that is pressed: a SUBSCRIBE with a body inside the subscription, which must be proved.</summary>
    /// <param name="by">Whose secret proves it; left out: the owner's.</param>
    public async Task<int> PressesAsync(string package, string body, Phone? by = null)
    {
        var target = _subscribed!.Addresses(SipHeaderName.Contact).Single().Uri!.Reveal();
        return (await ProvedAsync(target, package, _subscribed.CallId, _subscribed.Text(SipHeaderName.To)!, body, by ?? owner)).StatusCode;
    }

    /// <summary>Waits for a NOTIFY whose body holds a word.</summary>
    public async Task<string> NotifiedAsync(string word)
    {
        while (true)
        {
            var notify = _notified.Count > 0 ? _notified.Dequeue() : await NextAsync();
            var body = Encoding.UTF8.GetString(notify.Body);
            if (notify is { IsRequest: true } && body.Contains(word, StringComparison.Ordinal)) return body;
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task<SipMessage> ProvedAsync(string uri, string package, string callId, string to, string body, Phone by)
    {
        await SendAsync(uri, package, callId, to, body, null);
        var challenge = await FinalAsync();
        Assert.Equal(401, challenge.StatusCode);
        Assert.True(DigestClient.TryAuthorize(challenge, "SUBSCRIBE", uri, by.Credentials!.Username, by.Credentials.Password, out var authorization));
        await SendAsync(uri, package, callId, to, body, authorization);
        return await FinalAsync();
    }

    private async Task<SipMessage> FinalAsync()
    {
        while (true)
        {
            var message = await NextAsync();
            if (message.IsRequest) _notified.Enqueue(message);
            else if (message.StatusCode >= 200) return message;
        }
    }

    private async Task<SipMessage> NextAsync()
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        while (true)
        {
            var datagram = await _socket.ReceiveAsync(limit.Token);
            if (!SipMessage.TryParse(datagram.Buffer, out var message, out _) || message is null) continue;
            if (message.IsRequest) await _socket.SendAsync(SipResponses.Write(message, 200, null, "lamp", []), datagram.RemoteEndPoint);
            return message;
        }
    }

    private async Task SendAsync(string uri, string package, string callId, string to, string body, SipHeader? authorization)
    {
        var own = (IPEndPoint)_socket.Client.LocalEndPoint!;
        var credentials = authorization is { } header ? $"Authorization: {header.Value}\r\n" : "";
        var text = $"SUBSCRIBE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {own};rport;branch=z9hG4bK{Guid.NewGuid():N}\r\nMax-Forwards: 70\r\n" +
            $"From: <sip:{owner.Number}@127.0.0.1>;tag=lamp\r\nTo: {to}\r\nCall-ID: {callId}\r\nCSeq: {++_sequence} SUBSCRIBE\r\nContact: <sip:{owner.Number}@{own}>\r\n" +
            $"Event: {package}\r\nExpires: 600\r\n{credentials}{(body.Length > 0 ? $"Content-Type: application/x-{package}+xml\r\n" : "")}Content-Length: {body.Length}\r\n\r\n{body}";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(text), town.Sip);
    }
}
