// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;

namespace Beffroi.TestKit.Peers;

/// <summary>Debian's sipsak: one OPTIONS, and the answer in full.</summary>
public static class Sipsak
{
    /// <returns>sipsak's exit code (0 for a 2xx) and all it printed: the answer with its headers.</returns>
    public static Task<(int ExitCode, string Output)> OptionsAsync(string uri, int port, PhoneTransport transport = PhoneTransport.Udp) =>
        ChildProcess.RunAsync("sipsak", ["-vvv", "-E", transport == PhoneTransport.Tcp ? "tcp" : "udp", "-H", "127.0.0.1", "-p", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "-s", uri], TestTimeouts.Network);
}
