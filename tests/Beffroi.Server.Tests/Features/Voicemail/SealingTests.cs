// SPDX-License-Identifier: EUPL-1.2
using System.Security.Cryptography;
using System.Text;
using Beffroi.Server.Features.Voicemail;
using Beffroi.Server.Platform.Privacy;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.Voicemail;

public sealed class SealingTests
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);
    private static readonly Guid Id = Guid.NewGuid();
    private static readonly byte[] Said = Encoding.UTF8.GetBytes("Bonjour, rappelez-moi au sujet de l'acte de naissance.");

    [Fact]
    public void What_was_sealed_is_opened_by_the_same_key_and_id()
    {
        var whole = new ContentSeal(Key).Seal(Id, Said);
        Assert.Equal(Said.Length + ContentSeal.Overhead, whole.Length);
        Assert.DoesNotContain("naissance", Encoding.Latin1.GetString(whole), StringComparison.Ordinal);
        Assert.True(new ContentSeal(Key).TryOpen(Id, whole, out var opened));
        Assert.Equal(Said, opened);
    }

    [Fact]
    public void Another_key_another_id_or_one_changed_bit_opens_nothing()
    {
        var seal = new ContentSeal(Key);
        var whole = seal.Seal(Id, Said);
        Assert.False(seal.TryOpen(Guid.NewGuid(), whole, out _));
        Assert.False(new ContentSeal(RandomNumberGenerator.GetBytes(32)).TryOpen(Id, whole, out _));
        for (var at = 0; at < whole.Length; at++)
        {
            whole[at] ^= 1;
            Assert.False(seal.TryOpen(Id, whole, out _), $"byte {at}");
            whole[at] ^= 1;
        }

        for (var length = 0; length < whole.Length; length++) Assert.False(seal.TryOpen(Id, whole.AsSpan(0, length), out _), $"length {length}");
    }

    [Fact]
    public void The_same_words_are_never_sealed_alike() =>
        Assert.NotEqual(Convert.ToHexString(new ContentSeal(Key).Seal(Id, Said)), Convert.ToHexString(new ContentSeal(Key).Seal(Id, Said)));

    [Fact]
    public void A_pin_is_known_by_its_hash_alone()
    {
        var hash = Pin.Hash("4271");
        Assert.True(Pin.Verify("4271", hash));
        Assert.False(Pin.Verify("4272", hash));
        Assert.False(Pin.Verify("4271", null));
        Assert.False(Pin.Verify("4271", "1.zz.zz"));
        Assert.DoesNotContain("4271", hash, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1111", true)]
    [InlineData("1234", true)]
    [InlineData("8765", true)]
    [InlineData("1001", true)]
    [InlineData("4271", false)]
    public void A_pin_that_everybody_tries_first_is_too_easy(string pin, bool easy) => Assert.Equal(easy, Pin.IsTooEasy(pin, "1001"));

    [Fact]
    public void Five_wrong_pins_close_a_box_for_a_quarter_of_an_hour_then_for_longer()
    {
        var clock = new ManualTime();
        var locks = new PinLock(clock);
        for (var i = 0; i < 4; i++) Assert.False(locks.Wrong(Id));
        Assert.True(locks.Wrong(Id));
        Assert.True(locks.IsLocked(Id));
        Assert.False(locks.IsLocked(Guid.NewGuid()));
        clock.Advance(TimeSpan.FromMinutes(15));
        Assert.False(locks.IsLocked(Id));
        for (var i = 0; i < 5; i++) locks.Wrong(Id);
        clock.Advance(TimeSpan.FromMinutes(29));
        Assert.True(locks.IsLocked(Id));
        locks.Right(Id);
        Assert.False(locks.IsLocked(Id));
    }
}
