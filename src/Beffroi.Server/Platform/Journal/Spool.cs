// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Beffroi.Server.Platform.Journal;

/// <summary>Batches on disk while the store is away: files of checksummed lines, synced batch by batch, read back in order.</summary>
/// <remarks>A line is <c>CRC-32C in hex, space, JSON</c>. A line that a crash cut short or a disk spoilt fails its checksum and is counted.
/// Threading: the writer's thread; the counters may be read by any.</remarks>
internal sealed class Spool : IDisposable
{
    private const long FileBytes = 8 << 20;
    private readonly string _folder;
    private readonly long _mostBytes;
    private FileStream? _open;
    private long _bytes;
    private long _damaged;

    /// <exception cref="IOException">The folder cannot be made or read.</exception>
    internal Spool(string folder, long mostBytes)
    {
        (_folder, _mostBytes) = (folder, mostBytes);
        System.IO.Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in Files()) _bytes += new FileInfo(file).Length;
        LastBatch = Files().SelectMany(file => Read(file, out _)).Select(b => b.Number).DefaultIfEmpty(0).Max();
    }

    /// <summary>The highest batch number found at start.</summary>
    internal long LastBatch { get; }

    internal long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Lines that could not be read in files that were replayed and deleted.</summary>
    internal long DamagedLines => Interlocked.Read(ref _damaged);

    internal bool IsEmpty => Bytes == 0;

    /// <summary>Writes a batch and syncs it.</summary>
    /// <exception cref="IOException">The disk is full, the folder is gone, or the spool has reached its bound; nothing of the batch counts then.</exception>
    internal void Append(JournalBatch batch)
    {
        var text = new StringBuilder();
        foreach (var record in batch.Records)
        {
            var json = JsonSerializer.Serialize(new SpoolLine(batch.Number, record), SpoolJson.Default.SpoolLine);
            text.Append(CultureInfo.InvariantCulture, $"{Crc32C(Encoding.UTF8.GetBytes(json)):x8} ").Append(json).Append('\n');
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        if (Bytes + bytes.Length > _mostBytes) throw new IOException($"The journal's spool has reached its bound of {_mostBytes >> 20} MiB.");
        if (_open is { Length: > FileBytes }) Rotate();
        _open ??= new FileStream(Path.Combine(_folder, $"{batch.Number:D16}.spool"), FileMode.Append, FileAccess.Write, FileShare.Read, 1);
        var before = _open.Length;
        try
        {
            _open.Write(bytes);
            _open.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            TryTruncate(before);
            throw;
        }

        Interlocked.Add(ref _bytes, bytes.Length);
    }

    /// <summary>Hands every batch to <paramref name="commit"/>, oldest first, until it returns false; a file is deleted when all of it is committed.</summary>
    /// <returns>True when the spool is empty.</returns>
    internal bool Replay(Func<JournalBatch, bool> commit)
    {
        Rotate();
        foreach (var file in Files())
        {
            var batches = Read(file, out var damaged);
            foreach (var batch in batches)
                if (!commit(batch)) return false;
            var length = new FileInfo(file).Length;
            File.Delete(file);
            Interlocked.Add(ref _damaged, damaged);
            Interlocked.Add(ref _bytes, -length);
        }

        return true;
    }

    public void Dispose() => Rotate();

    private void Rotate()
    {
        _open?.Dispose();
        _open = null;
    }

    private void TryTruncate(long length)
    {
        try
        {
            _open!.SetLength(length);
        }
        catch (IOException)
        {
            Rotate();   // what was half written fails its checksum when read
        }
    }

    private IEnumerable<string> Files() => System.IO.Directory.GetFiles(_folder, "*.spool").Order(StringComparer.Ordinal);

    private static List<JournalBatch> Read(string file, out int damaged)
    {
        damaged = 0;
        var batches = new List<JournalBatch>();
        var records = new List<JournalRecord>();
        long number = 0;
        foreach (var text in File.ReadLines(file))
        {
            if (Parse(text) is not { } line)
            {
                damaged++;
                continue;
            }

            if (line.B != number && records.Count > 0)
            {
                batches.Add(new(number, records));
                records = [];
            }

            number = line.B;
            records.Add(line.R);
        }

        if (records.Count > 0) batches.Add(new(number, records));
        return batches;
    }

    private static SpoolLine? Parse(string line)
    {
        if (line.Length < 10 || !uint.TryParse(line.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var sum)) return null;
        var json = line[9..];
        if (Crc32C(Encoding.UTF8.GetBytes(json)) != sum) return null;
        try
        {
            return JsonSerializer.Deserialize(json, SpoolJson.Default.SpoolLine);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>CRC-32C (Castagnoli), RFC 3720 appendix B.4.</summary>
    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..]) crc = BitOperations.Crc32C(crc, MemoryMarshal.Read<ulong>(bytes));
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}

/// <summary>A line of the spool: the batch and the record.</summary>
internal sealed record SpoolLine(long B, JournalRecord R);

[JsonSerializable(typeof(SpoolLine))]
internal sealed partial class SpoolJson : JsonSerializerContext;
