// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;

namespace Beffroi.Server.Features.Emergency;

/// <summary>An emergency call as it is kept: who called what from where, and who has seen it. Kept for the inquiry that may follow.</summary>
/// <param name="Id">The call.</param>
public sealed record EmergencyAlert(
    Guid Id, DateTimeOffset At, string Number, string Extension, string Name, Guid? OrganisationId, Guid? SiteId, PhoneNumber Presented, DateTimeOffset? SeenAt, string SeenBy);
