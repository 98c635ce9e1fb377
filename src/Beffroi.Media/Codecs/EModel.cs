// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Codecs;

/// <summary>How a codec sounds at best and how it bears loss: ITU-T G.113 appendix I.</summary>
/// <param name="Impairment">Ie, points of R lost without any packet loss.</param>
/// <param name="LossRobustness">Bpl, the percentage of loss that costs half of what is left.</param>
public readonly record struct CodecImpairment(double Impairment, double LossRobustness)
{
    private static readonly Dictionary<string, CodecImpairment> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        // G.113 (2007) tables I.1 and I.3. G.711 with loss concealment (G.711 appendix I), as every phone has it.
        ["PCMA"] = new(0, 25.1),
        ["PCMU"] = new(0, 25.1),
        ["G729"] = new(11, 19),
        ["G723"] = new(15, 16.1),
        ["GSM"] = new(20, 10),
        ["GSM-EFR"] = new(5, 10),
        ["AMR"] = new(5, 10),
        ["iLBC"] = new(11, 32),
        // Wideband codecs have their own scale (G.107.1). On the narrowband scale used here they are given as free of impairment;
        // the loss figures follow the wideband tables of G.113 in proportion and are an approximation.
        ["G722"] = new(0, 14),
        ["AMR-WB"] = new(0, 13),
        ["opus"] = new(0, 20),
    };

    /// <summary>The figures of an encoding name of RTP (RFC 3551); an unknown one is taken for G.711 without loss concealment.</summary>
    public static CodecImpairment Of(string encoding) => Known.TryGetValue(encoding, out var known) ? known : new CodecImpairment(0, 4.3);
}

/// <summary>The E-model of ITU-T G.107 with all values but delay, codec and loss at the defaults of its table 2.</summary>
public static class EModel
{
    /// <summary>R with nothing in the way: G.107 §7.7.</summary>
    public const double DefaultRating = 93.2;

    private const double BasicSignalToNoise = 94.7688;      // Ro of the defaults, G.107 §7.2
    private const double Simultaneous = 1.4136;             // Is of the defaults, §7.3
    private const double TalkerEchoLoudness = 65;           // TELR, dB
    private const double WeightedEchoPath = 110;            // WEPL, dB
    private const double TotalNoise = -61.18;               // No, dBm0p
    private const double ReceiveLoudness = 2;               // RLR, dB

    /// <summary>The rating R, 0 to 100.</summary>
    /// <param name="oneWayDelay">From mouth to ear, jitter buffer and packet time included.</param>
    /// <param name="lossPercent">Packets lost or too late, in percent.</param>
    /// <param name="codec">From <see cref="CodecImpairment.Of"/>.</param>
    /// <param name="burstRatio">BurstR of §7.5: 1 when losses come at random.</param>
    public static double Rating(TimeSpan oneWayDelay, double lossPercent, CodecImpairment codec, double burstRatio = 1)
    {
        var loss = Math.Clamp(double.IsNaN(lossPercent) ? 0 : lossPercent, 0, 100);
        var equipment = codec.Impairment + (95 - codec.Impairment) * loss / (loss / Math.Max(burstRatio, 1) + codec.LossRobustness);
        return Math.Clamp(BasicSignalToNoise - Simultaneous - DelayImpairment(oneWayDelay.TotalMilliseconds) - equipment, 0, 100);
    }

    /// <summary>The mean opinion score of a rating, 1 to 4.5: G.107 annex B.</summary>
    public static double Mos(double rating) => rating switch
    {
        <= 0 or double.NaN => 1,
        >= 100 => 4.5,
        _ => Math.Max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6),
    };

    /// <summary>The mean opinion score of a stream as its receiver hears it.</summary>
    /// <param name="networkDelay">One way, as half of the round trip of RTCP.</param>
    /// <param name="jitter">Interarrival jitter (RFC 3550 §6.4.1); a jitter buffer of twice that is reckoned in.</param>
    /// <param name="lossPercent">In percent.</param>
    /// <param name="encoding">Encoding name, "PCMA".</param>
    /// <param name="packetTimeMs">Milliseconds of sound in a packet.</param>
    public static double Mos(TimeSpan networkDelay, TimeSpan jitter, double lossPercent, string encoding, int packetTimeMs = 20) =>
        Mos(Rating(networkDelay + 2 * jitter + TimeSpan.FromMilliseconds(packetTimeMs), lossPercent, CodecImpairment.Of(encoding)));

    /// <summary>Id of §7.4: talker echo, listener echo and delay itself; Ta = T, Tr = 2 T.</summary>
    private static double DelayImpairment(double ms)
    {
        if (!(ms > 0)) ms = 0;
        ms = Math.Min(ms, 10_000);
        var talkerEcho = TalkerEchoLoudness - 40 * Math.Log10((1 + ms / 10) / (1 + ms / 150)) + 6 * Math.Exp(-0.3 * ms * ms);
        var roe = -1.5 * (TotalNoise - ReceiveLoudness);
        var re = 80 + 2.5 * (talkerEcho - 14);
        var talker = ((roe - re) / 2 + Math.Sqrt((roe - re) * (roe - re) / 4 + 100) - 1) * (1 - Math.Exp(-ms));
        var rle = 10.5 * (WeightedEchoPath + 7) * Math.Pow(2 * ms + 1, -0.25);
        var listener = (BasicSignalToNoise - rle) / 2 + Math.Sqrt((BasicSignalToNoise - rle) * (BasicSignalToNoise - rle) / 4 + 169);
        if (ms <= 100) return talker + listener;
        var x = Math.Log2(ms / 100);
        return talker + listener + 25 * (Math.Pow(1 + Math.Pow(x, 6), 1 / 6.0) - 3 * Math.Pow(1 + Math.Pow(x / 3, 6), 1 / 6.0) + 2);
    }
}
