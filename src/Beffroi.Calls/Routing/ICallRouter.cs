// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;

namespace Beffroi.Calls.Routing;

/// <summary>What came in: who asks for what, when.</summary>
public sealed record CallRequest
{
    /// <summary>Who asks, as proved: the person of an authenticated device, or the number a trunk presents.</summary>
    public required CallParty Caller { get; init; }

    /// <summary>The user part of the request URI, or the number given to the API, as <see cref="PlainText"/>: a user part of <c>101%00</c> is nobody's number, and no row that a store refuses.</summary>
    public required string Dialled { get; init => field = PlainText.Of(value, PlainText.MostOfParty); }

    public required DateTimeOffset At { get; init; }

    /// <summary>The call comes from outside through <see cref="CallParty.Trunk"/> of the caller.</summary>
    public bool FromTrunk { get; init; }

    /// <summary>Where the call has been already, oldest first: forwards, transfers. The router refuses loops and long chains.</summary>
    public IReadOnlyList<Diversion> Diversions { get; init; } = [];

    /// <summary>The party on whose rights the call goes on: the one who forwarded or transferred; null: the caller.</summary>
    public CallParty? OnBehalfOf { get; init; }
}

/// <summary>One step of a call's way: RFC 5806, RFC 7044.</summary>
public sealed record Diversion(CallParty From, DiversionReason Reason);

/// <summary>What the dial plan says. Deeds are applications: one script for an extension, a group, an outside number, a feature code.</summary>
public abstract record CallPlan
{
    private CallPlan()
    {
    }

    /// <summary>Not possible or not allowed; the caller hears why when <paramref name="Prompt"/> names an announcement.</summary>
    public sealed record Refused(Refusal Refusal, string? Prompt = null) : CallPlan;

    /// <summary>Run this script.</summary>
    public sealed record Run(ICallApplication Application, CallParty Called) : CallPlan
    {
        /// <summary>Emergency calls are journalled as such, alerted, and never limited.</summary>
        public bool Emergency { get; init; }

        /// <summary>The caller as shown to others, when the directory knows better than the wire.</summary>
        public CallParty? Caller { get; init; }

        /// <summary>Ends the call after this long; null: the exchange's own maximum.</summary>
        public TimeSpan? MaxDuration { get; init; }
    }
}

/// <summary>Dialled digits, caller, time → what to do. Implemented by the server's dial plan.</summary>
/// <remarks>Pure and in memory: no wait, no I/O, under 20 µs. Any thread. The explainer runs the same code.</remarks>
public interface ICallRouter
{
    CallPlan Route(CallRequest request);
}
