// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Configuration;
using Xunit;

namespace Beffroi.Server.Tests.Features.History;

/// <summary>The same on the other store.</summary>
[Collection(nameof(OnPostgres))]
public sealed class HistoryOnPostgres : HistoryTests
{
    public HistoryOnPostgres(PostgresHouse house) => house.Hosts();

    [Fact]
    public async Task The_server_of_such_a_test_is_really_on_the_other_store()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal("postgres", server.Service<ServerSettings>().StorageProvider);
    }
}
