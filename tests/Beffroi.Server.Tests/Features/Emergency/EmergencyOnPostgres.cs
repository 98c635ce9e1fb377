// SPDX-License-Identifier: EUPL-1.2
using Xunit;

namespace Beffroi.Server.Tests.Features.Emergency;

/// <summary>The same on the other store.</summary>
[Collection(nameof(OnPostgres))]
public sealed class EmergencyOnPostgres : EmergencyTests
{
    public EmergencyOnPostgres(PostgresHouse house) => house.Hosts();
}
