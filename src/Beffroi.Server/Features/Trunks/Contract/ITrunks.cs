// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json.Serialization;

namespace Beffroi.Server.Features.Trunks.Contract;

/// <summary>The trunks as routing and the SIP side see them. Any thread, never waits.</summary>
public interface ITrunks
{
    TrunksSnapshot Current { get; }

    /// <summary>The secret in clear; null when there is none or it cannot be opened with this master key.</summary>
    string? SecretOf(Trunk trunk);

    /// <summary>Told after each change, on the thread that changed: register anew, ping anew. Must only enqueue.</summary>
    event Action<TrunksSnapshot>? Changed;

    /// <summary>How a trunk fares; written by the SIP side with <see cref="Report"/>.</summary>
    TrunkState StateOf(Guid trunk);

    /// <summary>Takes what the SIP side knows: registered, ping answered, refused.</summary>
    void Report(Guid trunk, TrunkState state);

    /// <summary>Counts a channel; false when the limit is reached. Give it back with <see cref="Release"/>.</summary>
    /// <param name="evenIfFull">An emergency call: taken and counted beyond the limit.</param>
    bool TryTake(Trunk trunk, bool evenIfFull = false);

    void Release(Guid trunk);

    /// <summary>Calls on it now.</summary>
    int Channels(Guid trunk);
}

/// <summary>How a trunk fares.</summary>
/// <param name="IsUp">Calls may be tried. True until the contrary is seen.</param>
/// <param name="Detail">In words: "registered until 14:02", <see cref="NoAnswer"/>, "403 Forbidden".</param>
/// <param name="Since">Since when.</param>
public sealed record TrunkState(bool IsUp, string Detail, DateTimeOffset? Since = null)
{
    public const string NoAnswer = "no answer";
    public const string ConnectionGone = "the connection is gone";
    public const string Unreachable = "cannot be reached";

    public static TrunkState Unknown { get; } = new(true, "not tried yet");

    /// <summary><see cref="Detail"/> in French; what the operator answered stays as it wrote it.</summary>
    [JsonIgnore]
    public string DetailFr => Detail switch
    {
        NoAnswer => "pas de réponse",
        ConnectionGone => "la connexion est perdue",
        Unreachable => "l'opérateur est injoignable",
        "not tried yet" => "pas encore essayée",
        _ => $"l'opérateur a répondu {Detail}",
    };
}

/// <summary>Tries a trunk on the wire: implemented by the SIP side.</summary>
public interface ITrunkTester
{
    /// <summary>Registers or sends OPTIONS, and says what came of it, step by step.</summary>
    Task<TrunkTestResult> TestAsync(Trunk trunk, CancellationToken stop);
}

/// <summary>What a test of a trunk found.</summary>
/// <param name="Milliseconds">Until the answer.</param>
public sealed record TrunkTestResult(bool Works, IReadOnlyList<string> Steps, double Milliseconds);
