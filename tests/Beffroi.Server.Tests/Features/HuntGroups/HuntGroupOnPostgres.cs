// SPDX-License-Identifier: EUPL-1.2
using Xunit;

namespace Beffroi.Server.Tests.Features.HuntGroups;

/// <summary>The same on the other store.</summary>
[Collection(nameof(OnPostgres))]
public sealed class HuntGroupOnPostgres : HuntGroupTests
{
    public HuntGroupOnPostgres(PostgresHouse house) => house.Hosts();
}
