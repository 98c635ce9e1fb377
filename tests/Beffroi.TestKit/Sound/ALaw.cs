// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.TestKit.Sound;

/// <summary>A-law of ITU-T G.711, apart from the server's own, so that one checks the other.</summary>
internal static class ALaw
{
    internal static byte Encode(short sample)
    {
        var mask = sample >= 0 ? 0xD5 : 0x55;
        var size = (sample >= 0 ? sample : -sample - 1) >> 3;
        var segment = 0;
        while (segment < 7 && size > (0x20 << segment) - 1) segment++;
        return (byte)((segment << 4 | size >> Math.Max(segment, 1) & 0x0F) ^ mask);
    }

    internal static short Decode(byte code)
    {
        code ^= 0x55;
        var segment = code >> 4 & 7;
        var size = ((code & 0x0F) << 4) + 8;
        if (segment > 0) size = size + 0x100 << segment - 1;
        return (short)((code & 0x80) != 0 ? size : -size);
    }
}
