// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Beffroi.Sip.Transport;

/// <summary>A way to one peer, both directions: a connection, or a pair of UDP addresses (RFC 5626 §3.1). What arrives by it is answered by it.</summary>
/// <remarks>Threading: every member from any thread.</remarks>
public abstract class SipFlow
{
    private readonly Lock _closedLock = new();
    private readonly SipListenPoint? _listenPoint;
    private Action<SipFlow>? _closed;
    private string? _sentBy;
    private bool _isClosed;

    private protected SipFlow(long id, SipTransportKind kind, IPEndPoint local, IPEndPoint remote, SipListenPoint? listenPoint)
    {
        Id = id;
        Kind = kind;
        Local = local;
        Remote = remote;
        _listenPoint = listenPoint;
    }

    /// <summary>Never used twice while the server runs.</summary>
    public long Id { get; }

    public SipTransportKind Kind { get; }

    public IPEndPoint Local { get; }

    public IPEndPoint Remote { get; }

    /// <summary>A stream: no retransmissions (RFC 3261 §17), no size limit of 1,300 bytes (§18.1.1).</summary>
    public bool IsReliable => Kind.IsReliable();

    /// <summary>A UDP flow is open as long as its socket.</summary>
    public bool IsOpen => !Volatile.Read(ref _isClosed);

    /// <summary>The peer's certificate, checked against the trusted roots; null where none was asked for or given.</summary>
    public X509Certificate2? PeerCertificate { get; init; }

    /// <summary>The domain that an outbound TLS connection was opened for and its certificate names.</summary>
    public string? ServerName { get; init; }

    /// <summary>A registration or call stands on this connection: it is not closed for being idle (RFC 5626 §4.4, §5.4).</summary>
    public bool IsKept { get; set; }

    /// <summary>The transport to write in a Via header sent by this flow.</summary>
    public string ViaTransport => Kind.ViaToken();

    /// <summary>Host and port to write in Via and Contact: where a peer reaches us, so the listen point's advertised address and port,
    /// or the local address of this flow with the listen point's port.</summary>
    public string SentBy => _sentBy ??= _listenPoint?.SentBy(Local, Remote) ?? Local.ToString();

    /// <summary>Raised once, when the flow is gone; at once to who subscribes later.</summary>
    public event Action<SipFlow>? Closed
    {
        add
        {
            lock (_closedLock)
            {
                if (!_isClosed)
                {
                    _closed += value;
                    return;
                }
            }
            value?.Invoke(this);
        }
        remove
        {
            lock (_closedLock) _closed -= value;
        }
    }

    /// <summary>Sends one whole message. Never blocks, never throws.</summary>
    /// <returns>False when the flow is closed, its queue is full, or the kernel refused the datagram: the message is lost.</returns>
    public abstract bool Send(ReadOnlySpan<byte> message);

    /// <summary>Closes a connection once what is queued has been sent. Nothing for UDP.</summary>
    public abstract void Close();

    /// <summary>The addresses stay out of logs that show a flow.</summary>
    public override string ToString() => $"{ViaTransport} flow {Id}";

    /// <summary>True for the first caller.</summary>
    private protected bool MarkClosed()
    {
        Action<SipFlow>? told;
        lock (_closedLock)
        {
            if (_isClosed) return false;
            _isClosed = true;
            (told, _closed) = (_closed, null);
        }
        told?.Invoke(this);
        return true;
    }
}
