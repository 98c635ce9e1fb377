// SPDX-License-Identifier: EUPL-1.2
using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using Beffroi.Server.Platform.Storage;
using Beffroi.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Storage;

/// <summary>One schema on two stores: nothing but these tests compares the model with the steps that made the tables.</summary>
public sealed class StoreTests
{
    [Fact]
    public async Task Every_entity_is_written_and_read_on_sqlite()
    {
        await using var server = await TestServer.StartAsync();
        await WriteAndReadEverythingAsync(server, "PRAGMA foreign_keys = OFF");
        await CopyAndReadEverythingAsync(server);
    }

    [Fact]
    public async Task Every_entity_is_written_and_read_on_postgresql()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var server = await TestServer.StartAsync(settings: ["--Storage:Provider=postgres", $"--Storage:Connection={postgres.Connection}"]);
        await WriteAndReadEverythingAsync(server, "SET session_replication_role = replica");
        await CopyAndReadEverythingAsync(server);
    }

    [Fact]
    public async Task A_second_start_takes_no_step_and_a_store_of_a_later_release_stops_the_start()
    {
        await using var server = await TestServer.StartAsync();
        var migrator = server.Service<SchemaMigrator>();
        await using var db = await server.Service<IDbContextFactory<BeffroiDbContext>>().CreateDbContextAsync();
        Assert.Empty(await migrator.MigrateAsync(db, default));
        await db.Database.ExecuteSqlRawAsync("INSERT INTO schema_steps (id, taken_at) VALUES ('9999-future', 'x')");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => migrator.MigrateAsync(db, default));
        Assert.Contains("9999-future", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A sample of every entity of the model, unlike its defaults in every property; what comes back must be the same.</summary>
    private static async Task WriteAndReadEverythingAsync(TestServer server, string withoutForeignKeys)
    {
        var contexts = server.Service<IDbContextFactory<BeffroiDbContext>>();
        await using var write = await contexts.CreateDbContextAsync();
        var entities = write.Model.GetEntityTypes().Where(e => e.ClrType != typeof(Dictionary<string, object>) && !e.IsOwned()).ToList();
        Assert.True(entities.Count > 10);
        foreach (var entity in entities)
        {
            await using var db = await contexts.CreateDbContextAsync();
            await db.Database.OpenConnectionAsync();
            await db.Database.ExecuteSqlRawAsync(withoutForeignKeys);
            var sample = db.Entry(RuntimeHelpers.GetUninitializedObject(entity.ClrType)).Entity;
            var entry = db.Entry(sample);
            var seed = 1;
            foreach (var property in entity.GetProperties()) entry.Property(property.Name).CurrentValue = Sample(property, entry.Property(property.Name).CurrentValue, seed++);
            entry.State = EntityState.Added;
            await db.SaveChangesAsync();

            await using var read = await contexts.CreateDbContextAsync();
            var key = entity.FindPrimaryKey()!.Properties.Select(p => entry.Property(p.Name).CurrentValue).ToArray();
            var found = await read.FindAsync(entity.ClrType, key);
            Assert.True(found is not null, $"{entity.ClrType.Name} does not come back");
            foreach (var property in entity.GetProperties())
                AssertSame(entry.Property(property.Name).CurrentValue, read.Entry(found).Property(property.Name).CurrentValue, $"{entity.ClrType.Name}.{property.Name}");
        }
    }

    /// <summary>What is loaded at start comes back from the sealed copy as it is in the store.</summary>
    private static async Task CopyAndReadEverythingAsync(TestServer server)
    {
        var copy = server.Service<LastKnown>();
        await using var store = await server.Service<IDbContextFactory<BeffroiDbContext>>().CreateDbContextAsync();
        await copy.WriteAsync(store, default);
        var kept = server.App.Services.GetServices<ILoadable>().SelectMany(l => l.Kept).Distinct().ToList();
        Assert.True(kept.Count > 10);
        var at = await copy.ReadAsync(db =>
        {
            foreach (var type in kept)
            {
                var (expected, found) = (All(store, type), All(db, type));
                Assert.NotEmpty(expected);
                Assert.Equal(expected.Count, found.Count);
                for (var i = 0; i < expected.Count; i++)
                    foreach (var property in store.Model.FindEntityType(type)!.GetProperties())
                        AssertSame(store.Entry(expected[i]).Property(property.Name).CurrentValue, db.Entry(found[i]).Property(property.Name).CurrentValue, $"{type.Name}.{property.Name} of the copy");
            }

            return Task.CompletedTask;
        }, default);
        Assert.NotNull(at);
    }

    private static List<object> All(BeffroiDbContext db, Type type)
    {
        var rows = (IEnumerable)typeof(DbContext).GetMethod(nameof(DbContext.Set), Type.EmptyTypes)!.MakeGenericMethod(type).Invoke(db, null)!;
        var key = db.Model.FindEntityType(type)!.FindPrimaryKey()!.Properties;
        return [.. rows.Cast<object>().OrderBy(row => string.Join('|', key.Select(k => db.Entry(row).Property(k.Name).CurrentValue)), StringComparer.Ordinal)];
    }

    private static object? Sample(IProperty property, object? present, int seed)
    {
        var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
        var most = property.GetMaxLength() ?? 20;
        if (type == typeof(string)) return property.IsPrimaryKey() ? $"k{seed}"[..Math.Min(most, 2)] : $"é{seed}"[..Math.Min(most, 2)];
        if (type == typeof(Guid)) return Guid.NewGuid();
        if (type == typeof(int)) return seed;
        if (type == typeof(long)) return (long)seed;
        if (type == typeof(short)) return (short)seed;
        if (type == typeof(double)) return seed + 0.5;
        if (type == typeof(bool)) return true;
        if (type == typeof(byte[])) return new byte[] { 1, 2, 3 };
        if (type == typeof(DateTimeOffset)) return new DateTimeOffset(2026, 9, 14, 12, 0, seed % 60, 120, TimeSpan.Zero);
        if (type == typeof(TimeSpan)) return TimeSpan.FromSeconds(seed);
        if (type == typeof(DateOnly)) return new DateOnly(2026, 9, 14);
        if (type.IsEnum) return Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1);
        if (property.GetTypeMapping().Converter is { } converter)
            return (converter.ProviderClrType == typeof(string) ? Samples : [seed, (long)seed, (double)seed]).Select(text => TryConvert(converter.ConvertFromProvider, text)).FirstOrDefault(v => v is not null);
        return present;
    }

    private static object[] Samples { get; } = ["[]", "{}", "[{}]", "12", "null", ""];

    private static object? TryConvert(Func<object?, object?> convert, object text)
    {
        try
        {
            return convert(text);
        }
        catch (Exception wrong) when (wrong is System.Text.Json.JsonException or FormatException or TargetInvocationException or InvalidOperationException or InvalidCastException or ArgumentException or NotSupportedException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static void AssertSame(object? expected, object? found, string where)
    {
        if (expected is IEnumerable and not string && found is IEnumerable) Assert.Equal(((IEnumerable)expected).Cast<object>(), ((IEnumerable)found).Cast<object>());
        else Assert.True(Equals(expected, found) || expected?.ToString() == found?.ToString(), $"{where}: {found} instead of {expected}");
    }
}
