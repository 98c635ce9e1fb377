// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media;

/// <param name="Loop">Again from the start until stopped: music on hold.</param>
/// <param name="Token">Given back in <see cref="IMediaLegListener.OnPlayFinished"/>; chosen by the owner.</param>
public sealed record PlayOptions(bool Loop = false, long Token = 0);
