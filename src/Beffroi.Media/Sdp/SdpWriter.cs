// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Beffroi.Media.Sdp;

/// <summary>Writes RFC 8866: v o s i u e p c b t r z k a, then each m-line with i c b k a.</summary>
internal static class SdpWriter
{
    private const string BeforeConnection = "iuep";
    private const string Times = "trz";

    internal static byte[] Write(SessionDescription description)
    {
        var text = new StringBuilder(1024);
        Line(text, 'v', "0");
        Line(text, 'o', description.Origin.ToString());
        Line(text, 's', description.SessionName.Length == 0 ? "-" : description.SessionName);
        Others(text, description.OtherLines, type => BeforeConnection.Contains(type, StringComparison.Ordinal));
        if (description.Connection is { } connection) Line(text, 'c', connection.ToString());
        foreach (var bandwidth in description.Bandwidths) Line(text, 'b', bandwidth.ToString());
        if (!description.OtherLines.Any(line => line.Type == 't')) Line(text, 't', "0 0");
        Others(text, description.OtherLines, type => Times.Contains(type, StringComparison.Ordinal));
        Others(text, description.OtherLines, type => !Times.Contains(type, StringComparison.Ordinal) && !BeforeConnection.Contains(type, StringComparison.Ordinal));
        foreach (var attribute in description.Attributes) Line(text, 'a', attribute.ToString());
        foreach (var media in description.Media) Media(text, media);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Media(StringBuilder text, MediaDescription media)
    {
        text.Append("m=").Append(media.Media).Append(' ').Append(CultureInfo.InvariantCulture, $"{media.Port}");
        if (media.PortCount != 1) text.Append(CultureInfo.InvariantCulture, $"/{media.PortCount}");
        text.Append(' ').Append(media.Protocol);
        foreach (var format in media.Formats) text.Append(' ').Append(format);
        text.Append("\r\n");
        Others(text, media.OtherLines, type => type == 'i');
        if (media.Connection is { } connection) Line(text, 'c', connection.ToString());
        foreach (var bandwidth in media.Bandwidths) Line(text, 'b', bandwidth.ToString());
        Others(text, media.OtherLines, type => type != 'i');
        foreach (var attribute in media.Attributes) Line(text, 'a', attribute.ToString());
    }

    private static void Others(StringBuilder text, ImmutableArray<SdpLine> lines, Func<char, bool> wanted)
    {
        foreach (var line in lines)
            if (wanted(line.Type)) Line(text, line.Type, line.Value);
    }

    private static void Line(StringBuilder text, char type, string value) => text.Append(type).Append('=').Append(value).Append("\r\n");
}
