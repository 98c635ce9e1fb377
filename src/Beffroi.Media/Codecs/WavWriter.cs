// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Beffroi.Media.Codecs;

/// <summary>How the samples of a WAV file are stored.</summary>
public enum WavEncoding
{
    Pcm16,
    ALaw,
    MuLaw,
}

/// <summary>Writes a mono WAV file as the sound comes.</summary>
/// <remarks>
/// Sound goes to the disk in pieces of 32 KiB and the header is set right after each, so that a file left by a process that died
/// plays up to its last piece. Threading: one thread at a time. <see cref="Write"/> allocates nothing and blocks for the disk once per piece.
/// </remarks>
public sealed class WavWriter : IDisposable
{
    private const int HeaderLength = 44;
    private const long Longest = uint.MaxValue - HeaderLength;
    private readonly SafeFileHandle _file;
    private readonly WavEncoding _encoding;
    private readonly byte[] _piece = new byte[32768];
    private int _pending;
    private long _written;
    private bool _closed;

    /// <param name="path">Made anew; a file of that name is overwritten.</param>
    /// <param name="sampleRate">Hz.</param>
    /// <param name="encoding">Two bytes a sample, or one.</param>
    /// <exception cref="IOException">The file cannot be made or the disk is full; also from <see cref="Write"/> and <see cref="Dispose"/>.</exception>
    public WavWriter(string path, int sampleRate, WavEncoding encoding = WavEncoding.Pcm16)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sampleRate);
        (SampleRate, _encoding) = (sampleRate, encoding);
        _file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        WriteHeader();
    }

    public int SampleRate { get; }

    /// <summary>The sound written so far.</summary>
    public TimeSpan Duration => TimeSpan.FromTicks((_written + _pending) / BytesPerSample * TimeSpan.TicksPerSecond / SampleRate);

    private int BytesPerSample => _encoding == WavEncoding.Pcm16 ? 2 : 1;

    /// <summary>Appends samples. Beyond 4 GiB, what a WAV file can hold, they are dropped.</summary>
    public void Write(ReadOnlySpan<short> samples)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        while (!samples.IsEmpty && _written + _pending < Longest - _piece.Length)
        {
            var take = Math.Min(samples.Length, (_piece.Length - _pending) / BytesPerSample);
            Store(samples[..take], _piece.AsSpan(_pending));
            _pending += take * BytesPerSample;
            samples = samples[take..];
            if (_pending == _piece.Length) Flush();
        }
    }

    /// <summary>Brings what was written to the disk and sets the header right.</summary>
    public void Flush()
    {
        RandomAccess.Write(_file, _piece.AsSpan(0, _pending), HeaderLength + _written);
        _written += _pending;
        _pending = 0;
        WriteHeader();
    }

    public void Dispose()
    {
        if (_closed) return;
        _closed = true;
        try
        {
            Flush();
        }
        finally
        {
            _file.Dispose();
        }
    }

    private void Store(ReadOnlySpan<short> samples, Span<byte> target)
    {
        if (_encoding == WavEncoding.Pcm16 && BitConverter.IsLittleEndian) MemoryMarshal.AsBytes(samples).CopyTo(target);
        else if (_encoding == WavEncoding.Pcm16) for (var i = 0; i < samples.Length; i++) BinaryPrimitives.WriteInt16LittleEndian(target[(2 * i)..], samples[i]);
        else G711.Encode(_encoding == WavEncoding.ALaw, samples, target);
    }

    private void WriteHeader()
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)(HeaderLength - 8 + _written));
        "WAVEfmt "u8.CopyTo(header[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], 16);
        BinaryPrimitives.WriteUInt16LittleEndian(header[20..], _encoding switch { WavEncoding.ALaw => WavFile.ALaw, WavEncoding.MuLaw => WavFile.MuLaw, _ => WavFile.Pcm });
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(header[24..], (uint)SampleRate);
        BinaryPrimitives.WriteUInt32LittleEndian(header[28..], (uint)(SampleRate * BytesPerSample));
        BinaryPrimitives.WriteUInt16LittleEndian(header[32..], (ushort)BytesPerSample);
        BinaryPrimitives.WriteUInt16LittleEndian(header[34..], (ushort)(8 * BytesPerSample));
        "data"u8.CopyTo(header[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], (uint)_written);
        RandomAccess.Write(_file, header, 0);
    }
}
