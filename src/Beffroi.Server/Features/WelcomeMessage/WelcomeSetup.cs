// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Features.WelcomeMessage.Contract;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.WelcomeMessage;

/// <summary>Plugs in welcome messages.</summary>
public static class WelcomeSetup
{
    public static void AddWelcomeMessages(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IDemoPart, WelcomeDemo>();
        builder.Services.AddSchema<WelcomeSchema>();
        builder.Services.AddLoaded<WelcomeBook>();
        builder.Services.AddSingleton<IWelcomeMessages>(services => services.GetRequiredService<WelcomeBook>());
        builder.Services.AddSingleton<IWelcomeScripts, WelcomeScripts>();
        builder.Services.AddSingleton(services => new Lazy<IWelcomeMessages>(services.GetRequiredService<IWelcomeMessages>));
    }

    public static void MapWelcomeMessages(this WebApplication app) => WelcomeApi.Map(app);
}
