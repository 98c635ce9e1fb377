// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using System.Diagnostics;
using Beffroi.Sip.Authentication;
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.EventPackages;
using Beffroi.Sip.Messages;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Sip.Tests.Messages;

/// <summary>Whatever the bytes: no exception, and what was parsed can be read, answered, and read again.</summary>
public sealed class MutationFuzzTests
{
    private static readonly byte[][] Seeds = [.. Rfc4475.Names.Select(Rfc4475.Read)];
    private static readonly SipHeaderName[] AllNames = Enum.GetValues<SipHeaderName>();
    private static readonly byte[] Marks = [.. "\r\n \t\0\"\\<>;,:@%=?[]/*"u8];

    [Fact]
    public void A_second_of_seeded_mutations_never_throws() => Run(TimeSpan.FromSeconds(1), seed: 4475);

    [Fact]
    [Trait("Category", "Long")]
    public void A_minute_of_mutations_never_throws() => Run(TimeSpan.FromSeconds(60), seed: Environment.TickCount);

    private static void Run(TimeSpan duration, int seed)
    {
        var random = new Random(seed);
        var clock = Stopwatch.StartNew();
        var rounds = 0;
        var taken = 0;
        while (clock.Elapsed < duration)
        {
            var bytes = Mutate(Seeds[random.Next(Seeds.Length)], random);
            try
            {
                if (SipMessage.TryParse(bytes, out var message, out var fault)) taken++;
                if (message is not null) Touch(message, fault);
                Frame(bytes, random);
            }
            catch (Exception broken) when (broken is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"Seed {seed}, round {rounds}: {broken}\n{Convert.ToBase64String(bytes)}");
            }
            rounds++;
        }
        Assert.True(taken > rounds / 20, $"Only {taken} of {rounds} mutations were taken: the mutator breaks everything.");
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = new List<byte>(seed);
        for (var count = random.Next(1, 6); count > 0 && bytes.Count > 4; count--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] = Marks[random.Next(Marks.Length)]; break;
                case 2: bytes.Insert(at, Marks[random.Next(Marks.Length)]); break;
                case 3: bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)); break;
                case 4: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, Math.Min(random.Next(1, 200), bytes.Count - at))); break;
                default: bytes.RemoveRange(at, random.Next(4) == 0 ? bytes.Count - at : 0); break;
            }
        }
        return [.. bytes];
    }

    private static void Touch(SipMessage message, SipParseFault fault)
    {
        foreach (var name in AllNames)
        {
            _ = message.Values(name);
            _ = message.Tokens(name);
            _ = EventHeader.TryRead(message, out _, out _);
            _ = message.Number(name);
            _ = message.HasToken(name, "100rel");
            foreach (var value in message.Values(name)) TouchValue(value);
            foreach (var address in message.Addresses(name))
                Assert.True(NameAddress.TryParse(address.Reveal(), out _), address.Reveal());
        }
        _ = message.Headers.Count();
        _ = (message.ReasonPhrase, message.MethodName, message.CallId, message.FromTag, message.ToTag, message.ToString());
        if (message.RequestUri is { } uri)
        {
            _ = (uri.Parameters, uri.Headers, uri.ToString(), uri.GetHashCode());
            Assert.True(SipUri.TryParse(uri.Reveal(), out var again) && again.Equals(uri));
        }
        message.Stamp(new(System.Net.IPAddress.Loopback, 5060));
        _ = message.TopVia;
        _ = message.TryVias(out _);
        if (!message.IsRequest) return;
        if (fault != SipParseFault.None)
        {
            _ = SipResponses.Refuse(message, fault, "tag");
            return;
        }
        var response = SipMessage.Own(SipResponses.Write(message, 486, null, "tag", []));
        Assert.Equal(message.CallId, response.CallId);
        Assert.Equal("127.0.0.1", response.TopVia.Received ?? "127.0.0.1");
    }

    /// <summary>The parsers of single values, each on every value: they must stand what belongs to another.</summary>
    private static void TouchValue(string value)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(value);
        _ = DigestFields.TryParse(bytes, out _);
        _ = ReplacesHeader.TryParse(value, out _);
        _ = Via.TryParse(bytes, out _);
    }

    // In two pieces, as TCP may bring them: the same bytes give the same units.
    private static void Frame(byte[] bytes, Random random)
    {
        var framer = new SipStreamFramer();
        var cut = random.Next(bytes.Length + 1);
        var buffer = new ReadOnlySequence<byte>(bytes, 0, cut);
        while (framer.TryRead(ref buffer, 65535, out _, out _, out _)) { }
        var left = bytes.AsMemory(cut - (int)buffer.Length);
        buffer = new ReadOnlySequence<byte>(left);
        for (var units = 0; framer.TryRead(ref buffer, 65535, out _, out _, out _); units++) Assert.True(units < 10_000, "The framer does not move on.");
    }
}
