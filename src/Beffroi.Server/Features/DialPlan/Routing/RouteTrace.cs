// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Features.DialPlan.Routing;

/// <summary>One step of a call's way, in words.</summary>
/// <param name="Code">Stable: <c>dial-plan.outside-prefix</c>.</param>
public sealed record RouteStep(string Code, string Fr, string En);

/// <summary>Collects the steps that the router takes. The router is given none when a real call passes: then no text is made.</summary>
/// <remarks>Threading: belongs to one explanation.</remarks>
internal sealed class RouteTrace
{
    private readonly List<RouteStep> _steps = [];

    public IReadOnlyList<RouteStep> Steps => _steps;

    public void Say(string code, string fr, string en) => _steps.Add(new RouteStep(code, fr, en));
}
