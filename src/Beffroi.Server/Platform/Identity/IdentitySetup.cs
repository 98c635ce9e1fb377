// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Platform.Identity;

/// <summary>Plugs in accounts, tokens, sign-in and the policies of <see cref="Access"/>.</summary>
public static class IdentitySetup
{
    public static void AddIdentity(this WebApplicationBuilder builder)
    {
        builder.Services.AddSchema<IdentitySchema>();
        builder.Services.AddLoaded<AccountStore>();
        builder.Services.AddSingleton<SignInLimiter>();
        builder.Services.AddSingleton<AdministratorLink>();
        builder.Services.AddSingleton<SessionService>();
        builder.Services.AddAuthenticationCore(options =>
        {
            options.AddScheme<BearerHandler>(BearerHandler.Name, null);
            options.DefaultScheme = BearerHandler.Name;
        });
        builder.Services.AddTransient<BearerHandler>();
        builder.Services.AddWebEncoders();
        builder.Services.AddAccess();
        builder.Services.AddJson(IdentityJson.Default);
        builder.Services.AddSingleton(new IdentitySettings(builder.Settings().Flag("Identity:AdministratorLink", false)));
    }

    public static void MapIdentity(this WebApplication app)
    {
        SessionApi.Map(app);
        AccountApi.Map(app);
    }

    /// <summary>The code of a new one-time link when nobody can administer, or when the settings ask for one; else null.</summary>
    public static string? MakeAdministratorLink(this WebApplication app) =>
        app.Services.GetRequiredService<IdentitySettings>().AlwaysLink || !app.Services.GetRequiredService<AccountStore>().HasAdministrator
            ? app.Services.GetRequiredService<AdministratorLink>().Make()
            : null;
}

/// <summary><c>Identity:AdministratorLink</c>: print a one-time link at start even when there is an administrator (a lost password).</summary>
internal sealed record IdentitySettings(bool AlwaysLink);
