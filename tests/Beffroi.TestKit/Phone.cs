// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Timers;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit.Sound;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beffroi.TestKit;

/// <summary>A telephone on the wire: its own SIP stack and RTP socket on the loopback, told by the test what its user does.</summary>
public sealed class Phone : ISipCore, ISipSessionListener, IAsyncDisposable
{
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    private readonly SipTransportLayer _transport;
    private readonly TimingWheel _wheel = new(TimeProvider.System);
    private readonly UdpClient _rtp = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly List<string> _seen = [];
    private InboundInvite? _invite;
    private ushort _sequence;

    private const int EventPayload = 101;
    private const string EventKeys = "0123456789*#";

    private Phone(string number, SipTransportOptions options)
    {
        Number = number;
        _transport = new SipTransportLayer(options, TimeProvider.System, NullLoggerFactory.Instance);
        Stack = new SipStack(new SipStackOptions(), _transport, new NumericResolver(), _wheel, TimeProvider.System, NullLoggerFactory.Instance) { Core = this };
    }

    public string Number { get; }

    public SipStack Stack { get; }

    public SipTransportLayer Transport => _transport;

    /// <summary>Answers a request outside of calls itself, or says nothing to it; false: 200 is answered.</summary>
    public Func<ServerTransaction, bool>? Serves { get; set; }

    /// <summary>Answers an INVITE before the telephone rings; false: it rings.</summary>
    public Func<InboundInvite, bool>? Screens { get; set; }

    public SipSession? Session { get; private set; }

    /// <summary>The INVITE that came last.</summary>
    public SipMessage? Invited => _invite?.Request;

    /// <summary>The other calls of this telephone: what <see cref="Session"/> was before a second call began.</summary>
    public SipSession? Former { get; private set; }

    public IPEndPoint Address => _transport.ListenPoints[0].EndPoint;

    public SipUri Uri => SipUri.Of(Number, "127.0.0.1", Address.Port);

    /// <summary>The user of its address-of-record, where it is not the number: another organisation has that number too.</summary>
    public string? Account { get; set; }

    /// <summary>Answers challenges; null: none are answered.</summary>
    public DigestCredentials? Credentials { get; set; }

    /// <summary>What it speaks: payload type and encoding, as in an rtpmap.</summary>
    public (int Type, string Encoding) Codec { get; set; } = (8, "PCMA/8000");

    /// <summary>Further m-lines of its descriptions from now on.</summary>
    public string MoreMedia { get; set; } = "";

    /// <summary>Refuses a change of the session with this status; 0: accepts it.</summary>
    public int RefusesChanges { get; set; }

    /// <summary>The last description that came.</summary>
    public string Described { get; private set; } = "";

    /// <summary>Where the server asked for our sound, from its last description.</summary>
    public IPEndPoint? ServerRtp { get; private set; }

    /// <summary>Everything that happened, for a failing test's message.</summary>
    public IReadOnlyList<string> Seen => _seen;

    /// <param name="address">Another of 127/8, for who must not be taken for somebody else here.</param>
    public static Task<Phone> StartAsync(string number, string address = "127.0.0.1") =>
        StartAsync(number, new SipTransportOptions { Listen = [new SipListenOptions { Address = address, Port = 0 }] });

    internal static async Task<Phone> StartAsync(string number, SipTransportOptions options)
    {
        var phone = new Phone(number, options);
        phone._wheel.StartThread();
        await phone._transport.StartAsync(phone.Stack, CancellationToken.None);
        return phone;
    }

    public void Dials(string number, IPEndPoint server, params SipHeader[] headers) => Dials(SipUri.Of(number, "127.0.0.1", server.Port), server, headers);

