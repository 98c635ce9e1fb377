// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Platform.Identity;

/// <summary>Who may sign in: a service (a program that holds tokens) or a person (who may have a password too).</summary>
public sealed class Account
{
    public required Guid Id { get; init; }

    /// <summary>The login: unique, lower case.</summary>
    public required string Login { get; set; }

    /// <summary>What people call it.</summary>
    public required string Name { get; set; }

    public required Role Role { get; set; }

    public required ScopeKind ScopeKind { get; set; }

    /// <summary>The scope's node; empty for the whole installation.</summary>
    public required Guid ScopeId { get; set; }

    /// <summary>The directory's person, or null for a service.</summary>
    public Guid? PersonId { get; set; }

    /// <summary>See <see cref="Passwords"/>; null: no sign-in by password.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>False: its tokens and password are refused.</summary>
    public required bool Enabled { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public int Version { get; set; }
}

/// <summary>An access token: 256 random bits, of which only the hash is kept.</summary>
public sealed class AccessToken
{
    public required Guid Id { get; init; }

    public required Guid AccountId { get; init; }

    /// <summary>What it is for, in its owner's words.</summary>
    public required string Label { get; init; }

    /// <summary>The first characters, to recognise it in a list.</summary>
    public required string Prefix { get; init; }

    /// <summary>SHA-256 of the token, hexadecimal. A slow hash would add nothing to 256 random bits.</summary>
    public required string Hash { get; init; }

    /// <summary>Made by signing in, ended by signing out.</summary>
    public required bool IsSession { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; set; }
}
