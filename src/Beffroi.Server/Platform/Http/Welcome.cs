// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Platform.Http;

/// <summary>What the start prints for the person who started it, once it listens.</summary>
public static class Welcome
{
    public static async Task WelcomeAsync(this WebApplication app, TextWriter console)
    {
        var server = app.Services.GetRequiredService<ServerSettings>();
        var web = app.Urls.First().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "[::1]", StringComparison.Ordinal).TrimEnd('/');
        await console.WriteLineAsync($"Web: {web}/");
        if (app.MakeAdministratorLink() is { } code)
            await console.WriteLineAsync($"Administrator, once, within {AdministratorLink.Lifetime.TotalHours:0} hours: {web}/administrator-link?code={code}");
        await console.WriteLineAsync($"SIP: {string.Join(" ", server.SipListen.Select(u => $"{u.Scheme}:{u.Authority}"))} domain {server.Realm}");
        await console.FlushAsync();
    }
}
