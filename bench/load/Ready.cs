// SPDX-License-Identifier: EUPL-1.2
using System.Net.NetworkInformation;
using Beffroi.TestKit;

namespace Beffroi.Load;

/// <summary>Waits, within <see cref="TestTimeouts.Start"/>, for a server to be there.</summary>
internal static class Ready
{
    internal static Task UdpAsync(int port, ChildProcess process) =>
        UntilAsync(() => Task.FromResult(IPGlobalProperties.GetIPGlobalProperties().GetActiveUdpListeners().Any(one => one.Port == port)), process);

    internal static async Task HttpAsync(string address, ChildProcess process, TimeSpan within)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        await UntilAsync(async () =>
        {
            try { return (await client.GetAsync(new Uri(address))).IsSuccessStatusCode; }
            catch (Exception early) when (early is HttpRequestException or TaskCanceledException) { return false; }
        }, process, within);
    }

    private static async Task UntilAsync(Func<Task<bool>> there, ChildProcess process, TimeSpan? within = null)
    {
        using var limit = new CancellationTokenSource(within ?? TestTimeouts.Start);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await there())
        {
            if (process.HasExited) throw new InvalidOperationException($"The server ended:\n{process.Output}");
            try { await look.WaitForNextTickAsync(limit.Token); }
            catch (OperationCanceledException) { throw new TimeoutException($"The server did not become ready:\n{process.Output}"); }
        }
    }
}
