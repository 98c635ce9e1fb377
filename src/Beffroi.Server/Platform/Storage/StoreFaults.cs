// SPDX-License-Identifier: EUPL-1.2
using System.Net.Sockets;
using System.Text;
using Beffroi.Calls;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Beffroi.Server.Platform.Storage;

/// <summary>Tells a store that is away from a request that the store refuses, the same for SQLite and PostgreSQL.</summary>
public static class StoreFaults
{
    /// <summary>What a caller gets while the store is locked, full or gone.</summary>
    public static Refusal Unavailable { get; } = new("storage.unavailable", RefusalKind.Unavailable, 503,
        "The store does not answer now; calls go on. Try again in a moment; /health/ready says more.");

    /// <summary>What a caller gets when another change came first.</summary>
    public static Refusal Conflict { get; } = new("storage.conflict", RefusalKind.Conflict, 500,
        "Another change came first, or the same thing exists already. Read it again, then repeat the change.");

    /// <summary>The store is locked, full, read-only or gone: the same work may succeed later. Looks through wrapping exceptions.</summary>
    public static bool IsAway(Exception fault) => fault switch
    {
        // https://www.sqlite.org/rescode.html: BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB
        SqliteException sqlite => sqlite.SqliteErrorCode is 5 or 6 or 8 or 10 or 11 or 13 or 14 or 26,
        // Class 08 connection, 40 rolled back for another transaction's sake, 53 resources, 57 operator intervention (57014: a statement_timeout), 58 system,
        // 25006 read-only transaction (a standby), 55P03 lock_timeout
        PostgresException postgres => postgres.SqlState[..2] is "08" or "40" or "53" or "57" or "58" || postgres.SqlState is "25006" or "55P03",
        NpgsqlException or SocketException or IOException or TimeoutException => true,
        _ => fault.InnerException is { } inner && IsAway(inner),
    };

    /// <summary>What a caller gets for a text or a number that the store cannot hold: a defect of a check before it, which the store's own wall made up for.</summary>
    public static Refusal ValueRefused { get; } = new("storage.value-refused", RefusalKind.Invalid, 500,
        "A text is too long, or it holds a character that cannot be kept: nothing was changed. Shorten it and leave such characters out.");

    /// <summary>The store cannot hold a value (SQL class 22: too long, a character that is none), now or ever.</summary>
    public static bool IsBadValue(Exception fault) => fault switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode is 18 or 20 or 25,          // TOOBIG, MISMATCH, RANGE
        PostgresException postgres => postgres.SqlState.StartsWith("22", StringComparison.Ordinal),
        EncoderFallbackException => true,                                            // half a surrogate pair
        _ => fault.InnerException is { } inner && IsBadValue(inner),
    };

    /// <summary>A unique index, a foreign key or a version refused the change.</summary>
    public static bool IsConflict(Exception fault) => fault switch
    {
        DbUpdateConcurrencyException => true,
        SqliteException sqlite => sqlite.SqliteErrorCode == 19,
        PostgresException postgres => postgres.SqlState.StartsWith("23", StringComparison.Ordinal) || postgres.SqlState == "40001",
        _ => fault.InnerException is { } inner && IsConflict(inner),
    };
}
