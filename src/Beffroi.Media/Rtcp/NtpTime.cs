// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Rtcp;

/// <summary>64-bit NTP timestamps: RFC 3550 §4, seconds since 1900 in the upper half, the fraction in the lower.</summary>
internal static class NtpTime
{
    private static readonly DateTimeOffset Epoch = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal static ulong Of(DateTimeOffset time)
    {
        var ticks = (UInt128)(time - Epoch).Ticks;
        return (ulong)((ticks << 32) / TimeSpan.TicksPerSecond);
    }
}
