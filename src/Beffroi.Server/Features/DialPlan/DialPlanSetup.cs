// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Routing;
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Features.DialPlan.Applications;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DialPlan.Routing;
using Beffroi.Server.Platform.Live;
using Beffroi.Server.Platform.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Beffroi.Server.Features.DialPlan;

/// <summary>Plugs in the dial plan and its router.</summary>
public static class DialPlanSetup
{
    public static void AddDialPlan(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IDemoPart, DialPlanDemo>();
        builder.Services.AddSchema<DialPlanSchema>();
        builder.Services.AddLoaded<DialPlanBook>();
        builder.Services.AddLoaded<LineBook>();
        builder.Services.AddSingleton(services => new Lazy<LineBook>(services.GetRequiredService<LineBook>));
        builder.Services.AddLoaded<CallingClassBook>();
        builder.Services.AddLoaded<PrefixRouteBook>();
        builder.Services.AddSingleton<IDialPlans, DialPlans>();
        builder.Services.AddSingleton(services => new Lazy<IDialPlans>(services.GetRequiredService<IDialPlans>));
        builder.Services.AddSingleton<NumberCheck>();
        builder.Services.AddSingleton<INumberCheck>(services => services.GetRequiredService<NumberCheck>());
        builder.Services.AddHealth<NumberHealth>();
        builder.Services.AddSingleton<RoutingRules>();
        builder.Services.AddSingleton<DialPlanEngine>();
        builder.Services.AddSingleton<Explainer>();
        builder.Services.TryAddSingleton<IExtensionPhones, NoLines>();
        builder.Services.TryAddSingleton<ITrunkLines, NoLines>();
        builder.Services.AddSingleton<ILiveCalls, LiveCalls>();
        builder.Services.AddSingleton<IFeatureCodeService, PickupCodes>();
        builder.Services.AddSingleton<PinCalls>();
        builder.Services.AddSingleton<CallPlanner>();
        builder.Services.AddSingleton<ICallRouter>(services => services.GetRequiredService<CallPlanner>());
    }

    public static void MapDialPlan(this WebApplication app)
    {
        DialPlanApi.Map(app);
        PrefixApi.Map(app);
        ExplainApi.Map(app);
    }
}
