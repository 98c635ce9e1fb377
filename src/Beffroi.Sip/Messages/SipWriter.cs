// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;

namespace Beffroi.Sip.Messages;

/// <summary>Writes a message into a rented buffer. Dispose gives the buffer back; <see cref="ToArray"/> is the only allocation.</summary>
/// <remarks>A line break inside a value becomes a space: no value can end its line. Call <see cref="Body"/> last; it writes the empty line.</remarks>
public ref struct SipWriter
{
    private byte[] _buffer;
    private int _length;

    public SipWriter() : this(1024) { }

    public SipWriter(int sizeHint) => _buffer = ArrayPool<byte>.Shared.Rent(sizeHint);

    public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public void RequestLine(SipMethod method, string uri) => RequestLine(SipMethods.Text(method), uri);

    public void RequestLine(string method, string uri)
    {
        Value(method);
        Raw(" "u8);
        Value(uri);
        Raw(" SIP/2.0\r\n"u8);
    }

    /// <summary>Null takes the standard phrase.</summary>
    public void StatusLine(int status, string? reason = null)
    {
        Raw("SIP/2.0 "u8);
        Integer(status);
        Raw(" "u8);
        Value(reason ?? SipStatus.Phrase(status));
        Raw("\r\n"u8);
    }

    public void Header(SipHeaderName name, scoped ReadOnlySpan<byte> value)
    {
        Name(name);
        Value(value);
        Raw("\r\n"u8);
    }

    public void Header(SipHeaderName name, string value)
    {
        Name(name);
        Value(value);
        Raw("\r\n"u8);
    }

    public void Header(SipHeaderName name, int value)
    {
        Name(name);
        Integer(value);
        Raw("\r\n"u8);
    }

    public void Header(SipHeaderName name, NameAddress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Header(name, value.Reveal());
    }

    public void Header(in SipHeader header)
    {
        if (header.Name != SipHeaderName.Other)
        {
            Header(header.Name, header.Value);
            return;
        }
        if (string.IsNullOrEmpty(header.OtherName)) return;
        Value(header.OtherName);
        Raw(": "u8);
        Value(header.Value);
        Raw("\r\n"u8);
    }

    /// <summary>CSeq: number and method.</summary>
    public void CSeq(uint number, string method)
    {
        Name(SipHeaderName.CSeq);
        Integer(number);
        Raw(" "u8);
        Value(method);
        Raw("\r\n"u8);
    }

    /// <summary>Copies every such header of <paramref name="from"/> as bytes, in order; the top Via of a stamped request with received and rport.</summary>
    public void CopyHeaders(SipMessage from, SipHeaderName name)
    {
        ArgumentNullException.ThrowIfNull(from);
        if (!from.Has(name)) return;
        var stamp = name == SipHeaderName.Via && from.Source is not null;
        foreach (ref readonly var entry in from.Index)
        {
            if (entry.Id != name) continue;
            Name(name);
            if (stamp) StampedVia(from);
            else Raw(entry.Value(from.Bytes));
            stamp = false;
            Raw("\r\n"u8);
        }
    }

    /// <summary>Copies To and adds a tag to it, unless it has one or <paramref name="tag"/> is null.</summary>
    public void CopyTo(SipMessage from, string? tag)
    {
        ArgumentNullException.ThrowIfNull(from);
        if (!from.Has(SipHeaderName.To)) return;
        Name(SipHeaderName.To);
        Raw(from.First(SipHeaderName.To));
        if (tag is not null && from.ToTagBytes.IsEmpty)
        {
            Raw(";tag="u8);
            Value(tag);
        }
        Raw("\r\n"u8);
    }

    /// <summary>Content-Type (if there is a body), Content-Length, the empty line and the body.</summary>
    public void Body(string? contentType, scoped ReadOnlySpan<byte> body)
    {
        if (!body.IsEmpty && contentType is not null) Header(SipHeaderName.ContentType, contentType);
        Header(SipHeaderName.ContentLength, body.Length);
        Raw("\r\n"u8);
        Raw(body);
    }

    public readonly byte[] ToArray() => Written.ToArray();

    public void Dispose()
    {
        var buffer = _buffer;
        this = default;
        if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>RFC 3261 §18.2.1: received is due when sent-by is not the source address; RFC 3581 §4: and whenever rport stands there.</summary>
    internal static bool NeedsReceived(in ViaBounds via, IPEndPoint source)
    {
        if (via.HasRport) return true;
        Span<byte> text = stackalloc byte[64];
        return !Unmapped(source.Address).TryFormat(text, out var length) || !via.Host.Trim("[]"u8).SequenceEqual(text[..length]);
    }

    internal static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private void StampedVia(SipMessage from)
    {
        var source = from.Source!;
        var value = from.First(SipHeaderName.Via);
        if (!from.TryTopVia(out var via, out var rest))
        {
            Raw(value);
            return;
        }
        // Everything as it stands, but for the two parameters that are ours to say.
        var parametersStart = value.Length - rest.Length;
        if (!via.Parameters.IsEmpty && value.Overlaps(via.Parameters, out var offset)) parametersStart = offset;
        Raw(SipText.Trim(value[..parametersStart]));
        if (via.Malformed) Raw(via.Parameters);
        else
        {
            for (var scan = new ParameterScanner(via.Parameters); scan.MoveNext();)
                if (!Ascii.EqualsIgnoreCase(scan.Name, "received"u8) && !Ascii.EqualsIgnoreCase(scan.Name, "rport"u8))
                    Raw(via.Parameters[scan.Start..scan.End]);
        }
        if (NeedsReceived(via, source))
        {
            Raw(";received="u8);
            Span<byte> text = stackalloc byte[64];
            Unmapped(source.Address).TryFormat(text, out var length);
            Raw(text[..length]);
        }
        if (via.HasRport)
        {
            Raw(";rport="u8);
            Integer((uint)source.Port);
        }
        Raw(rest);
    }

    private void Name(SipHeaderName name)
    {
        Raw(SipHeaderNames.Wire(name));
        Raw(": "u8);
    }

    private void Integer(long value)
    {
        Reserve(20);
        value.TryFormat(_buffer.AsSpan(_length), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    private void Value(string text)
    {
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        var written = Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
        Flatten(_buffer.AsSpan(_length, written));
        _length += written;
    }

    private void Value(scoped ReadOnlySpan<byte> value)
    {
        var start = _length;
        Raw(value);
        Flatten(_buffer.AsSpan(start, value.Length));
    }

    private static void Flatten(Span<byte> value)
    {
        if (!SipText.HasLineBreak(value)) return;
        value.Replace((byte)'\r', (byte)' ');
        value.Replace((byte)'\n', (byte)' ');
    }

    private void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Reserve(int more)
    {
        if (_buffer.Length - _length >= more) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + more));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
