// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Beffroi.Server.Platform.Configuration;

/// <summary>The settings that several parts share; a feature's own settings are read by the feature. All are documented in docs/guide/settings.md.</summary>
public sealed record ServerSettings
{
    /// <summary><c>Urls</c>: where HTTP and the WebSocket listen; default http://127.0.0.1:8080.</summary>
    public required IReadOnlyList<string> Urls { get; init; }

    /// <summary><c>Sip:Listen</c>: where SIP listens; default udp and tcp on 127.0.0.1:5060.</summary>
    public required IReadOnlyList<Uri> SipListen { get; init; }

    /// <summary><c>Sip:Domains</c>: host names that are ours beside the addresses listened on. The first one is the digest realm.</summary>
    public required IReadOnlyList<string> SipDomains { get; init; }

    /// <summary><c>Media:Address</c>: where RTP sockets are bound.</summary>
    public required IPAddress MediaAddress { get; init; }

    /// <summary><c>Media:Ports</c>: first and last RTP port; the first is even (RFC 3550 §11).</summary>
    public required (int First, int Last) MediaPorts { get; init; }

    /// <summary><c>Data:Folder</c>, as an absolute path; made with mode 0700 when missing.</summary>
    public required string DataFolder { get; init; }

    /// <summary><c>Data:MasterKey</c>: the file of the key under which everything is sealed; default master.key in the data folder.</summary>
    public required string MasterKeyFile { get; init; }

    /// <summary><c>Storage:Provider</c>: <c>sqlite</c> or <c>postgres</c>.</summary>
    public required string StorageProvider { get; init; }

    /// <summary><c>Storage:Connection</c>: a connection string; SQLite's default is beffroi.db in the data folder.</summary>
    public required string StorageConnection { get; init; }

    /// <summary><c>Demo:Users</c>: how many load users to make beside the demo town, extensions 20001 and up; 0 to 100,000.</summary>
    public required int DemoUsers { get; init; }

    /// <summary><c>Demo:Town</c>: whether an empty store gets the demo town; <c>./run</c> leaves it on.</summary>
    public required bool DemoTown { get; init; }

    /// <summary><c>Town:Zone</c>: the zone of exports and screens, IANA name; default Europe/Paris. The store has UTC.</summary>
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>The digest realm and the domain of the town's addresses (RFC 3261 §22.1): the first of <see cref="SipDomains"/>, else the first listen address.</summary>
    public string Realm => SipDomains.Count > 0 ? SipDomains[0] : SipListen[0].Host.Trim('[', ']');

