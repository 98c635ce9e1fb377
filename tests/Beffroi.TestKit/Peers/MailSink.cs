// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Beffroi.TestKit.Peers;

/// <summary>A letter as it came over SMTP.</summary>
/// <param name="Recipient">Whom the envelope names.</param>
/// <param name="Sound">The attached WAV file, written beside; null: none.</param>
public sealed record Letter(string Text, string Recipient, string Subject, string? Sound);

/// <summary>Debian's aiosmtpd (package python3-aiosmtpd): takes every letter and keeps it in a Maildir.</summary>
/// <remarks>Threading: one test drives it.</remarks>
public sealed partial class MailSink : IAsyncDisposable
{
    private readonly PeerFolder _folder;
    private readonly ChildProcess _process;
    private readonly HashSet<string> _read = [];

    private MailSink(PeerFolder folder, ChildProcess process, int port) => (_folder, _process, Port) = (folder, process, port);

    public int Port { get; }

    private string New => Path.Combine(_folder.File("box"), "new");

    public static async Task<MailSink> StartAsync()
    {
        var folder = new PeerFolder("mail");
        var port = FreePorts.Next();
        var process = ChildProcess.Start("aiosmtpd",
            ["-n", "-c", "aiosmtpd.handlers.Mailbox", "-l", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), folder.File("box")], folder.Path);
        var sink = new MailSink(folder, process, port);
        using var limit = new CancellationTokenSource(TestTimeouts.Start);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await IsOpenAsync(port, limit.Token))
        {
            if (process.HasExited) throw new InvalidOperationException($"aiosmtpd ended:\n{process.Output}");
            await pace.WaitForNextTickAsync(limit.Token);
        }
        return sink;
    }

    /// <summary>The next letter, read or still to come.</summary>
    public async Task<Letter> NextAsync()
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (true)
            {
                var file = Directory.Exists(New) ? Directory.GetFiles(New).FirstOrDefault(one => !_read.Contains(one)) : null;
                if (file is not null)
                {
                    _read.Add(file);
                    return await ReadAsync(file);
                }
                await look.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) { throw new TimeoutException($"No letter came.\n{_process.Output}"); }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<bool> IsOpenAsync(int port, CancellationToken stop)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, stop);
            return true;
        }
        catch (SocketException) { return false; }
    }

    /// <summary>Enough of MIME (RFC 2045, 2047) for what a mail client shows: subject and an attached sound in base64.</summary>
    private async Task<Letter> ReadAsync(string file)
    {
        var text = (await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n");
        var recipient = Recipient().Match(text).Groups[1].Value;
        var subject = EncodedWord().Replace(Subject().Match(text).Groups[1].Value, word => word.Groups[1].Value is "B" or "b"
            ? Encoding.UTF8.GetString(Convert.FromBase64String(word.Groups[2].Value))
            : Uri.UnescapeDataString(word.Groups[2].Value.Replace('=', '%').Replace('_', ' ')));
        string? sound = null;
        if (Attachment().Match(text) is { Success: true } found)
        {
            sound = _folder.File($"{_read.Count}.wav");
            await File.WriteAllBytesAsync(sound, Convert.FromBase64String(found.Groups[1].Value.Replace("\n", "", StringComparison.Ordinal)));
        }
        return new Letter(text, recipient, subject, sound);
    }

    [GeneratedRegex("^X-RcptTo: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Recipient();

    [GeneratedRegex(@"^Subject: (.*(?:\n[ \t].*)*)", RegexOptions.Multiline)]
    private static partial Regex Subject();

    [GeneratedRegex(@"=\?utf-8\?([BbQq])\?([^?]*)\?=", RegexOptions.IgnoreCase)]
    private static partial Regex EncodedWord();

    [GeneratedRegex(@"^Content-Type: audio/wav(?:.*\n)+?\n([A-Za-z0-9+/=\n]+)", RegexOptions.Multiline)]
    private static partial Regex Attachment();
}
