// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Buffers;
using Xunit;

namespace Beffroi.Media.Tests.Buffers;

public sealed class PacketMemoryTests
{
    [Fact]
    public void Its_parts_do_not_overlap()
    {
        using var memory = new PacketMemory();
        memory.InBytes.Fill(1);
        memory.OutBytes.Fill(2);
        memory.Samples.Fill(3);
        memory.Resampled.Fill(4);
        Assert.False(memory.InBytes.ContainsAnyExcept((byte)1));
        Assert.False(memory.OutBytes.ContainsAnyExcept((byte)2));
        Assert.False(memory.Samples.ContainsAnyExcept((short)3));
        Assert.False(memory.Resampled.ContainsAnyExcept((short)4));
    }
}
