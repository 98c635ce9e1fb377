// SPDX-License-Identifier: EUPL-1.2
using Xunit;

namespace Beffroi.Server.Tests.Features.Directory;

/// <summary>The same on the other store.</summary>
[Collection(nameof(OnPostgres))]
public sealed class DirectoryOnPostgres : DirectoryTests
{
    public DirectoryOnPostgres(PostgresHouse house) => house.Hosts();
}
