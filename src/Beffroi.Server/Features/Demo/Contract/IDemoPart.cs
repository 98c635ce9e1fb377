// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Features.Demo.Contract;

/// <summary>A feature's share of the demo town: its groups, numbers, calendars. Registered as <c>AddSingleton&lt;IDemoPart, ...&gt;()</c>; run once, in that order, on an empty store after the directory is filled.</summary>
public interface IDemoPart
{
    Task FillAsync(DemoFacts town, Caller caller, CancellationToken stop);
}

/// <summary>What there is in the demo town Saint-Aubin-les-Cloches.</summary>
/// <param name="Reception">The extensions of the reception group, in their order.</param>
/// <param name="MainNumber">The town hall's direct number, E.164; +33199001001 to 1099 belong to the extensions 1001 to 1099. None of three digits: 112, 114, 115 and 119 are emergency numbers.</param>
public sealed record DemoFacts(Organisation Town, Site Hall, Site Workshop, Site Library, IReadOnlyList<Extension> Reception, string MainNumber);
