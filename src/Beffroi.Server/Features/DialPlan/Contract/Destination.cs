// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>What sort of place a call can be sent to by a rule: a direct number, a forwarding, an overflow, a closed calendar.</summary>
public enum DestinationKind
{
    /// <summary>Nowhere: the call is refused or ends.</summary>
    None,

    /// <summary>An internal number: an extension, a hunt group.</summary>
    Number,

    /// <summary>The voicemail box of an internal number, without ringing it.</summary>
    Voicemail,

    /// <summary>A number of the public network.</summary>
    Outside,

    /// <summary>A prompt is played, then the call ends.</summary>
    Announcement,
}

/// <summary>A place to send a call to. Immutable; compared by value.</summary>
/// <param name="Target">The number, or the prompt's name for an announcement.</param>
public readonly record struct Destination(DestinationKind Kind, string Target)
{
    public static Destination Nowhere => new(DestinationKind.None, "");

    public static Destination To(PhoneNumber number) => new(number.IsE164 ? DestinationKind.Outside : DestinationKind.Number, number.Reveal());

    public static Destination VoicemailOf(PhoneNumber number) => new(DestinationKind.Voicemail, number.Reveal());

    /// <summary>The number of the destination; none for announcements and nowhere.</summary>
    public PhoneNumber Number => Kind is DestinationKind.Number or DestinationKind.Voicemail or DestinationKind.Outside && PhoneNumber.TryParse(Target, out var number) ? number : PhoneNumber.None;

    /// <summary>Masked, as the number it holds.</summary>
    public override string ToString() => Kind == DestinationKind.Announcement ? $"{Kind}:{Target}" : $"{Kind}:{Number}";
}
