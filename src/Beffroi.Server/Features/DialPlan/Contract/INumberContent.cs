// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>A feature that keeps private things under an internal number (voicemail): they must never pass to whoever gets the number next.</summary>
/// <remarks>Both deeds run inside the change of the extension, so that both happen or neither.</remarks>
public interface INumberContent
{
    /// <summary>The extension goes. Deletes what is kept for it when that is the wish, else refuses.</summary>
    Task<Refusal?> LeaveAsync(Change change, Extension gone, bool delete, CancellationToken stop);

    /// <summary>The extension gets another number, which what is kept follows, or another person: what the former one would leave behind is deleted when that is the wish,
    /// else the change is refused.</summary>
    /// <param name="name">How people will call the extension.</param>
    Task<Refusal?> PassAsync(Change change, Extension before, Extension after, string name, bool delete, CancellationToken stop);

    /// <summary>What is kept under a number, in words; null: nothing.</summary>
    string? Kept(Guid organisation, PhoneNumber number);
}
