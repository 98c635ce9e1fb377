// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Platform.Live;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Tells the live channel how calls stand: to who reads within the scope of a party, and to the persons who are parties.</summary>
/// <remarks>Threading: runs inside a call's mailbox; only enqueues.</remarks>
internal sealed class CallEvents(LiveEvents live, CallScopes scopes)
{
    public void OnCallChanged(CallView call)
    {
        if (live.IsRead) live.Publish(new LiveEvent("call", call, reader => reader.Reads ? scopes.Covers(reader.Scope, call) : reader.Person is { } person && IsParty(person, call)));
    }

    private static bool IsParty(Guid person, CallView call) => call.Caller.Person == person || call.Called.Person == person || call.Legs.Any(l => l.Party.Person == person);
}
