// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics;
using System.Text;
using Beffroi.Media.Sdp;
using Xunit;

namespace Beffroi.Media.Tests.Sdp;

/// <summary>Session descriptions with bytes changed, cut, doubled and mixed: nothing throws, and what is read can be written and read again.</summary>
public sealed class SdpFuzzTests
{
    private static readonly byte[][] Seeds =
    [
        Encoding.UTF8.GetBytes("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0 9 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=rtcp:4001 IN IP4 192.0.2.1\r\na=sendrecv\r\n"),
        Encoding.UTF8.GetBytes("v=0\r\no=- 1 1 IN IP6 ::1\r\ns=-\r\nc=IN IP6 2001:db8::1\r\nb=AS:900\r\nt=0 0\r\nm=audio 4000/2 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\nm=video 4002 RTP/AVPF 100 102 103\r\na=rtpmap:100 VP8/90000\r\na=rtpmap:102 H264/90000\r\na=fmtp:102 packetization-mode=1;profile-level-id=42e01f\r\na=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\na=rtcp-fb:102 nack pli\r\na=rtcp-mux\r\na=maxptime:60\r\n"),
    ];

    private static readonly string[] Words = ["m=audio 1 RTP/AVP 8\r\n", "c=IN IP4 0.0.0.0\r\n", "a=inactive\r\n", "4294967296", "-1", "/", ":", " ", "\r\n", "\0", "é", "m=", "apt=", "a=rtcp:99999 IN IP6 x\r\n", "127", "telephone-event/8000"];

    [Fact]
    public void Nothing_throws_in_a_second_of_changed_bytes() => Fuzz(TimeSpan.FromSeconds(1), seed: 8866);

    [Fact]
    [Trait("Category", "Long")]
    public void Nothing_throws_in_a_minute_of_changed_bytes() => Fuzz(TimeSpan.FromSeconds(60), seed: Environment.TickCount);

    private static void Fuzz(TimeSpan time, int seed)
    {
        var random = new Random(seed);
        var clock = Stopwatch.StartNew();
        var (tried, read) = (0, 0);
        byte[] last = [];
        try
        {
            for (; clock.Elapsed < time; tried++)
            {
                last = Changed(random);
                if (SessionDescription.TryParse(last, out var description))
                {
                    read++;
                    Use(description);
                }
            }
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"seed {seed}, try {tried}: {e}\n{Convert.ToBase64String(last)}");
        }
        Assert.True(read > tried / 20, $"only {read} of {tried} were still readable: the fuzzer is too wild to find anything");
    }

    private static void Use(SessionDescription description)
    {
        var local = SdpText.Local(20000, 20002, 20004, 20006);
        OfferAnswer.TryAnswer(description, local, CodecPolicy.Default, out _, out _, out _);
        var bytes = description.ToBytes();
        Assert.True(SessionDescription.TryParse(bytes, out var again, out var fault), fault.ToString());
        Assert.Equal(bytes, again.ToBytes());
        if (OfferAnswer.OfferFor(description, local, CodecPolicy.Default) is not { } offer) return;
        if (OfferAnswer.TryApplyAnswer(offer, description, out var parameters)) OfferAnswer.AnswerFor(description, parameters, local, CodecPolicy.Default, out _, description);
        OfferAnswer.OfferFor(offer, local, CodecPolicy.Default, description);
    }

    private static byte[] Changed(Random random)
    {
        var bytes = Seeds[random.Next(Seeds.Length)].ToList();
        for (var changes = random.Next(1, 6); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] = (byte)"0123456789 /:=\r\n"[random.Next(16)]; break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)); break;
                case 3: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Words[random.Next(Words.Length)])); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 60), bytes.Count - at))); break;
                default: bytes.InsertRange(at, Seeds[random.Next(Seeds.Length)].AsSpan(random.Next(40)).ToArray()); break;
            }
        }
        return [.. bytes];
    }
}
