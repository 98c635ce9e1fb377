// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Beffroi.TestKit.Sound;

namespace Beffroi.TestKit.Peers;

/// <summary>A phone that speaks SIP over WebSocket (RFC 7118) and plain RTP in PCMA, written by hand upon .NET's client and nothing of the server's own SIP. Debian has no such phone;
/// those of browsers want DTLS.</summary>
/// <remarks>Threading: one test drives it; answers are sent by the receive loop. One call at a time.</remarks>
public sealed partial class WebSocketPhone : SoftPhone
{
    private readonly ClientWebSocket _socket = new();
    private readonly EventLog<string> _log = new();
    private readonly RtpTalk _talk;
    private readonly PhoneAccount _account;
    private readonly string _host = $"{Guid.NewGuid():N}.invalid";      // RFC 7118 §5: a browser has no address of its own
    private Task _receives = Task.CompletedTask;
    private int _sequence, _seen;

    /// <summary>The dialog: Call-ID, our and the peer's From or To as written in our requests, where requests go.</summary>
    private (string CallId, string Ours, string Theirs, string Target) _dialog;
    private string _invite = "";

    private WebSocketPhone(PhoneAccount account, double tone) : base(tone)
    {
        _account = account;
        _talk = new RtpTalk(tone);
    }

    public override string DirectUri => throw new NotSupportedException("A browser cannot be called without its server.");

    public override string Log => string.Join("\n\n", _log.All);

    public override WavSound Recording => _talk.Recording;

    public static async Task<WebSocketPhone> StartAsync(Uri server, PhoneAccount account, double tone)
    {
        var phone = new WebSocketPhone(account, tone);
        phone._socket.Options.AddSubProtocol("sip");
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        await phone._socket.ConnectAsync(server, limit.Token);
        if (phone._socket.SubProtocol != "sip") throw new InvalidOperationException($"The server chose the subprotocol '{phone._socket.SubProtocol}'.");
        phone._receives = phone.ReceiveAsync();
        return phone;
    }

    public override async Task RegistersAsync()
    {
        var address = $"<sip:{_account.User}@{_account.Domain}>";
        var answer = await AskAsync("REGISTER", $"sip:{_account.Domain}", $"{address};tag={Tag()}", address, Guid.NewGuid().ToString("N"), $"Contact: {Contact}\r\nExpires: 600\r\n", "");
        if (!answer.StartsWith("SIP/2.0 200 ", StringComparison.Ordinal)) throw new InvalidOperationException($"Not registered:\n{answer}");
    }

    public override async Task DialsAsync(string target)
    {
        var uri = $"sip:{target}@{_account.Domain}";
        var (from, callId) = ($"<sip:{_account.User}@{_account.Domain}>;tag={Tag()}", Guid.NewGuid().ToString("N"));
        var answer = await AskAsync("INVITE", uri, from, $"<{uri}>", callId, $"Contact: {Contact}\r\nContent-Type: application/sdp\r\n", Sdp());
        if (!answer.StartsWith("SIP/2.0 200 ", StringComparison.Ordinal)) throw new InvalidOperationException($"No call:\n{answer}");
        _dialog = (callId, from, Value(answer, "To"), ContactOf(answer));
        await SendAsync(Request("ACK", _dialog.Target, from, _dialog.Theirs, callId, _sequence, "", ""));
        _talk.SayTo(MediaOf(answer));
    }

    public override async Task RingsAsync()
    {
        _invite = await NextAsync(message => message.StartsWith("INVITE ", StringComparison.Ordinal), "INVITE");
        _dialog = (Value(_invite, "Call-ID"), $"{Value(_invite, "To")};tag={Tag()}", Value(_invite, "From"), ContactOf(_invite));
        await SendAsync(Response(_invite, "180 Ringing", "", ""));
    }

    public override Task HearsRingingAsync() => NextAsync(message => message.StartsWith("SIP/2.0 180 ", StringComparison.Ordinal), "180");

    public override async Task AnswersAsync()
    {
        await SendAsync(Response(_invite, "200 OK", "Content-Type: application/sdp\r\n", Sdp()));
        _talk.SayTo(MediaOf(_invite));
    }

    public override Task TalksAsync() => _invite.Length == 0 ? Task.CompletedTask : NextAsync(message => message.StartsWith("ACK ", StringComparison.Ordinal), "ACK");

    public override async Task HangsUpAsync()
    {
        var answer = await AskAsync("BYE", _dialog.Target, _dialog.Ours, _dialog.Theirs, _dialog.CallId, "", "");
        if (!answer.StartsWith("SIP/2.0 200 ", StringComparison.Ordinal)) throw new InvalidOperationException($"BYE was refused:\n{answer}");
    }

    public override Task SeesTheEndAsync() => NextAsync(message => message.StartsWith("BYE ", StringComparison.Ordinal), "BYE");

    public override Task HoldsAsync() => throw new NotSupportedException();

    public override Task ResumesAsync() => throw new NotSupportedException();

    public override Task TransfersAsync(string target) => throw new NotSupportedException();