    /// <exception cref="SettingsException">A value cannot be used.</exception>
    public static ServerSettings Read(Settings settings)
    {
        var folder = Path.GetFullPath(settings.Text("Data:Folder", "./data"));
        var provider = settings.OneOf("Storage:Provider", "sqlite", "sqlite", "postgres");
        var connection = settings.Optional("Storage:Connection");
        if (provider == "postgres" && connection is null)
            throw new SettingsException("Storage:Provider is postgres, so Storage:Connection must say where: Host=...;Database=...;Username=...");
        if (connection is not null) CheckConnection(provider, connection);
        var address = settings.Text("Media:Address", "127.0.0.1");
        var ports = settings.Range("Media:Ports", "20000-29999", 1024, 65535);
        var zone = settings.Text("Town:Zone", "Europe/Paris");
        if (ports.First % 2 != 0) throw Settings.Wrong("Media:Ports", $"{ports.First}-{ports.Last}", "a range that begins with an even port (RFC 3550 §11)");
        return new()
        {
            Urls = [.. settings.List("Urls", "http://127.0.0.1:8080").Select(WebAddress)],
            SipListen = [.. settings.List("Sip:Listen", "udp://127.0.0.1:5060;tcp://127.0.0.1:5060").Select(SipAddress)],
            SipDomains = [.. settings.List("Sip:Domains", "").Select(domain => HostName("Sip:Domains", domain))],
            MediaAddress = IPAddress.TryParse(address, out var ip) && ip.AddressFamily == AddressFamily.InterNetwork ? ip
                : throw Settings.Wrong("Media:Address", address, "an IPv4 address of this machine (Media:Address6 is the one for IPv6)"),
            MediaPorts = ports,
            DataFolder = MakeFolder(folder),
            MasterKeyFile = Path.GetFullPath(settings.Text("Data:MasterKey", Path.Combine(folder, "master.key"))),
            StorageProvider = provider,
            StorageConnection = connection ?? $"Data Source={Path.Combine(folder, "beffroi.db")}",
            DemoUsers = settings.Number("Demo:Users", 0, 0, 100_000),
            Zone = TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var known) ? known : throw Settings.Wrong("Town:Zone", zone, "a time zone such as Europe/Paris or Indian/Reunion"),
            DemoTown = settings.Flag("Demo:Town", true),
        };
    }

    private static string WebAddress(string text) =>
        Uri.TryCreate(text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https" ? text : throw Settings.Wrong("Urls", text, "web addresses such as http://127.0.0.1:8080");

    private static Uri SipAddress(string text)
    {
        const string Wanted = "addresses such as udp://127.0.0.1:5060;tcp://[::1]:5060;tls://0.0.0.0:5061";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("udp" or "tcp" or "tls") || !IPAddress.TryParse(uri.Host.Trim('[', ']'), out _) || uri.AbsolutePath.Length > 1)
            throw Settings.Wrong("Sip:Listen", text, Wanted);
        return uri.Port >= 0 ? uri : new UriBuilder(uri) { Port = uri.Scheme == "tls" ? 5061 : 5060 }.Uri;
    }

    /// <summary>A host as it may stand in a SIP URI (RFC 3261 §25.1), without a port.</summary>
    internal static string HostName(string key, string text) => Uri.CheckHostName(text) is not (UriHostNameType.Unknown or UriHostNameType.Basic)
        ? text : throw Settings.Wrong(key, text, "a host name such as mairie.example, or an IP address, without a port");

    /// <summary>Reads it as the store will; the sentence does not repeat it, for it may hold a password.</summary>
    private static void CheckConnection(string provider, string connection)
    {
        const string Key = "The setting Storage:Connection";
        try
        {
            if (provider == "postgres")
            {
                if (string.IsNullOrWhiteSpace(new NpgsqlConnectionStringBuilder(connection).Host)) throw new SettingsException($"{Key} names no host: write Host=...;Database=...;Username=...");
                return;
            }

            var file = new SqliteConnectionStringBuilder(connection).DataSource;
            if (file.Length == 0) throw new SettingsException($"{Key} names no file: write Data Source=/path/to/beffroi.db");
            if (!file.StartsWith(':') && !file.StartsWith("file:", StringComparison.OrdinalIgnoreCase) && !System.IO.Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file))))
                throw new SettingsException($"{Key} names a file in the folder {Path.GetDirectoryName(Path.GetFullPath(file))}, which does not exist: make it, or name another.");
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or OverflowException or KeyNotFoundException)
        {
            throw new SettingsException($"{Key} is no connection string of {provider} ({wrong.Message.ReplaceLineEndings(" ")}): correct it, or Storage:Provider.");
        }
    }

    private static string MakeFolder(string folder)
    {
        const int NoSpace = 28;
        try
        {
            if (!System.IO.Directory.Exists(folder)) System.IO.Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            using (File.Create(Path.Combine(folder, $".{Guid.NewGuid():N}"), 1, FileOptions.DeleteOnClose)) return folder;
        }
        catch (IOException full) when (full.HResult == NoSpace)
        {
            return folder;                      // a full disk does not stop the start: /health/ready says so
        }
        catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"The folder of Data:Folder, {folder}, cannot be made or written ({cannot.Message.ReplaceLineEndings(" ")}): name a folder that this user may write.");
        }
    }
}
