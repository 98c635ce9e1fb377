// SPDX-License-Identifier: EUPL-1.2
using System.Security.Cryptography;
using System.Text;
using Beffroi.Server.Platform.Privacy;
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
}
