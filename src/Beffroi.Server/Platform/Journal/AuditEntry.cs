// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Platform.Journal;

/// <summary>One management action: written in the transaction of what it did, never changed after.</summary>
public sealed class AuditEntry
{
    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The account that acted; empty for the server itself.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The account's name at that time.</summary>
    public required string AccountName { get; init; }

    /// <summary>The address the request came from; <c>local</c> for the server itself.</summary>
    public required string Source { get; init; }

    /// <summary>Stable, <c>feature.what</c>: <c>directory.person-added</c>.</summary>
    public required string Action { get; init; }

    public required Guid SubjectId { get; init; }

    public required string SubjectName { get; init; }

    /// <summary>JSON view before the change, null when new.</summary>
    public string? Before { get; init; }

    /// <summary>JSON view after the change, null when removed.</summary>
    public string? After { get; init; }
}
