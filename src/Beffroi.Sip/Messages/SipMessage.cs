// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text;

namespace Beffroi.Sip.Messages;

/// <summary>A SIP request or response: its own copy of the bytes and an index of its header fields. Strings are made when asked for.</summary>
/// <remarks>
/// Threading: immutable once <see cref="Stamp"/> was called by the transport; the cached strings are benign races.
/// A parse allocates three objects: the message, its bytes, its index.
/// </remarks>
public sealed partial class SipMessage
{
    /// <summary>Offsets are 16 bits wide.</summary>
    public const int LargestMessage = ushort.MaxValue;

    private readonly byte[] _bytes;
    private readonly HeaderEntry[] _index;
    private readonly UInt128 _seen;
    private readonly StartLine _startLine;
    private readonly int _startLineLength;
    private readonly int _bodyStart;
    private readonly Piece _branch;
    private readonly Piece _fromTag;
    private readonly Piece _toTag;
    private readonly short _maxForwards;
    private IPEndPoint? _source;
    private string? _callId;
    private string? _fromTagText;
    private string? _toTagText;
    private SipUri? _requestUri;
    private NameAddress? _from;
    private NameAddress? _to;

    private SipMessage(byte[] bytes, in MessageHead head, in StartLine startLine, int bodyStart, in KeyFields keys)
    {
        _bytes = bytes;
        _index = head.Entries.ToArray();
        _seen = head.Seen;
        _startLine = startLine;
        _startLineLength = head.StartLineLength;
        _bodyStart = bodyStart;
        _branch = keys.Branch;
        _fromTag = keys.FromTag;
        _toTag = keys.ToTag;
        _maxForwards = keys.MaxForwards;
        CSeqNumber = keys.CSeqNumber;
        CSeqMethod = keys.CSeqMethod;
        Method = startLine.IsRequest ? SipMethods.Of(MethodToken) : keys.CSeqMethod;
    }

    public bool IsRequest => _startLine.IsRequest;

    /// <summary>The request's own method; of a response, the one in its CSeq.</summary>
    public SipMethod Method { get; }

    /// <summary>The method as on the wire; of a response, the one in its CSeq.</summary>
    public ReadOnlySpan<byte> MethodToken => IsRequest ? Span(0, _startLine.MethodLength) : CSeqToken(First(SipHeaderName.CSeq));

    public string MethodName => Method == SipMethod.Other ? Encoding.UTF8.GetString(MethodToken) : SipMethods.Text(Method);

    public ReadOnlySpan<byte> RequestUriText => Span(_startLine.UriStart, _startLine.UriLength);

    /// <summary>Null when its scheme is none of sip, sips, tel (answer 416), and on responses.</summary>
    public SipUri? RequestUri => _requestUri ?? (SipUri.TryParse(RequestUriText, out var uri) ? _requestUri = uri : null);

    /// <summary>0 on requests.</summary>
    public int StatusCode => _startLine.StatusCode;

    public string ReasonPhrase => IsRequest ? "" : SipText.Decode(Span(_startLine.ReasonStart, _startLineLength - _startLine.ReasonStart));

    /// <summary>The whole message, from its start line to the end of its body.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    public ReadOnlySpan<byte> Body => _bytes.AsSpan(_bodyStart);

    public ReadOnlyMemory<byte> BodyMemory => _bytes.AsMemory(_bodyStart);

    public string CallId => _callId ??= Encoding.UTF8.GetString(CallIdBytes);

    public ReadOnlySpan<byte> CallIdBytes => First(SipHeaderName.CallId);

    public uint CSeqNumber { get; }

    public SipMethod CSeqMethod { get; }

    /// <summary>Well-formed in every message that parsed without fault.</summary>
    /// <exception cref="FormatException">The message was returned with a fault that touches From.</exception>
    public NameAddress From => _from ??= Address(SipHeaderName.From);

    /// <inheritdoc cref="From"/>
    public NameAddress To => _to ??= Address(SipHeaderName.To);

    /// <summary>"" if there is none: RFC 2543 peers.</summary>
    public string FromTag => _fromTagText ??= _fromTag.Text(_bytes);

    /// <summary>"" if there is none: the request is outside a dialog.</summary>
    public string ToTag => _toTagText ??= _toTag.Text(_bytes);

    public ReadOnlySpan<byte> FromTagBytes => _fromTag.Of(_bytes);

    public ReadOnlySpan<byte> ToTagBytes => _toTag.Of(_bytes);

    /// <summary>The branch of the top Via; empty if it has none (RFC 2543).</summary>
    public ReadOnlySpan<byte> Branch => _branch.Of(_bytes);

    /// <summary>-1 if absent.</summary>
    public int MaxForwards => _maxForwards;

    /// <summary>The top Via, with received and rport once <see cref="Stamp"/> was called. Made anew at each call.</summary>
    public Via TopVia
    {
        get
        {
            if (!TryTopVia(out var bounds, out _)) return default;
            var via = bounds.ToVia();
            if (_source is null) return via;
            var received = SipWriter.NeedsReceived(bounds, _source) ? SipWriter.Unmapped(_source.Address).ToString() : null;
            return via with { Received = received, Rport = via.HasRport ? _source.Port : 0 };
        }
    }

    /// <summary>Where the transport saw the request come from; null before <see cref="Stamp"/>.</summary>
    public IPEndPoint? Source => _source;

    /// <summary>
    /// Remembers the source of a request, so that <see cref="TopVia"/> and every response written from it carry received (RFC 3261 §18.2.1) and
    /// rport (RFC 3581 §4). Called once, by the transport, before it hands the request on.
    /// </summary>
    public void Stamp(IPEndPoint source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (IsRequest) _source = source;
    }

    /// <summary>For logs: method or status and CSeq, nothing personal.</summary>
    public override string ToString() => IsRequest ? $"{MethodName} (CSeq {CSeqNumber})" : $"{StatusCode} to {MethodName} (CSeq {CSeqNumber})";

    internal bool TryTopVia(out ViaBounds bounds, out ReadOnlySpan<byte> rest)
    {
        var value = First(SipHeaderName.Via);
        var comma = new CommaScanner(value);
        comma.MoveNext();
        rest = value[Math.Min(comma.End, value.Length)..];
        return ViaBounds.TryScan(comma.Current, out bounds);
    }

    private ReadOnlySpan<byte> Span(int start, int length) => _bytes.AsSpan(start, length);

    private NameAddress Address(SipHeaderName name) =>
        NameAddress.TryParse(First(name), out var address) ? address : throw new FormatException($"The message has no well-formed {SipHeaderNames.Text(name)}.");
}
