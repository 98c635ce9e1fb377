// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text;
using Beffroi.TestKit;

namespace Beffroi.Load;

/// <summary>Debian's Kamailio as a registrar and stateful, record-routing proxy, with the users in a table of its own memory.</summary>
public sealed class KamailioServer() : LoadedServer("Kamailio")
{
    /// <summary>Receiving processes: as many as the machine has cores.</summary>
    private static readonly int Children = Environment.ProcessorCount;

    public override async Task StartAsync(int users)
    {
        Users = [.. Enumerable.Range(20001, users).Select(number => number.ToString(CultureInfo.InvariantCulture)).Select(number => new LoadUser(number, number, $"secret{number}"))];
        var table = new StringBuilder("id(int,auto) key_name(string) key_type(int) value_type(int) key_value(string) expires(int)\n");
        foreach (var (index, user) in Users.Index()) table.Append(CultureInfo.InvariantCulture, $"{index + 1}:{user.UserName}:0:0:{user.Password}:0\n");
        Folder.Write("users", table.ToString());
        Folder.Write("version", "table_name(string) table_version(int)\nusers:2\n");
        var settings = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "kamailio", "kamailio.cfg"));
        var file = Folder.Write("kamailio.cfg", settings
            .Replace("@PORT@", SipPort.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@CHILDREN@", Children.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@FOLDER@", Folder.Path, StringComparison.Ordinal));
        Process = ChildProcess.Start("kamailio", ["-DD", "-E", "-m", "256", "-f", file, "-w", Folder.Path, "-Y", Folder.Path, "-P", Folder.File("pid")], Folder.Path);
        await Ready.UdpAsync(SipPort, Process);
    }
}