    public void Dials(SipUri target, IPEndPoint server, params SipHeader[] headers)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(server);
        Calls(target, target, target.IsTel ? server : null, headers);
    }

    /// <param name="target">Request-URI, and where it goes unless <paramref name="at"/> says so.</param>
    public void Calls(SipUri target, SipUri to, IPEndPoint? at, params SipHeader[] headers)
    {
        Former = Session;
        Session = Stack.Invite(
            new OutboundInvite
            {
                Target = target,
                Targets = at is null ? null : [new SipTarget(SipTransportKind.Udp, at)],
                From = new NameAddress(SipUri.Of(Number, "127.0.0.1")),
                To = new NameAddress(to),
                Headers = headers,
                Credentials = Credentials,
                Sdp = Sdp(),
            },
            this);
    }

    /// <summary>Registers, or takes the registration back with 0 seconds.</summary>
    /// <returns>The final status.</returns>
    public async Task<SipOutcome> RegistersAsync(IPEndPoint server, int seconds = 600)
    {
        ArgumentNullException.ThrowIfNull(server);
        var done = new TaskCompletionSource<SipOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var address = new NameAddress(SipUri.Of(Account ?? Number, "127.0.0.1"));
        Stack.Send(
            new OutboundRequest
            {
                Method = SipMethod.Register,
                Target = SipUri.Of("", "127.0.0.1", server.Port),
                From = address,
                To = address,
                ContactUser = Number,
                Headers = [new SipHeader(SipHeaderName.Expires, seconds.ToString(System.Globalization.CultureInfo.InvariantCulture))],
                Credentials = Credentials,
            },
            outcome => done.TrySetResult(outcome));
        return await done.Task.WaitAsync(TestTimeouts.Network);
    }

    public void Answers()
    {
        Former = Session;
        Session = _invite!.Take(this);
        Learn(_invite.Sdp);
        Session.Answer(Sdp());
    }

    public void Rings(int status = 180)
    {
        Session = _invite!.Take(this);
        Session.Progress(status);
    }

    /// <summary>Rings and names the event packages that it takes: "talk" lets it be answered from afar.</summary>
    public void Rings(string allowEvents)
    {
        Session = _invite!.Take(this);
        Session.Progress(180, null, new SipHeader(SipHeaderName.AllowEvents, allowEvents));
    }

    public void AnswersRinging()
    {
        Learn(_invite!.Sdp);
        Session!.Answer(Sdp());
    }

    public void Refuses(int status, params SipHeader[] headers) => _invite!.Respond(status, null, headers);

    public void HangsUp() => Session!.End();

    public void Holds(string direction = "sendonly") => Session!.Offer(Sdp(direction));

    /// <summary>Waits for an event that begins with <paramref name="what"/>; others before it are passed over.</summary>
    public async Task<string> SeesAsync(string what)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        try
        {
            while (true)
            {
                var seen = await _events.Reader.ReadAsync(limit.Token);
                if (seen.StartsWith(what, StringComparison.Ordinal)) return seen;
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{Number} waited for \"{what}\" and saw: {string.Join(" | ", _seen)}");
        }
    }

    /// <summary>Sends one packet of sound, 20 ms.</summary>
    public void Speaks() => SendRtp(0x45);

    /// <summary>Sends sound until the other telephone has heard some of it.</summary>
    public async Task SpeaksToAsync(Phone other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var mark = (byte)(0x40 + (Number[^1] & 0x0F));
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        var heard = other.HearsAsync(mark, limit.Token);
        while (!heard.IsCompleted)
        {
            SendRtp(mark);
            await Task.WhenAny(heard, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token));
        }

        await heard;
    }

    /// <summary>Presses keys: each is a telephone event of 100 ms, with its end told three times (RFC 4733 §2.5.1.4).</summary>
    public void Presses(string keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (var key in keys)
        {
            var began = (uint)((_sequence + 1) * 160);
            for (var packet = 1; packet <= 6; packet++) SendEvent((byte)EventKeys.IndexOf(key, StringComparison.Ordinal), began, (ushort)(Math.Min(packet, 4) * 200), first: packet == 1, last: packet > 3);
        }
    }

    /// <summary>Waits for any sound at all: music, a prompt.</summary>
    public async Task HearsSomethingAsync()
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        SendRtp(0xD5);
        await _rtp.ReceiveAsync(limit.Token);
    }

    /// <summary>Waits for a telephone event (RFC 4733) of this key.</summary>
    public async Task HearsKeyAsync(char key)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        while (true)
        {
            var packet = (await _rtp.ReceiveAsync(limit.Token)).Buffer;
            if (packet.Length == 16 && (packet[1] & 0x7F) == EventPayload && EventKeys[packet[12]] == key) return;
        }
    }

    /// <summary>The sound that arrives from now on, until there is so much of it; PCMA, decoded.</summary>
    public async Task<WavSound> RecordsAsync(TimeSpan length)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        SendRtp(0xD5);
        var heard = new List<short>();
        while (heard.Count < length.TotalSeconds * 8000)
        {
            var packet = (await _rtp.ReceiveAsync(limit.Token)).Buffer;
            if (packet.Length > 12 && (packet[1] & 0x7F) == 8) heard.AddRange(packet[12..].Select(ALaw.Decode));
        }

        return new WavSound(8000, [.. heard]);
    }

    public void Drain()
    {
        while (_rtp.Available > 0)
        {
            IPEndPoint? from = null;
            _rtp.Receive(ref from);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        _wheel.Dispose();
        _rtp.Dispose();
        await Stack.DisposeAsync();
    }

    void ISipCore.OnInvite(InboundInvite invite)
    {
        if (Screens?.Invoke(invite) == true) return;
        _invite = invite;
        See($"invite {invite.Request.From.Uri?.User} {invite.Request.Text(SipHeaderName.Diversion)}");
    }

    void ISipCore.OnRequest(ServerTransaction transaction)
    {
        if (Serves?.Invoke(transaction) != true) transaction.Respond(200);
    }

    void ISipSessionListener.OnProgress(SipSession session, SipMessage response, ReadOnlyMemory<byte> sdp)
    {
        Learn(sdp);
        See($"progress {response.StatusCode}");
    }

    void ISipSessionListener.OnAccepted(SipSession session, SipMessage response, ReadOnlyMemory<byte> sdp)
    {
        Learn(sdp);
        See("accepted");
    }

    void ISipSessionListener.OnRejected(SipSession session, int status, SipMessage? response) => See($"rejected {status} {response?.Text(SipHeaderName.Reason)}".TrimEnd());

    void ISipSessionListener.OnAck(SipSession session, ReadOnlyMemory<byte> sdp) => See("ack");

    void ISipSessionListener.OnCancelled(SipSession session, SipMessage cancel) => See($"cancelled {cancel.Text(SipHeaderName.Reason)}");

    void ISipSessionListener.OnOffer(SipSession session, ReadOnlyMemory<byte> sdp, SipMessage request)
    {
        Learn(sdp);
        if (RefusesChanges > 0) session.RejectOffer(RefusesChanges);
        else session.AcceptOffer(Sdp());
        See("offer");
    }

    void ISipSessionListener.OnAnswer(SipSession session, ReadOnlyMemory<byte> sdp)
    {
        Learn(sdp);
        See($"answer {(Encoding.ASCII.GetString(sdp.Span).Contains("a=recvonly", StringComparison.Ordinal) ? "recvonly" : "other")}");
    }

    void ISipSessionListener.OnOfferRefused(SipSession session, int status) => See($"offer-refused {status}");

    void ISipSessionListener.OnRefer(SipSession session, SipRefer refer) => refer.Refuse(603);

    void ISipSessionListener.OnReferProgress(SipSession session, int status, bool final) => See($"refer {status}{(final ? " final" : "")}");

    void ISipSessionListener.OnInfo(SipSession session, SipMessage info) => See($"info {Encoding.ASCII.GetString(info.Body)}");

    void ISipSessionListener.OnEnded(SipSession session, SessionEnd why, SipMessage? request) => See($"ended {why} {request?.Text(SipHeaderName.Reason)}".TrimEnd());

    private void See(string what)
    {
        lock (_seen) _seen.Add(what);
        _events.Writer.TryWrite(what);
    }

    private void Learn(ReadOnlyMemory<byte> sdp)
    {
        if (sdp.IsEmpty) return;
        Described = Encoding.ASCII.GetString(sdp.Span);
        foreach (var line in Described.Split("\r\n"))
        {
            if (line.StartsWith("m=audio ", StringComparison.Ordinal)) ServerRtp = new IPEndPoint(IPAddress.Loopback, int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private byte[] Sdp(string direction = "sendrecv") => Encoding.ASCII.GetBytes(
        $"v=0\r\no=- 1 {++_version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {((IPEndPoint)_rtp.Client.LocalEndPoint!).Port} RTP/AVP {Codec.Type} {EventPayload}\r\n" +
        $"a=rtpmap:{Codec.Type} {Codec.Encoding}\r\na=rtpmap:{EventPayload} telephone-event/8000\r\na={direction}\r\n{MoreMedia}");

    private int _version;

    private void SendRtp(byte mark)
    {
        if (ServerRtp is null) return;
        var packet = new byte[172];
        packet[0] = 0x80;
        packet[1] = 8;
        packet[2] = (byte)(++_sequence >> 8);
        packet[3] = (byte)_sequence;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)(_sequence * 160));
        packet[11] = 1;
        packet.AsSpan(12).Fill(mark);
        _rtp.Send(packet, ServerRtp);
    }

    /// <param name="duration">Since the event began, in units of the 8 kHz clock.</param>
    private void SendEvent(byte code, uint began, ushort duration, bool first, bool last)
    {
        if (ServerRtp is null) return;
        var packet = new byte[16];
        packet[0] = 0x80;
        packet[1] = (byte)(first ? 0x80 | EventPayload : EventPayload);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), ++_sequence);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), began);
        packet[11] = 1;
        packet[12] = code;
        packet[13] = (byte)(last ? 0x80 | 10 : 10);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(14), duration);
        _rtp.Send(packet, ServerRtp);
    }

    private async Task HearsAsync(byte mark, CancellationToken stop)
    {
        while (true)
        {
            var packet = await _rtp.ReceiveAsync(stop);
            if (packet.Buffer.Length == 172 && packet.Buffer[100] == mark) return;
        }
    }

    /// <summary>Addresses in numbers only.</summary>
    public sealed class NumericResolver : ISipResolver
    {
        public ValueTask<IReadOnlyList<SipTarget>> ResolveAsync(SipUri uri, CancellationToken stop) =>
            ValueTask.FromResult<IReadOnlyList<SipTarget>>([new SipTarget(SipTransportKind.Udp, new IPEndPoint(IPAddress.Parse(uri.Host), uri.Port), null)]);
    }
}
