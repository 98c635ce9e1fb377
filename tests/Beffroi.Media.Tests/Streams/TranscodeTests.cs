// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Xunit;

namespace Beffroi.Media.Tests.Streams;

public sealed class TranscodeTests
{
    [Theory]
    [InlineData("PCMA", 8, "PCMU", 0)]
    [InlineData("PCMU", 0, "PCMA", 8)]
    [InlineData("PCMA", 8, "G722", 9)]
    [InlineData("G722", 9, "PCMU", 0)]
    public void A_tone_survives_the_way_from_one_codec_to_the_other(string from, int fromType, string to, int toType)
    {
        using var studio = new Studio();
        var (alice, bob) = (studio.Phone(new RtpFormat(fromType, from, 8000)), studio.Phone(new RtpFormat(toType, to, 8000)));
        alice.Leg.Bridge(bob.Leg);
        studio.Settle();
        foreach (var packet in AudioClip.Tone(1000, TimeSpan.FromSeconds(1)).Encoded(from).Chunk(160)) alice.Speak(fromType, packet);
        studio.Settle();
        var heard = bob.HearAll();
        Assert.Equal(50, heard.Count);
        Assert.All(heard, h => Assert.Equal((toType, 160), (h.PayloadType, h.Payload.Length)));
        Assert.Equal(heard.Select((_, i) => heard[0].Timestamp + 160u * (uint)i), heard.Select(h => h.Timestamp));
        Assert.True(AudioCodecs.TryCreateDecoder(to, out var decoder));
        using (decoder)
        {
            var pcm = new short[decoder.SampleRate];
            var length = decoder.Decode(heard.SelectMany(h => h.Payload).ToArray(), pcm);
            var middle = pcm.AsSpan(length / 4, length / 2);
            Assert.True(Share(middle, 1000, decoder.SampleRate) > 0.9);
        }
    }

    [Fact]
    public void A_codec_that_only_one_side_knows_and_we_do_not_is_counted_as_not_relayable()
    {
        using var studio = new Studio();
        var (alice, bob) = (studio.Phone(new RtpFormat(111, "opus", 48000, 2)), studio.Phone(Studio.Pcma));
        alice.Leg.Bridge(bob.Leg);
        studio.Settle();
        alice.Speak(111, [1, 2]);
        studio.Settle();
        Assert.Empty(bob.HearAll());
        Assert.Equal(1, studio.Dropped(DropReason.NotRelayable));
    }

    /// <summary>The share of the whole energy that lies at one frequency.</summary>
    private static double Share(ReadOnlySpan<short> pcm, double frequency, int sampleRate)
    {
        double energy = 0, re = 0, im = 0;
        for (var i = 0; i < pcm.Length; i++)
        {
            var angle = 2 * Math.PI * frequency * i / sampleRate;
            energy += (double)pcm[i] * pcm[i];
            re += pcm[i] * Math.Cos(angle);
            im += pcm[i] * Math.Sin(angle);
        }
        return 2 * (re * re + im * im) / pcm.Length / energy;
    }
}
