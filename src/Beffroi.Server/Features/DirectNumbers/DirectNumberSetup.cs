// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Features.DirectNumbers.Contract;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.DirectNumbers;

/// <summary>Plugs in direct numbers.</summary>
public static class DirectNumberSetup
{
    public static void AddDirectNumbers(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IDemoPart, DirectNumberDemo>();
        builder.Services.AddSchema<DirectNumberSchema>();
        builder.Services.AddLoaded<DirectNumberBook>();
        builder.Services.AddSingleton<IDirectNumbers>(services => services.GetRequiredService<DirectNumberBook>());
    }

    public static void MapDirectNumbers(this WebApplication app) => DirectNumberApi.Map(app);
}
