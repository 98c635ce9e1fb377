// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.CallControl;

/// <summary>The live calls as one account may see and manage them; what it did is noted in the audit.</summary>
/// <remarks>Threading: any thread.</remarks>
internal sealed class CallDesk(Exchange exchange, CallScopes scopes, AuditTrail audit)
{
    public Exchange Exchange => exchange;

    public IEnumerable<CallView> VisibleTo(Caller caller) => exchange.Live.Where(c => scopes.Covers(caller.Scope, c));

    public CallView? Find(Caller caller, Guid id) => exchange.Live.FirstOrDefault(c => c.Id == id) is { } call && scopes.Covers(caller.Scope, call) ? call : null;

    /// <summary>Does something to a call within the caller's scope, and notes it when it was done.</summary>
    /// <param name="action">For the audit: <c>call.held</c>.</param>
    /// <param name="asked">The request as it came.</param>
    public async Task<Results<NoContent, ProblemHttpResult>> ActAsync(Caller caller, Guid id, string action, object? asked, Func<CallView, Task<Refusal?>> act)
    {
        if (Find(caller, id) is not { } call) return NoCall.ToProblem();
        if (await act(call) is { } refusal) return refusal.ToProblem();
        Note(caller, action, call.Id, $"{call.Caller.Number} → {call.Called.Number}", asked);
        return TypedResults.NoContent();
    }

    public void Note(Caller caller, string action, Guid call, string name, object? asked) => audit.Note(caller, action, call, name, asked);

    internal static Refusal NoCall { get; } = Problems.NotFound("call.not-found", "call");
}

/// <summary>Which live calls lie within which scope.</summary>
/// <remarks>Threading: any thread.</remarks>
internal sealed class CallScopes(IDirectory directory)
{
    /// <summary>A call is within a scope when one of its parties is: by its device, its extension, its person, or as a group or service by its site.</summary>
    public bool Covers(Scope scope, CallView call)
    {
        if (scope.Kind == ScopeKind.Everything) return true;
        var now = directory.Current;
        return Within(call.Caller) || Within(call.Called) || call.Legs.Any(l => Within(l.Party));

        bool Within(CallParty party) => party.Device is { } username && now.TryDevice(username, out var device) ? now.Covers(scope, device)
            : party.Extension is { } id && now.Extensions.TryGetValue(id, out var extension) ? now.Covers(scope, extension)
            : party.Person is { } person && now.Persons.TryGetValue(person, out var found) ? now.Covers(scope, found)
            : party.Site is { } site && now.Sites.TryGetValue(site, out var place) && now.Covers(scope, place);
    }
}
