// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Features.Voicemail;

/// <summary>A message left in a box; its sound is a sealed file of the same id. Immutable.</summary>
/// <param name="CallerNumber">Canonical number, empty when withheld.</param>
/// <param name="Seconds">Length of the sound.</param>
public sealed record VoicemailMessage(Guid Id, Guid BoxId, DateTimeOffset At, string CallerNumber, string CallerName, int Seconds, bool Heard)
{
    /// <summary>Masks the caller: logs are read by many.</summary>
    public override string ToString() => $"message {Id}";
}

/// <summary>An e-mail about a message that waits to be sent: the outbox is part of the store, so that no mail server delays a call or loses a mail.</summary>
public sealed record VoicemailMail(Guid Id, Guid BoxId, int Attempts, DateTimeOffset NextTryAt);
