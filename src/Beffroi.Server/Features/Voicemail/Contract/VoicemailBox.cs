// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using System.Text.Json.Serialization;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Voicemail.Contract;

/// <summary>A voicemail box as calls see it. Immutable; its messages are in the store.</summary>
/// <param name="Number">The internal number whose callers are offered it: an extension, whose person of the moment owns it, or a group's number.</param>
/// <param name="Group">The group whose members share it; null: the box of an extension.</param>
/// <param name="Greeting">True when the owner has recorded a greeting.</param>
/// <param name="Longest">Longest single message.</param>
/// <param name="QuotaSeconds">All messages together.</param>
/// <param name="KeepDays">Messages older than this are deleted, heard or not; 0: never.</param>
/// <param name="Email">Where new messages are announced; empty: nowhere.</param>
/// <param name="EmailSound">The message itself is attached: it leaves the sealed store for a mailbox.</param>
public sealed record VoicemailBox(
    Guid Id, Guid OrganisationId, PhoneNumber Number, Guid? Group, string Name, bool Greeting, TimeSpan Longest, int QuotaSeconds, int QuotaMessages, int KeepDays, string Language,
    string Email, bool EmailSound, int Version) : IPage
{
    /// <summary>Salted hash of the PIN; null: none chosen yet, so the box cannot be opened by phone from elsewhere.</summary>
    [JsonIgnore]
    public string? PinHash { get; init; }

    /// <summary>True when a PIN was chosen.</summary>
    public bool HasPin => PinHash is not null;
}

/// <summary>Boxes by their internal number.</summary>
/// <remarks>Threading: immutable.</remarks>
public sealed class VoicemailBoxes(IEnumerable<VoicemailBox> boxes)
{
    private readonly FrozenDictionary<(Guid Organisation, PhoneNumber Number), VoicemailBox> _byNumber = boxes.ToFrozenDictionary(b => (b.OrganisationId, b.Number));
    private IReadOnlyList<VoicemailBox>? _shared;

    public static VoicemailBoxes Empty { get; } = new([]);

    /// <summary>The boxes of groups.</summary>
    public IReadOnlyList<VoicemailBox> Shared => _shared ??= [.. _byNumber.Values.Where(b => b.Group is not null)];

    public VoicemailBox? Of(Guid organisation, PhoneNumber number) => _byNumber.GetValueOrDefault((organisation, number));
}

/// <summary>New and old messages of a box: the figures of a message-summary body (RFC 3842 §5.2).</summary>
public readonly record struct MessageCount(int New, int Old);

/// <summary>Message-waiting: what the event package <c>message-summary</c> asks.</summary>
public interface IMessageCounts
{
    /// <summary>What waits for whoever has the extension: in its own box, in those of the person's other extensions, and in those shared by groups of which one of these is a
    /// member. Zeros when there is no box. In memory, any thread.</summary>
    MessageCount Of(Extension extension);

    /// <summary>Tells the extension whose counts have changed. Raised outside locks, on any thread; handlers must only enqueue.</summary>
    event Action<Guid>? Changed;
}

/// <summary>Voicemail boxes as other features see them.</summary>
public interface IVoicemailBoxes
{
    /// <summary>What is set now; any thread, never waits.</summary>
    VoicemailBoxes Current { get; }
}
