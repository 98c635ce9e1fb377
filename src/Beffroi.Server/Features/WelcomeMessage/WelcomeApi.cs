// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.Calendars.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.WelcomeMessage.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;
using Welcome = Beffroi.Server.Features.WelcomeMessage.Contract.Welcome;

namespace Beffroi.Server.Features.WelcomeMessage;

/// <summary>A welcome message to add or change.</summary>
/// <param name="Number">The number called: a direct number in any French or international form. Calls to an extension or a group by its direct number hear it.</param>
/// <param name="AnswerFirst">True: the call is answered before the message and charged to the caller; false: the message is free to the caller.</param>
/// <param name="OpenPrompt">Name of a prompt; empty: none.</param>
/// <param name="Closed">Where the call goes when closed; left out: it ends after the message.</param>
public sealed record WelcomeRequest(
    Guid OrganisationId, string Number, string Name, WelcomeMoment Moment = WelcomeMoment.BeforeRinging, bool AnswerFirst = false, Guid? Calendar = null,
    string OpenPrompt = "", string ClosedPrompt = "", Destination? Closed = null, int? Version = null);

/// <summary>Welcome messages (pré-décroché).</summary>
internal static class WelcomeApi
{
    internal static void Map(WebApplication app)
    {
        var api = app.MapApi("welcome-messages", "Welcome messages");
        api.MapGet("", List).Needs(Access.Read);
        api.MapGet("{id:guid}", Get).Needs(Access.Read);
        api.MapPost("", Add).Needs(Access.Operate);
        api.MapPut("{id:guid}", Edit).Needs(Access.Operate);
        api.MapDelete("{id:guid}", Remove).Needs(Access.Operate);
    }

    /// <summary>Lists welcome messages.</summary>
    internal static Ok<IReadOnlyList<Welcome>> List(Caller caller, WelcomeBook welcomes) => TypedResults.Ok(welcomes.Visible(caller));

    /// <summary>Shows a welcome message.</summary>
    internal static Results<Ok<Welcome>, ProblemHttpResult> Get(Guid id, Caller caller, WelcomeBook welcomes) => welcomes.Find(caller, id).ToOk();

    /// <summary>Adds a welcome message to a number.</summary>
    internal static async Task<Results<Created<Welcome>, ProblemHttpResult>> Add(
        WelcomeRequest request, Caller caller, WelcomeBook welcomes, IDirectory directory, ICalendars calendars, TimeProvider time, CancellationToken stop)
    {
        if (Read(request, directory, calendars, out var page).Refused(out var wrong)) return wrong.ToProblem();
        return (await welcomes.AddAsync(caller, page with { Id = Guid.CreateVersion7(time.GetUtcNow()) }, stop)).ToCreated(w => $"/api/v1/welcome-messages/{w.Id}");
    }

    /// <summary>Changes a welcome message; calls that come from now on hear it.</summary>
    internal static async Task<Results<Ok<Welcome>, ProblemHttpResult>> Edit(
        Guid id, WelcomeRequest request, Caller caller, WelcomeBook welcomes, IDirectory directory, ICalendars calendars, CancellationToken stop)
    {
        if (Read(request, directory, calendars, out var page).Refused(out var wrong)) return wrong.ToProblem();
        return (await welcomes.EditAsync(caller, id, request.Version, before => before.OrganisationId != request.OrganisationId
            ? new Refusal("welcome-message.stays-in-organisation", RefusalKind.Conflict, 500, "A welcome message cannot move to another organisation.")
            : page with { Id = id, Version = before.Version + 1 }, stop)).ToOk();
    }

    /// <summary>Removes a welcome message.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Caller caller, WelcomeBook welcomes, CancellationToken stop) =>
        (await welcomes.RemoveAsync(caller, id, stop)).ToNoContent();

    private static FieldErrors Read(WelcomeRequest request, IDirectory directory, ICalendars calendars, out Welcome page)
    {
        var errors = new FieldErrors().Text("name", request.Name, 120).Check("organisationId", directory.Current.Organisations.ContainsKey(request.OrganisationId), "is no organisation");
        var plan = NumberingPlan.French;
        var fault = plan.Normalise(request.Number, out var number);
        errors.Check("number", fault == NumberFault.None, $"is not a public number: {fault}");
        errors.Check("calendar", request.Calendar is not { } calendar || calendars.OrganisationOf(calendar) == request.OrganisationId, "is no calendar of the organisation");
        foreach (var (field, prompt) in new[] { ("openPrompt", request.OpenPrompt), ("closedPrompt", request.ClosedPrompt) })
            errors.Check(field, string.IsNullOrEmpty(prompt) || DestinationCheck.IsPromptName(prompt), "must name a prompt: lower-case letters, digits and hyphens");
        var closed = DestinationCheck.Read(errors, "closed", request.Closed, plan);
        page = new Welcome(Guid.Empty, request.OrganisationId, number.Number, request.Name?.Trim() ?? "", request.Moment, request.AnswerFirst, request.Calendar,
            request.OpenPrompt ?? "", request.ClosedPrompt ?? "", closed, 0);
        return errors;
    }
}
