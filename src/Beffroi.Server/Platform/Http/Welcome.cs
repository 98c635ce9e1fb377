// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Platform.Http;

/// <summary>What the start prints for the person who started it, once it listens.</summary>
public static class Welcome
{
    public static async Task WelcomeAsync(this WebApplication app, TextWriter console)
    {
        var server = app.Services.GetRequiredService<ServerSettings>();
        var web = app.Urls.First().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "[::1]", StringComparison.Ordinal).TrimEnd('/');
        await console.WriteLineAsync($"Web: {web}/");
        var store = app.Services.GetRequiredService<StoreState>();
        if (store.IsTakenUp)
        {
            if (AdministratorText(app, web) is { } text) await console.WriteLineAsync(text);
        }
        else
        {
            store.TakenUp += () => console.WriteLine($"Store: taken up.{(AdministratorText(app, web) is { } text ? "\n" + text : "")}");
            await console.WriteLineAsync(store.Source == StoreSource.Copy
                ? $"Store: does not answer ({store.Because}); calls are served from the copy of {store.CopyOf:u}."
                : $"Store: does not answer ({store.Because}), and there is no copy: nothing is served until it answers.");
        }

        await console.WriteLineAsync($"SIP: {string.Join(" ", server.SipListen.Select(u => $"{u.Scheme}:{u.Authority}"))} domain {server.Realm}");
        await console.FlushAsync();
    }

    private static string? AdministratorText(WebApplication app, string web) => app.MakeAdministratorLink() is { } code
        ? $"Administrator, once, within {AdministratorLink.Lifetime.TotalHours:0} hours: {web}/administrator-link?code={code}"
        : null;
}
