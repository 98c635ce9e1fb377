// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Beffroi.Media.Sdp;

/// <summary>Writes RFC 8866: v o s i u e p c b t r z k a, then each m-line with i c b k a. One pass into a borrowed buffer: every call writes several.</summary>
internal ref struct SdpWriter
{
    private const string BeforeConnection = "iuep";
    private const string Times = "trz";

    private byte[] _buffer;
    private int _length;

    private SdpWriter(int capacity) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    internal static byte[] Write(SessionDescription description)
    {
        var writer = new SdpWriter(2048);
        try
        {
            writer.Session(description);
            return writer._buffer.AsSpan(0, writer._length).ToArray();
        }
        finally { ArrayPool<byte>.Shared.Return(writer._buffer); }
    }

    private void Session(SessionDescription description)
    {
        Line('v', "0");
        var origin = description.Origin;
        Line('o', origin.Username, " ", origin.SessionId, " ", origin.SessionVersion, " ", origin.NetworkType, " ", origin.AddressType, " ", origin.Address);
        Line('s', description.SessionName.Length == 0 ? "-" : description.SessionName);
        Others(description.OtherLines, static type => BeforeConnection.Contains(type, StringComparison.Ordinal));
        Common(description.Connection, description.Bandwidths);
        if (!HasTime(description.OtherLines)) Line('t', "0 0");
        Others(description.OtherLines, static type => Times.Contains(type, StringComparison.Ordinal));
        Others(description.OtherLines, static type => !Times.Contains(type, StringComparison.Ordinal) && !BeforeConnection.Contains(type, StringComparison.Ordinal));
        Attributes(description.Attributes);
        foreach (var media in description.Media) Media(media);
    }

    private void Media(MediaDescription media)
    {
        Add("m=");
        Add(media.Media);
        Add(" ");
        Add(media.Port);
        if (media.PortCount != 1)
        {
            Add("/");
            Add(media.PortCount);
        }
        Add(" ");
        Add(media.Protocol);
        foreach (var format in media.Formats)
        {
            Add(" ");
            Add(format);
        }
        Add("\r\n");
        Others(media.OtherLines, static type => type == 'i');
        Common(media.Connection, media.Bandwidths);
        Others(media.OtherLines, static type => type != 'i');
        Attributes(media.Attributes);
    }

    private void Common(SdpConnection? connection, ImmutableArray<SdpBandwidth> bandwidths)
    {
        if (connection is not null) Line('c', connection.NetworkType, " ", connection.AddressType, " ", connection.Address);
        foreach (var bandwidth in bandwidths) Line('b', bandwidth.Type, ":", bandwidth.Value);
    }

    private void Attributes(ImmutableArray<SdpAttribute> attributes)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Value is { } value) Line('a', attribute.Name, ":", value);
            else Line('a', attribute.Name);
        }
    }

    private void Others(ImmutableArray<SdpLine> lines, Func<char, bool> wanted)
    {
        foreach (var line in lines)
            if (wanted(line.Type)) Line(line.Type, line.Value);
    }

    private static bool HasTime(ImmutableArray<SdpLine> lines)
    {
        foreach (var line in lines)
            if (line.Type == 't') return true;
        return false;
    }

    private void Line(char type, params ReadOnlySpan<string> words)
    {
        Ensure(2);
        _buffer[_length++] = (byte)type;
        _buffer[_length++] = (byte)'=';
        foreach (var word in words) Add(word);
        Add("\r\n");
    }

    private void Add(string text)
    {
        Ensure(Encoding.UTF8.GetMaxByteCount(text.Length));
        _length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
    }

    private void Add(int number)
    {
        Ensure(11);
        number.TryFormat(_buffer.AsSpan(_length), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    private void Ensure(int more)
    {
        if (_buffer.Length - _length >= more) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _buffer.Length, _length + more));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
