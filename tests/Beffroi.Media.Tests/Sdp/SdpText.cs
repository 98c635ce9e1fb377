// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text;
using Beffroi.Media.Sdp;
using Xunit;

namespace Beffroi.Media.Tests.Sdp;

/// <summary>Session descriptions as the tests write and compare them: m-lines and what follows, the head being always the same.</summary>
internal static class SdpText
{
    internal static readonly IPAddress Ours = IPAddress.Parse("198.51.100.1");

    internal static LocalMedia Local(params int[] ports) => new(Ours, [.. ports]);

    /// <summary>A peer's description; the connection is 192.0.2.10 unless the body brings its own.</summary>
    internal static SessionDescription Peer(string media, string connection = "c=IN IP4 192.0.2.10")
    {
        var text = $"v=0\r\no=alice 2890844526 2890844526 IN IP4 192.0.2.10\r\ns=-\r\n{connection}\r\nt=0 0\r\n" + media.ReplaceLineEndings("\r\n") + "\r\n";
        Assert.True(SessionDescription.TryParse(Encoding.UTF8.GetBytes(text.Replace("\r\n\r\n", "\r\n", StringComparison.Ordinal)), out var description, out var fault), fault.ToString());
        return description;
    }

    /// <summary>The m-lines of a description and all below them.</summary>
    internal static string MediaOf(SessionDescription? description)
    {
        Assert.NotNull(description);
        var text = description.ToString().ReplaceLineEndings("\n");
        return text[text.IndexOf("m=", StringComparison.Ordinal)..].TrimEnd('\n');
    }

    internal static void MediaIs(string expected, SessionDescription? description) => Assert.Equal(expected.ReplaceLineEndings("\n"), MediaOf(description));
}
