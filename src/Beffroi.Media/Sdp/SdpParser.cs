// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Beffroi.Media.Sdp;

/// <summary>Reads RFC 8866 from bytes, with bounds on everything that a peer can make large.</summary>
/// <remarks>Deviation: more lenient than the grammar where phones are known to sin: bare LF, a missing s= or t=, c= in each m-line only, blank lines at the end.</remarks>
internal static class SdpParser
{
    internal const int LongestDescription = 65535;
    internal const int MostLines = 4000;
    internal const int MostMedia = 64;
    private const int MostFormats = 128;

    internal static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SessionDescription? description, out SdpFault fault)
    {
        description = null;
        if (bytes.Length > LongestDescription)
        {
            fault = SdpFault.TooLong;
            return false;
        }
        var builder = new Builder();
        fault = builder.Take(bytes);
        if (fault != SdpFault.None) return false;
        description = builder.Build(out fault);
        return description is not null;
    }

    private sealed class Builder
    {
        private readonly Level _session = new();
        private readonly List<(MediaDescription Line, Level Level)> _media = [];
        private SdpOrigin? _origin;
        private string _name = "-";

        internal SdpFault Take(ReadOnlySpan<byte> bytes)
        {
            var lines = 0;
            while (!bytes.IsEmpty)
            {
                var end = bytes.IndexOf((byte)'\n');
                var line = (end < 0 ? bytes : bytes[..end]).TrimEnd((byte)'\r');
                bytes = end < 0 ? default : bytes[(end + 1)..];
                if (line.IsEmpty && (bytes.IsEmpty || bytes.IndexOfAnyExcept((byte)'\r', (byte)'\n') < 0)) break;
                if (lines++ >= MostLines) return SdpFault.TooManyLines;
                if (lines == 1 && !line.SequenceEqual("v=0"u8)) return SdpFault.NotSdp;
                if (line.Length < 2 || line[1] != '=' || line[0] is < (byte)'a' or > (byte)'z' || line.IndexOfAny((byte)'\0', (byte)'\r') >= 0) return SdpFault.BadLine;
                var fault = lines == 1 ? SdpFault.None : line[0] == 'a' ? TakeAttribute(line[2..]) : Take((char)line[0], Encoding.UTF8.GetString(line[2..]));
                if (fault != SdpFault.None) return fault;
            }
            return lines == 0 ? SdpFault.NotSdp : SdpFault.None;
        }

        internal SessionDescription? Build(out SdpFault fault)
        {
            fault = _origin is null ? SdpFault.NoOrigin : SdpFault.None;
            return _origin is null ? null : new SessionDescription
            {
                Origin = _origin,
                SessionName = _name,
                Connection = _session.Connection,
                Bandwidths = _session.Bandwidths,
                Attributes = _session.Attributes,
                OtherLines = _session.Others,
                Media = [.. _media.Select(media => media.Line with
                {
                    Connection = media.Level.Connection,
                    Bandwidths = media.Level.Bandwidths,
                    Attributes = media.Level.Attributes,
                    OtherLines = media.Level.Others,
                })],
            };
        }

        private Level Present => _media.Count == 0 ? _session : _media[^1].Level;

        private SdpFault TakeAttribute(ReadOnlySpan<byte> line)
        {
            Present.Add(SdpAttribute.Parse(line));
            return SdpFault.None;
        }

        private SdpFault Take(char type, string value)
        {
            var level = Present;
            switch (type)
            {
                case 'm':
                    return TakeMedia(value);
                case 'c':
                    var connection = SdpConnection.Parse(value);
                    level.Connection ??= connection;                       // several c= lines are layers of multicast (§5.7): the first stands for all
                    return connection is null ? SdpFault.BadConnection : SdpFault.None;
                case 'b':
                    level.Add(SdpBandwidth.Parse(value));
                    return SdpFault.None;
                case 'o' when _media.Count == 0:
                    _origin ??= SdpOrigin.Parse(value);
                    return _origin is null ? SdpFault.BadOrigin : SdpFault.None;
                case 's' when _media.Count == 0:
                    _name = value;
                    return SdpFault.None;
                case 'v' or 'o' or 's':
                    return SdpFault.BadLine;                               // twice, or below an m-line
                default:
                    level.Add(new SdpLine(type, value));
                    return SdpFault.None;
            }
        }

        /// <summary>RFC 8866 §5.14: <c>audio 49170/2 RTP/AVP 0 8 101</c>.</summary>
        private SdpFault TakeMedia(string value)
        {
            if (_media.Count >= MostMedia) return SdpFault.TooManyMedia;
            var words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 4 || words.Length > 3 + MostFormats) return SdpFault.BadMedia;
            var slash = words[1].IndexOf('/', StringComparison.Ordinal);
            var count = 1;
            if (slash >= 0 && !TryNumber(words[1].AsSpan(slash + 1), out count)) return SdpFault.BadMedia;
            if (!TryNumber(slash < 0 ? words[1] : words[1].AsSpan(0, slash), out var port)) return SdpFault.BadMedia;
            _media.Add((new MediaDescription { Media = words[0], Port = port, PortCount = count, Protocol = words[2], Formats = [.. words.AsSpan(3)] }, new Level()));
            return SdpFault.None;
        }

        private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= 65535;
    }

    /// <summary>What the session and each m-line have alike.</summary>
    private sealed class Level
    {
        public SdpConnection? Connection { get; set; }

        private List<SdpBandwidth>? _bandwidths;
        private List<SdpAttribute>? _attributes;
        private List<SdpLine>? _others;

        public ImmutableArray<SdpBandwidth> Bandwidths => _bandwidths is null ? [] : [.. _bandwidths];

        public ImmutableArray<SdpAttribute> Attributes => _attributes is null ? [] : [.. _attributes];

        public ImmutableArray<SdpLine> Others => _others is null ? [] : [.. _others];

        internal void Add(SdpBandwidth bandwidth) => (_bandwidths ??= []).Add(bandwidth);

        internal void Add(SdpAttribute attribute) => (_attributes ??= new(8)).Add(attribute);

        internal void Add(SdpLine line) => (_others ??= []).Add(line);
    }
}
