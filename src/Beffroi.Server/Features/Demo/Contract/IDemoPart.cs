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
/// <param name="MainNumber">The town hall's direct number, E.164; +33199000101 to 199 belong to the extensions 101 to 199.</param>
public sealed record DemoFacts(Organisation Town, Site Hall, Site Workshop, Site Library, IReadOnlyList<Extension> Reception, string MainNumber);
