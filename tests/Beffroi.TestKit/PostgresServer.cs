// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;

namespace Beffroi.TestKit;

/// <summary>A PostgreSQL of Debian's package in a folder and on a port of its own, for one test: made, stopped, started again, removed.</summary>
/// <remarks>PostgreSQL refuses to run as root: then it runs as the package's user <c>postgres</c>.</remarks>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly int _port;
    private bool _runs;

    private PostgresServer(string folder, int port) => (_folder, _port) = (folder, port);

    /// <summary>The connection string of a database that is empty at start.</summary>
    public string Connection => ConnectionTo("postgres");

    /// <summary>False: the package postgresql is not installed, and tests that need it say so.</summary>
    public static bool IsInstalled => Binaries is not null;

    private static string? Binaries => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Order().Select(version => Path.Combine(version, "bin")).LastOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;

    public static async Task<PostgresServer> StartAsync()
    {
        var server = new PostgresServer(Directory.CreateTempSubdirectory("beffroi-postgres-").FullName, FreePorts.Next());
        if (Environment.UserName == "root") await Must("chown", "postgres", server._folder);
        await RunAsync("initdb", "-D", server.Data, "-U", "beffroi", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        await server.RestartAsync();
        return server;
    }

    /// <summary>Makes one more empty database, for one of several tests that share the server.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> DatabaseAsync()
    {
        var name = $"d{Guid.NewGuid():N}";
        await RunAsync("createdb", "-h", "127.0.0.1", "-p", _port.ToString(CultureInfo.InvariantCulture), "-U", "beffroi", name);
        return ConnectionTo(name);
    }

    /// <summary>Starts it, again after <see cref="StopAsync"/>, with the same data.</summary>
    public async Task RestartAsync()
    {
        var options = string.Create(CultureInfo.InvariantCulture, $"-p {_port} -k {_folder} -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=16MB");
        await RunAsync("pg_ctl", "-D", Data, "-l", Path.Combine(_folder, "log"), "-w", "-t", "60", "-o", options, "start");
        _runs = true;
    }

    /// <summary>Ends it at once: open connections break, as when the machine is lost.</summary>
    public async Task StopAsync()
    {
        _runs = false;
        await RunAsync("pg_ctl", "-D", Data, "-w", "-t", "60", "-m", "immediate", "stop");
    }

    public async ValueTask DisposeAsync()
    {
        if (_runs) await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string ConnectionTo(string database) => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=beffroi;Database={database};Timeout=5");

    private string Data => Path.Combine(_folder, "data");

    private static Task RunAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(Binaries ?? throw new InvalidOperationException("Install the Debian package postgresql."), program);
        return Environment.UserName == "root" ? Must("runuser", ["-u", "postgres", "--", path, .. arguments]) : Must(path, arguments);
    }

    private static async Task Must(string program, params string[] arguments)
    {
        var (code, output) = await ChildProcess.RunAsync(program, arguments, TestTimeouts.Call);
        if (code != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}: {output}");
    }
}
