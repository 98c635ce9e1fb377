// SPDX-License-Identifier: EUPL-1.2
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests;

/// <summary>One PostgreSQL for all the tests of the collection, which run one after the other, each on a database of its own.</summary>
public sealed class PostgresHouse : IAsyncLifetime
{
    private PostgresServer _server = null!;

    /// <summary>The settings of a server on a new, empty database.</summary>
    public async Task<string[]> SettingsAsync() => ["--Storage:Provider=postgres", $"--Storage:Connection={await _server.DatabaseAsync()}"];

    public async Task InitializeAsync() => _server = await PostgresServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();
}

[CollectionDefinition(nameof(OnPostgres))]
public sealed class OnPostgres : ICollectionFixture<PostgresHouse>;
