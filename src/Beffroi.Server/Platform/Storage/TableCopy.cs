// SPDX-License-Identifier: EUPL-1.2
using System.Data.Common;
using System.Globalization;
using System.IO.Compression;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Beffroi.Server.Platform.Storage;

/// <summary>The rows of one table as bytes, read from either store and written into a SQLite: names of table and columns, then the values with a letter for their type.</summary>
internal sealed class TableCopy
{
    private readonly string _table;
    private readonly IReadOnlyList<(string Name, Type Type)> _columns;

    private TableCopy(string table, IReadOnlyList<(string Name, Type Type)> columns) => (_table, _columns) = (table, columns);

    internal static TableCopy Of(IEntityType entity) => new(entity.GetTableName()!, [.. entity.GetProperties().Select(p => (p.GetColumnName(), StoredType(p)))]);

    internal async Task<byte[]> ReadAsync(DbConnection connection, DbTransaction transaction, CancellationToken stop)
    {
        using var bytes = new MemoryStream();
        await using (var zip = new GZipStream(bytes, CompressionLevel.Fastest))
        await using (var writer = new BinaryWriter(zip))
        {
            writer.Write(_table);
            writer.Write(_columns.Count);
            foreach (var (name, _) in _columns) writer.Write(name);
            await using var query = Command(connection, transaction, $"SELECT {string.Join(", ", _columns.Select(c => Quoted(c.Name)))} FROM {Quoted(_table)}");
            await using var reader = await query.ExecuteReaderAsync(stop);
            while (await reader.ReadAsync(stop))
            {
                writer.Write(true);
                for (var i = 0; i < _columns.Count; i++) WriteValue(writer, reader, i, _columns[i].Type);
            }

            writer.Write(false);
        }

        return bytes.ToArray();
    }

    internal static async Task WriteAsync(SqliteConnection connection, byte[] copy, CancellationToken stop)
    {
        using var reader = new BinaryReader(new GZipStream(new MemoryStream(copy), CompressionMode.Decompress));
        var table = reader.ReadString();
        var columns = new string[reader.ReadInt32()];
        for (var i = 0; i < columns.Length; i++) columns[i] = reader.ReadString();
        await using var transaction = connection.BeginTransaction();
        var places = Enumerable.Range(0, columns.Length).Select(i => string.Create(CultureInfo.InvariantCulture, $"@p{i}"));
        await using var insert = (SqliteCommand)Command(connection, transaction, $"INSERT INTO {Quoted(table)} ({string.Join(", ", columns.Select(Quoted))}) VALUES ({string.Join(", ", places)})");
        foreach (var place in places) insert.Parameters.Add(new SqliteParameter { ParameterName = place });
        while (reader.ReadBoolean())
        {
            for (var i = 0; i < columns.Length; i++) insert.Parameters[i].Value = ReadValue(reader);
            await insert.ExecuteNonQueryAsync(stop);
        }

        await transaction.CommitAsync(stop);
    }

    private static void WriteValue(BinaryWriter writer, DbDataReader row, int i, Type type)
    {
        if (row.IsDBNull(i))
        {
            writer.Write('-');
        }
        else if (type == typeof(string))
        {
            writer.Write('s');
            writer.Write(row.GetString(i));
        }
        else if (type == typeof(Guid))
        {
            writer.Write('g');
            writer.Write(row.GetGuid(i).ToByteArray());
        }
        else if (type == typeof(DateTime))
        {
            writer.Write('t');
            writer.Write(row.GetDateTime(i).Ticks);
        }
        else if (type == typeof(byte[]))
        {
            var blob = row.GetFieldValue<byte[]>(i);
            writer.Write('b');
            writer.Write(blob.Length);
            writer.Write(blob);
        }
        else if (type == typeof(double))
        {
            writer.Write('d');
            writer.Write(row.GetDouble(i));
        }
        else if (type == typeof(bool))
        {
            writer.Write('n');
            writer.Write(row.GetBoolean(i) ? 1L : 0L);
        }
        else if (type == typeof(int) || type == typeof(long) || type == typeof(short))
        {
            writer.Write('n');
            writer.Write(Convert.ToInt64(row.GetValue(i), CultureInfo.InvariantCulture));
        }
        else
        {
            throw new NotSupportedException($"The last known copy has no letter for {type.Name}: give the property a conversion.");
        }
    }

    private static object ReadValue(BinaryReader reader) => reader.ReadChar() switch
    {
        's' => reader.ReadString(),
        'g' => new Guid(reader.ReadBytes(16)),
        't' => new DateTime(reader.ReadInt64(), DateTimeKind.Utc),
        'b' => reader.ReadBytes(reader.ReadInt32()),
        'd' => reader.ReadDouble(),
        'n' => reader.ReadInt64(),
        _ => DBNull.Value,
    };

    /// <summary>What the column holds after the property's conversion.</summary>
    private static Type StoredType(IProperty property)
    {
        var type = property.GetTypeMapping().Converter?.ProviderClrType ?? property.ClrType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? Enum.GetUnderlyingType(type) : type;
    }

    private static string Quoted(string name) => $"\"{name}\"";

    private static DbCommand Command(DbConnection connection, DbTransaction transaction, string sql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Names of tables and columns come from the model of this program, or from a file that it sealed itself.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}
