// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.WelcomeMessage.Contract;

/// <summary>When the open message is heard.</summary>
public enum WelcomeMoment
{
    /// <summary>The phones ring when it is over.</summary>
    BeforeRinging,

    /// <summary>The phones ring at once; who answers cuts it.</summary>
    WhileRinging,
}

/// <summary>What callers of one number hear first ("pré-décroché"). Immutable.</summary>
/// <param name="Number">The number called: a direct number, or an internal one.</param>
/// <param name="AnswerFirst">True: the call is answered (and charged to the caller) before the message; false: the message is early media (183), free to the caller.</param>
/// <param name="Calendar">Opening hours; null: always open.</param>
/// <param name="OpenPrompt">Name of the prompt played when open; empty: none.</param>
/// <param name="ClosedPrompt">Name of the prompt played when closed; empty: none.</param>
/// <param name="Closed">Where the call goes when closed, after the prompt; nowhere: the call ends.</param>
public sealed record Welcome(
    Guid Id, Guid OrganisationId, PhoneNumber Number, string Name, WelcomeMoment Moment, bool AnswerFirst, Guid? Calendar, string OpenPrompt, string ClosedPrompt, Destination Closed,
    int Version) : IPage;

/// <summary>Welcome messages by the number called.</summary>
/// <remarks>Threading: immutable.</remarks>
public sealed class WelcomeMessages(IReadOnlyCollection<Welcome> welcomes)
{
    private readonly FrozenDictionary<(Guid Organisation, PhoneNumber Number), Welcome> _byNumber = welcomes.ToFrozenDictionary(w => (w.OrganisationId, w.Number));
    private readonly FrozenSet<Guid> _calendars = welcomes.Where(w => w.Calendar is not null).Select(w => w.Calendar!.Value).ToFrozenSet();

    public static WelcomeMessages Empty { get; } = new([]);

    /// <summary>Whether any of them asks this calendar.</summary>
    public bool Uses(Guid calendar) => _calendars.Contains(calendar);

    public Welcome? Of(Guid organisation, PhoneNumber number) => _byNumber.GetValueOrDefault((organisation, number));
}

/// <summary>Welcome messages as other features see them.</summary>
public interface IWelcomeMessages
{
    /// <summary>What is set now; any thread, never waits.</summary>
    WelcomeMessages Current { get; }
}
