// SPDX-License-Identifier: EUPL-1.2
using System.Security.Cryptography;

namespace Beffroi.Server.Platform.Privacy;

/// <summary>Seals content at rest: AES-256-GCM with a key of its own for each content, which the installation's master key wraps.</summary>
/// <remarks>
/// A sealed text is <c>"BFS1"</c> · wrap nonce (12) · wrap tag (16) · wrapped key (32) · nonce (12) · tag (16) · cipher text. The content's id is
/// authenticated with both: a sealed message cannot be put in another's place. Threading: safe from any thread.
/// </remarks>
public sealed class ContentSeal
{
    private const int KeyLength = 32, NonceLength = 12, TagLength = 16;
    private const int WrapAt = 4, WrapTagAt = WrapAt + NonceLength, KeyAt = WrapTagAt + TagLength, NonceAt = KeyAt + KeyLength, TagAt = NonceAt + NonceLength;

    /// <summary>How much longer a sealed text is than its content, bytes.</summary>
    public const int Overhead = TagAt + TagLength;

    private readonly byte[] _master;

    /// <param name="master">256 bits.</param>
    public ContentSeal(ReadOnlySpan<byte> master)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(master.Length, KeyLength);
        _master = master.ToArray();
    }

    private static ReadOnlySpan<byte> Magic => "BFS1"u8;

    public byte[] Seal(Guid id, ReadOnlySpan<byte> content)
    {
        var whole = new byte[Overhead + content.Length];
        Magic.CopyTo(whole);
        Span<byte> key = stackalloc byte[KeyLength];
        Span<byte> name = stackalloc byte[16];
        id.TryWriteBytes(name);
        RandomNumberGenerator.Fill(key);
        RandomNumberGenerator.Fill(whole.AsSpan(WrapAt, NonceLength));
        RandomNumberGenerator.Fill(whole.AsSpan(NonceAt, NonceLength));
        using (var wrap = new AesGcm(_master, TagLength))
            wrap.Encrypt(whole.AsSpan(WrapAt, NonceLength), key, whole.AsSpan(KeyAt, KeyLength), whole.AsSpan(WrapTagAt, TagLength), name);
        using (var cipher = new AesGcm(key, TagLength))
            cipher.Encrypt(whole.AsSpan(NonceAt, NonceLength), content, whole.AsSpan(Overhead), whole.AsSpan(TagAt, TagLength), name);
        CryptographicOperations.ZeroMemory(key);
        return whole;
    }

    /// <summary>False when the bytes are cut, changed, of another id, or sealed under another master key. Never throws for what the bytes say.</summary>
    public bool TryOpen(Guid id, ReadOnlySpan<byte> sealedContent, out byte[] content)
    {
        content = [];
        if (sealedContent.Length < Overhead || !sealedContent.StartsWith(Magic)) return false;
        Span<byte> key = stackalloc byte[KeyLength];
        Span<byte> name = stackalloc byte[16];
        id.TryWriteBytes(name);
        try
        {
            using (var wrap = new AesGcm(_master, TagLength))
                wrap.Decrypt(sealedContent.Slice(WrapAt, NonceLength), sealedContent.Slice(KeyAt, KeyLength), sealedContent.Slice(WrapTagAt, TagLength), key, name);
            var opened = new byte[sealedContent.Length - Overhead];
            using (var cipher = new AesGcm(key, TagLength))
                cipher.Decrypt(sealedContent.Slice(NonceAt, NonceLength), sealedContent[Overhead..], sealedContent.Slice(TagAt, TagLength), opened, name);
            content = opened;
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
