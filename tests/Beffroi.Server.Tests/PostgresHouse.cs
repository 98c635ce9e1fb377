// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests;

/// <summary>One PostgreSQL for all the tests of the collection, which run one after the other, each on a database of its own.</summary>
/// <remarks>A class of tests of a feature runs on it a second time by <c>[Collection(nameof(OnPostgres))] class XOnPostgres : XTests</c> whose constructor calls <see cref="Hosts"/>.</remarks>
public sealed class PostgresHouse : IAsyncLifetime
{
    private static readonly AsyncLocal<PostgresHouse?> Host = new();
    private readonly ConcurrentDictionary<string, string[]> _byFolder = new(StringComparer.Ordinal);
    private PostgresServer _server = null!;

    /// <summary>Where the servers of this test keep what they know; null: in SQLite.</summary>
    internal static PostgresHouse? Here => Host.Value;

    /// <summary>From here to the end of the test every <see cref="TestServer"/> keeps what it knows in this PostgreSQL.</summary>
    public void Hosts() => Host.Value = this;

    /// <summary>The settings of a server on a new, empty database.</summary>
    public async Task<string[]> SettingsAsync() => ["--Storage:Provider=postgres", $"--Storage:Connection={await _server.DatabaseAsync()}"];

    /// <summary>A server that goes on in the same folder goes on with the same database.</summary>
    internal async Task<string[]> SettingsAsync(string folder) => _byFolder.TryGetValue(folder, out var known) ? known : _byFolder[folder] = await SettingsAsync();

    public async Task InitializeAsync() => _server = await PostgresServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();
}

[CollectionDefinition(nameof(OnPostgres))]
public sealed class OnPostgres : ICollectionFixture<PostgresHouse>;
