// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Soak;

/// <summary>One telephone's side of a call: what it does, and what it is told, in the order in which it was told.</summary>
/// <remarks>Threading: one story drives it; the stack tells it on its own threads.</remarks>
public sealed class Leg(Telephones all) : ISipSessionListener
{
    private readonly Channel<string> _told = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private SipSession? _session;
    private Voice? _voice;                  // under _gate
    private IPEndPoint? _server;            // under _gate
    private bool _over;                     // under _gate
    private int _version;

    public SipSession Session => _session ?? throw new InvalidOperationException("The leg has not begun.");

    /// <summary>Completes with the last word of the stack.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The kind of story it is in; empty when nobody is meant to hear it, such as a caller of a service.</summary>
    public string Story { get; set; } = "";

    public void Begin(SipSession session) => _session = session;

    public void Answers()
    {
        Session.Answer(Description());
        Speaks();
    }

    public void Holds() => Session.Offer(Description("sendonly"));

    public void Retrieves() => Session.Offer(Description());

    public void HangsUp() => Session.End();

    /// <summary>No more sound, and no more signalling: battery empty, cable cut.</summary>
    public void Vanishes()
    {
        lock (_gate)
        {
            if (_voice is not null) _voice.IsMuted = true;
        }
        all.Vanish(Session.CallId);
    }

    /// <summary>Waits until it is told something that begins with <paramref name="what"/>; other things before it are passed over.</summary>
    public async Task<string> SeesAsync(string what, TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        var last = "nothing";
        try
        {
            while (true)
            {
                var told = await _told.Reader.ReadAsync(limit.Token);
                if (told.StartsWith(what, StringComparison.Ordinal)) return told;
                if (told.StartsWith("ended", StringComparison.Ordinal)) throw new StoryException($"wants \"{what}\" and sees \"{last}\", then \"{told}\"");
                last = told;
            }
        }
        catch (OperationCanceledException) { throw new StoryException($"wants \"{what}\" and sees only \"{last}\""); }
    }

    public byte[] Description(string direction = "sendrecv") => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"v=0\r\no=- 1 {Interlocked.Increment(ref _version)} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {all.Sound.Port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"));

    /// <summary>Notes where the server wants our sound.</summary>
    public void Learn(ReadOnlyMemory<byte> sdp)
    {
        if (sdp.IsEmpty) return;
        var text = Encoding.ASCII.GetString(sdp.Span);
        var at = text.IndexOf("m=audio ", StringComparison.Ordinal);
        if (at < 0 || !int.TryParse(text.AsSpan(at + 8, text.IndexOf(' ', at + 8) - at - 8), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return;
        lock (_gate)
        {
            _server = new IPEndPoint(IPAddress.Loopback, port);
            if (_voice is not null) _voice.To = _server.Serialize();
        }
    }

    private void Speaks()
    {
        lock (_gate)
        {
            if (!_over && _server is not null) _voice ??= all.Sound.Begin(Story, _server);
        }
    }

    void ISipSessionListener.OnProgress(SipSession session, SipMessage response, ReadOnlyMemory<byte> sdp)
    {
        Learn(sdp);
        Tell($"progress {response.StatusCode}");
    }

    void ISipSessionListener.OnAccepted(SipSession session, SipMessage response, ReadOnlyMemory<byte> sdp)
    {
        Learn(sdp);
        Speaks();
        Tell("accepted");
    }

    void ISipSessionListener.OnRejected(SipSession session, int status, SipMessage? response) => Tell($"rejected {status}");

    void ISipSessionListener.OnAck(SipSession session, ReadOnlyMemory<byte> sdp) => Tell("ack");

    void ISipSessionListener.OnCancelled(SipSession session, SipMessage cancel) => Tell("cancelled");

    void ISipSessionListener.OnOffer(SipSession session, ReadOnlyMemory<byte> sdp, SipMessage request)
    {
        Learn(sdp);
        session.AcceptOffer(Description());
        Tell("offer");
    }

    void ISipSessionListener.OnAnswer(SipSession session, ReadOnlyMemory<byte> sdp)
    {
        Learn(sdp);
        Tell("answer");
    }

    void ISipSessionListener.OnOfferRefused(SipSession session, int status) => Tell($"offer refused {status}");

    void ISipSessionListener.OnRefer(SipSession session, SipRefer refer) => refer.Refuse(SipStatus.Decline);

    void ISipSessionListener.OnReferProgress(SipSession session, int status, bool final) => Tell(final ? $"referred {status}" : $"referring {status}");

    void ISipSessionListener.OnInfo(SipSession session, SipMessage info) => Tell("info");

    void ISipSessionListener.OnEnded(SipSession session, SessionEnd why, SipMessage? request)
    {
        lock (_gate)
        {
            _over = true;
            if (_voice is not null) all.Sound.End(_voice);
        }
        all.Return(session.CallId);
        Tell($"ended {why}");
        _ended.TrySetResult();
    }

    private void Tell(string what) => _told.Writer.TryWrite(what);
}
