// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.HuntGroups;

/// <summary>Plugs in hunt groups.</summary>
public static class HuntGroupSetup
{
    public static void AddHuntGroups(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IDemoPart, HuntGroupDemo>();
        builder.Services.AddSchema<HuntGroupSchema>();
        builder.Services.AddLoaded<HuntGroupBook>();
        builder.Services.AddSingleton<IHuntGroups>(services => services.GetRequiredService<HuntGroupBook>());
        builder.Services.AddSingleton<INumberOwner>(services => services.GetRequiredService<HuntGroupBook>());
        builder.Services.AddSchema<HuntTurnSchema>();
        builder.Services.AddStateWriter<HuntTurnWriter>();
        builder.Services.AddLoaded<HuntDesk>();
        builder.Services.AddSingleton<IHuntGroupScripts>(services => services.GetRequiredService<HuntDesk>());
        builder.Services.AddSingleton<IHuntTurns, HuntTurns>();
        builder.Services.AddSingleton<IFeatureCodeService, HuntGroupCodes>();
    }

    public static void MapHuntGroups(this WebApplication app) => HuntGroupApi.Map(app);
}
