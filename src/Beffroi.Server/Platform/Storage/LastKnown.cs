// SPDX-License-Identifier: EUPL-1.2
using System.Data;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Privacy;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Platform.Storage;

/// <summary>The last known copy: the rows of every table that is loaded at start, in one sealed file of the data folder, for a start without the store.</summary>
/// <remarks>
/// The file is <c>"BFLK"</c>, then boxes of the master key, each behind its length (4 bytes, little-endian): the header, then a box a table, gzip inside. A box is bound to its copy
/// and its place: boxes of two copies cannot be mixed. It is written beside and renamed: a crash leaves the former copy. When it is read, the rows go into a SQLite in memory with the schema of the
/// release that wrote them, which is then brought to this release's; what loads from the store loads from that. Threading: one writer (<see cref="LastKnownKeeper"/>); reading at start.
/// </remarks>
public sealed class LastKnown(ServerSettings server, MasterKey key, SchemaMigrator migrator, IEnumerable<ISchemaPart> parts, IEnumerable<ILoadable> loaded, TimeProvider time)
{
    private const string HeaderPurpose = "last known copy";
    private const int LongestBox = 1 << 30;
    private readonly string _path = Path.Combine(server.DataFolder, "last-known.sealed");

    private static ReadOnlySpan<byte> Magic => "BFLK"u8;

    public bool Exists => File.Exists(_path);

    /// <summary>Writes a new copy of the store over the former one.</summary>
    /// <exception cref="IOException">The disk takes nothing. The store's own exceptions pass too; the former copy stays.</exception>
    public async Task WriteAsync(BeffroiDbContext db, CancellationToken stop)
    {
        await db.Database.OpenConnectionAsync(stop);
        var connection = db.Database.GetDbConnection();
        await using var transaction = connection is SqliteConnection sqlite
            ? sqlite.BeginTransaction(deferred: true)                                                  // a reader's snapshot: writers go on
            : await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, stop);
        var copy = Guid.NewGuid();
        var unique = $"{_path}.{copy:N}";
        try
        {
            await using (var file = new FileStream(unique, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                file.Write(Magic);
                var (tables, number) = (Tables(db).ToList(), 0);
                WriteBox(file, Header(copy, tables.Count), HeaderPurpose);
                foreach (var table in tables) WriteBox(file, await table.ReadAsync(connection, transaction, stop), Purpose(copy, number++));
                file.Flush(flushToDisk: true);
            }

            File.Move(unique, _path, overwrite: true);
        }
        finally
        {
            File.Delete(unique);
        }
    }

    /// <summary>Hands a context over the copy to <paramref name="load"/>.</summary>
    /// <returns>When the copy was made; null when there is none that can be used: no file, another key, changed bytes, a later release's.</returns>
    public async Task<DateTimeOffset?> ReadAsync(Func<BeffroiDbContext, Task> load, CancellationToken stop)
    {
        if (!Exists || ReadBoxes(await File.ReadAllBytesAsync(_path, stop)) is not { Count: > 0 } boxes || key.OpenBytes(boxes[0], HeaderPurpose) is not { } header) return null;
        using var reader = new BinaryReader(new MemoryStream(header));
        var copy = new Guid(reader.ReadBytes(16));
        var at = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
        if (reader.ReadInt32() != boxes.Count - 1) return null;
        var steps = reader.ReadString().Split('\n').ToHashSet(StringComparer.Ordinal);
        if (steps.Except(parts.SelectMany(p => p.Steps).Select(s => s.Id)).Any()) return null;
        var tables = new List<byte[]>();
        for (var i = 1; i < boxes.Count; i++)
        {
            if (key.OpenBytes(boxes[i], Purpose(copy, i - 1)) is not { } table) return null;
            tables.Add(table);
        }

        await using var memory = new SqliteConnection("Data Source=:memory:;Foreign Keys=False");
        await memory.OpenAsync(stop);
        await using var db = new BeffroiDbContext(Options(memory), parts);
        await migrator.MigrateAsync(db, stop, steps.Contains);
        foreach (var table in tables) await TableCopy.WriteAsync(memory, table, stop);
        await migrator.MigrateAsync(db, stop);
        await load(db);
        return at;
    }

    private static DbContextOptions<BeffroiDbContext> Options(SqliteConnection memory)
    {
        var options = new DbContextOptionsBuilder<BeffroiDbContext>();
        options.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking);
        options.UseSqlite(memory);
        return options.Options;
    }

    private byte[] Header(Guid copy, int tables)
    {
        using var header = new MemoryStream();
        using (var writer = new BinaryWriter(header))
        {
            writer.Write(copy.ToByteArray());
            writer.Write(time.GetUtcNow().UtcTicks);
            writer.Write(tables);
            writer.Write(string.Join('\n', parts.SelectMany(p => p.Steps).Select(s => s.Id)));
        }

        return header.ToArray();
    }

    private IEnumerable<TableCopy> Tables(BeffroiDbContext db) => loaded.SelectMany(l => l.Kept).Distinct().Select(type => TableCopy.Of(db.Model.FindEntityType(type)!));

    private static string Purpose(Guid copy, int number) => $"{HeaderPurpose} {copy:N} {number}";

    private void WriteBox(FileStream file, byte[] plain, string purpose)
    {
        var box = key.Seal(plain, purpose);
        file.Write(BitConverter.GetBytes(box.Length));
        file.Write(box);
    }

    /// <summary>Empty when the bytes are no copy or are cut.</summary>
    private static List<byte[]> ReadBoxes(byte[] file)
    {
        var boxes = new List<byte[]>();
        var rest = file.AsSpan();
        if (!rest.StartsWith(Magic)) return [];
        rest = rest[Magic.Length..];
        while (rest.Length > 0)
        {
            if (rest.Length < 4 || BitConverter.ToInt32(rest) is var length && (length is < 0 or > LongestBox || length > rest.Length - 4)) return [];
            boxes.Add(rest.Slice(4, length).ToArray());
            rest = rest[(4 + length)..];
        }

        return boxes;
    }
}
