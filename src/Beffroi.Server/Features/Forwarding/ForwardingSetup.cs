// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Forwarding.Contract;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Forwarding;

/// <summary>Plugs in forwardings and do not disturb.</summary>
public static class ForwardingSetup
{
    public static void AddForwarding(this WebApplicationBuilder builder)
    {
        builder.Services.AddSchema<ForwardingSchema>();
        builder.Services.AddLoaded<ForwardingBook>();
        builder.Services.AddSingleton<IForwardings>(services => services.GetRequiredService<ForwardingBook>());
        builder.Services.AddSingleton<ForwardingCodes>();
        builder.Services.AddSingleton<IFeatureCodeService>(services => services.GetRequiredService<ForwardingCodes>());
        builder.Services.AddSingleton<ITelephoneForwardings>(services => services.GetRequiredService<ForwardingCodes>());
    }

    public static void MapForwarding(this WebApplication app) => ForwardingApi.Map(app);
}
