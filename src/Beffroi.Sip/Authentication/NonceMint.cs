// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Beffroi.Sip.Authentication;

/// <summary>Makes nonces that need no memory: time, number, and a MAC over both under a key of this process. 64 hexadecimal digits.</summary>
/// <remarks>Threading: any thread.</remarks>
internal sealed class NonceMint(TimeProvider time)
{
    public const int Length = 64;
    private const int Key = 32, Payload = 16, Mac = 16;

    private readonly long _start = time.GetTimestamp();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(Key);
    private ulong _last = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    /// <summary>Milliseconds since the mint was made, by the monotonic clock: a clock that is set makes no nonce stale.</summary>
    public long Now => (long)time.GetElapsedTime(_start).TotalMilliseconds;

    public string Make()
    {
        Span<byte> nonce = stackalloc byte[Payload + Mac];
        BinaryPrimitives.WriteInt64BigEndian(nonce, Now);
        BinaryPrimitives.WriteUInt64BigEndian(nonce[8..], Interlocked.Increment(ref _last));
        Sign(nonce[..Payload], nonce[Payload..]);
        return Convert.ToHexStringLower(nonce);
    }

    /// <summary>False for a nonce this process did not make.</summary>
    public bool TryRead(ReadOnlySpan<byte> text, out ulong number, out long issued)
    {
        (number, issued) = (0, 0);
        Span<byte> nonce = stackalloc byte[Payload + Mac];
        if (text.Length != Length || Convert.FromHexString(text, nonce, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        Span<byte> mac = stackalloc byte[Mac];
        Sign(nonce[..Payload], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, nonce[Payload..])) return false;
        issued = BinaryPrimitives.ReadInt64BigEndian(nonce);
        number = BinaryPrimitives.ReadUInt64BigEndian(nonce[8..]);
        return true;
    }

    // SHA-256 over key and payload, cut to half: one compression, half the time of HMAC. Sound because the payload has one length and the cut leaves nothing to extend.
    private void Sign(ReadOnlySpan<byte> payload, Span<byte> mac)
    {
        Span<byte> keyed = stackalloc byte[Key + Payload];
        Span<byte> whole = stackalloc byte[32];
        _key.CopyTo(keyed);
        payload.CopyTo(keyed[Key..]);
        SHA256.HashData(keyed, whole);
        whole[..Mac].CopyTo(mac);
    }
}
