// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Features.Forwarding.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Features.WelcomeMessage.Contract;

namespace Beffroi.Server.Features.DialPlan.Routing;

/// <summary>What the dial plan decided: pure data. The call gets it as an application, the explainer as words.</summary>
internal abstract record Way
{
    private Way()
    {
    }

    /// <summary>Not possible, or not allowed; <paramref name="Prompt"/> tells the caller why.</summary>
    internal sealed record Refused(Refusal Refusal, string? Prompt = null) : Way;

    /// <summary>Rings all devices of an extension.</summary>
    internal sealed record ToExtension(Extension Extension, string Name, TimeSpan Ring, ForwardingRules? Rules) : Way;

    internal sealed record ToGroup(HuntGroup Group) : Way;

    internal sealed record ToVoicemail(VoicemailBox Box) : Way;

    /// <summary>To the public network through the trunks, or to another PBX through its own, on the rights of an extension.</summary>
    internal sealed record ToOutside(CanonicalNumber Number, CallerIdentity Shown, Extension? Rights) : Way
    {
        /// <summary>The trunk of the prefix that was dialled, and no other; null: the trunks of the public network.</summary>
        public Guid? Only { get; init; }
    }

    /// <summary>The PIN of <paramref name="By"/> first: its right one goes on to <paramref name="Then"/>, which no other class of the line would allow.</summary>
    internal sealed record PinAsked(Extension By, ToOutside Then) : Way;

    /// <summary>To the emergency centre: never limited.</summary>
    internal sealed record ToEmergency(EmergencyNumber Number, PhoneNumber Sent, CallerIdentity Shown, Guid? Trunk, Extension? By) : Way;

    /// <summary>A message first, then <paramref name="Then"/>.</summary>
    internal sealed record Welcomed(Welcome Welcome, bool Open, string Prompt, Way Then) : Way;

    /// <summary>Sent on by <paramref name="From"/>.</summary>
    internal sealed record Diverted(CallParty From, DiversionReason Reason, Way Then) : Way;

    /// <summary>A feature code.</summary>
    internal sealed record Service(FeatureCode Code, string Argument, Extension By) : Way;

    internal sealed record Announced(string Prompt) : Way;
}
