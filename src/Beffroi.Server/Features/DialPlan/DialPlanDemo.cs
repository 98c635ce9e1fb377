// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Features.DialPlan;

/// <summary>How the demo town dials: 0 for outside, three calling classes.</summary>
internal sealed class DialPlanDemo(DialPlanBook plans, CallingClassBook classes, LineBook lines, IDirectory directory, TimeProvider time) : IDemoPart
{
    public async Task FillAsync(DemoFacts town, Caller caller, CancellationToken stop)
    {
        CallingClass Class(string name, bool allowed, params CallingRule[] rules) => new(Guid.CreateVersion7(time.GetUtcNow()), town.Town.Id, name, allowed, rules, 0);
        var inside = Class("Interne et numéros gratuits", false, new CallingRule("", NumberClass.Free, true));
        var national = Class("France", true, new CallingRule("", NumberClass.Surcharged, false), new CallingRule("", NumberClass.International, false), new CallingRule("", NumberClass.Unknown, false));
        var abroad = Class("France et étranger", true, new CallingRule("", NumberClass.Surcharged, false));
        await classes.AddManyAsync(caller, [inside, national, abroad], stop);
        await plans.PutAsync(caller, town.Town.Id, _ => new DialPlanSheet(town.Town.Id, town.Town.Id, "0", national.Id, null, 1), stop);
        if (directory.Current.TryExtension(town.Town.Id, "1005", out var mayor))
            await lines.PutAsync(caller, mayor.Id, _ => LineSettings.None(mayor.Id, town.Town.Id) with { CallingClass = abroad.Id, Version = 1 }, stop);
    }
}
