// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Streams;

/// <summary>What one media thread has done.</summary>
/// <remarks>Threading: written by its thread without locks; read by others at any time, each number by itself.</remarks>
internal sealed class ThreadCounters
{
    private readonly long[] _drops = new long[Enum.GetValues<DropReason>().Length];

    internal long PacketsReceived { get; set; }
    internal long PacketsSent { get; set; }
    internal long BytesReceived { get; set; }
    internal long BytesSent { get; set; }
    internal long Faults { get; set; }
    internal int Playing { get; set; }
    internal int Recording { get; set; }

    /// <summary>Commands done, looks from inside not counted.</summary>
    internal long Commands { get; set; }

    /// <summary>Times the thread woke up: an idle engine adds none.</summary>
    internal long WakeUps { get; set; }

    internal void Drop(DropReason reason) => _drops[(int)reason]++;

    internal long Dropped(DropReason reason) => Volatile.Read(ref _drops[(int)reason]);
}
