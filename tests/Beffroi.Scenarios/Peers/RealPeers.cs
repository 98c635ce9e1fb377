// SPDX-License-Identifier: EUPL-1.2
using Xunit;

namespace Beffroi.Scenarios.Peers;

/// <summary>Tests with real phones run one after another: sound in real time wants the machine for itself.</summary>
[CollectionDefinition(nameof(RealPeers), DisableParallelization = true)]
public sealed class RealPeers;