    public override Task DialsDigitsAsync(string digits) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        using (var limit = new CancellationTokenSource(TestTimeouts.Farewell))
        {
            try { await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token); }
            catch (Exception gone) when (gone is WebSocketException or OperationCanceledException) { _socket.Abort(); }
        }
        await _receives;
        await _talk.DisposeAsync();
        _socket.Dispose();
    }

    public override string ToString() => $"WebSocket phone {_account.User}";

    private string Contact => $"<sip:{_account.User}@{_host};transport=ws>";

    /// <summary>A request and its final answer; a challenge is answered once (RFC 8760 would offer better than MD5; the town of the tests does not).</summary>
    private async Task<string> AskAsync(string method, string uri, string from, string to, string callId, string headers, string body)
    {
        var answer = await FinalAsync(method, Request(method, uri, from, to, callId, ++_sequence, headers, body));
        if (Challenge().Match(answer) is not { Success: true } challenge) return answer;
        if (method == "INVITE") await SendAsync(Request("ACK", uri, from, Value(answer, "To"), callId, _sequence, "", ""));
        var (realm, nonce, cnonce) = (Parameter(challenge.Value, "realm"), Parameter(challenge.Value, "nonce"), Tag());
        var response = Md5($"{Md5($"{_account.User}:{realm}:{_account.Password}")}:{nonce}:00000001:{cnonce}:auth:{Md5($"{method}:{uri}")}");
        var authorization = $"{(challenge.Groups[1].Value == "WWW" ? "" : "Proxy-")}Authorization: Digest username=\"{_account.User}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", "
            + $"response=\"{response}\", algorithm=MD5, cnonce=\"{cnonce}\", qop=auth, nc=00000001\r\n";
        return await FinalAsync(method, Request(method, uri, from, to, callId, ++_sequence, headers + authorization, body));
    }

    private async Task<string> FinalAsync(string method, string request)
    {
        var (from, sequence) = (_log.Count, $"{_sequence} {method}");
        await SendAsync(request);
        return await _log.FirstAsync(message => message.StartsWith("SIP/2.0 ", StringComparison.Ordinal) && message[8] != '1' && Value(message, "CSeq") == sequence,
            $"the answer to {sequence} at {this}", TestTimeouts.Network, from);
    }

    private async Task<string> NextAsync(Func<string, bool> wanted, string what)
    {
        var message = await _log.FirstAsync(wanted, $"{what} at {this}", TestTimeouts.Network, _seen);
        _seen = _log.All.ToList().IndexOf(message, _seen) + 1;
        return message;
    }

    private string Request(string method, string uri, string from, string to, string callId, int sequence, string headers, string body) =>
        $"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/WS {_host};branch=z9hG4bK{Tag()}\r\nMax-Forwards: 70\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {callId}\r\nCSeq: {sequence} {method}\r\n{headers}"
        + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    private string Response(string request, string status, string headers, string body) =>
        $"SIP/2.0 {status}\r\n{string.Concat(Vias().Matches(request).Select(via => via.Value))}From: {Value(request, "From")}\r\n"
        + $"To: {(request == _invite ? _dialog.Ours : Value(request, "To"))}\r\nCall-ID: {Value(request, "Call-ID")}\r\nCSeq: {Value(request, "CSeq")}\r\nContact: {Contact}\r\n{headers}"
        + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    private string Sdp() => string.Create(CultureInfo.InvariantCulture,
        $"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {_talk.Port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=ptime:20\r\n");

    private async Task SendAsync(string message)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[65536];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    if (part.MessageType == WebSocketMessageType.Close) return;
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                await TakeAsync(Encoding.UTF8.GetString(buffer, 0, length));
            }
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or ObjectDisposedException) { }
        finally { _log.Close(); }
    }

    /// <summary>Requests but INVITE and ACK are answered at once.</summary>
    private async Task TakeAsync(string message)
    {
        _log.Add(message);
        if (message.StartsWith("SIP/2.0 ", StringComparison.Ordinal) || message.StartsWith("ACK ", StringComparison.Ordinal) || message.StartsWith("INVITE ", StringComparison.Ordinal)) return;
        await SendAsync(Response(message, "200 OK", "", ""));
    }

    private static IPEndPoint MediaOf(string message) => new(IPAddress.Loopback, int.Parse(Media().Match(message).Groups[1].Value, CultureInfo.InvariantCulture));

    private static string ContactOf(string message) => Regex.Match(Value(message, "Contact"), "<([^>]+)>").Groups[1].Value;

    private static string Value(string message, string header) => Regex.Match(message, $"(?mi)^{header}: *([^\r\n]*)").Groups[1].Value;

    private static string Parameter(string challenge, string name) => Regex.Match(challenge, $"[ ,]{name}=\"([^\"]*)\"").Groups[1].Value;

    private static string Tag() => RandomNumberGenerator.GetHexString(12, lowercase: true);

    /// <summary>RFC 2617 §3.2.2: what browsers' phones and the town's telephones still speak.</summary>
#pragma warning disable CA5351 // the digest of SIP is MD5
    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351

    [GeneratedRegex("^(WWW|Proxy)-Authenticate: .*$", RegexOptions.Multiline)]
    private static partial Regex Challenge();

    [GeneratedRegex("^Via: [^\r\n]*\r\n", RegexOptions.Multiline)]
    private static partial Regex Vias();

    [GeneratedRegex("^m=audio (\\d+) ", RegexOptions.Multiline)]
    private static partial Regex Media();
}
