// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Features.Directory.Contract;

/// <summary>The directory as other features see it.</summary>
public interface IDirectory
{
    /// <summary>What is known now. Take it once per call or request and look everything up in the same one. Any thread, never waits.</summary>
    DirectorySnapshot Current { get; }

    /// <summary>Told after each change, on the thread that changed; must only enqueue or swap.</summary>
    event Action<DirectorySnapshot>? Changed;
}
