// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;

namespace Beffroi.Media.Sockets;

/// <summary>Where one stream's packets come from and go to: symmetric RTP (RFC 4961, RFC 7362 §4).</summary>
/// <remarks>
/// Rules. The first valid packet locks its source; all else is refused and counted. The lock is opened again by: a new signalled address (re-INVITE, UPDATE);
/// a packet from the very address that was signalled, which always wins over a guess, so that a stranger who was faster loses; a source that fell silent for
/// <see cref="RelatchAfter"/> while a packet goes on with its SSRC and sequence number from elsewhere (a NAT or a Wi-Fi that changed).
/// Threading: the stream's media thread.
/// </remarks>
internal struct RemoteLatch
{
    internal static readonly TimeSpan RelatchAfter = TimeSpan.FromSeconds(1);
    private NativeAddress _signalled;
    private NativeAddress _source;
    private long _heardAt;

    internal bool IsLocked { get; private set; }

    /// <summary>Where to send: to the locked source when symmetric, else where the peer said.</summary>
    [UnscopedRef]
    internal readonly ref readonly NativeAddress Target(bool symmetric) => ref symmetric && IsLocked ? ref _source : ref _signalled;

    internal readonly NativeAddress Source => _source;

    /// <summary>Takes what signalling says. The same address as before keeps the lock.</summary>
    internal void Signal(in NativeAddress signalled)
    {
        if (_signalled.Equals(signalled)) return;
        _signalled = signalled;
        IsLocked = false;
    }

    internal void Lock(in NativeAddress source, long now) => (_source, IsLocked, _heardAt) = (source, true, now);

    /// <summary>True when a packet from <paramref name="source"/> may be taken.</summary>
    /// <param name="continues">Its SSRC and sequence number go on where the locked source stopped.</param>
    internal bool Accepts(in NativeAddress source, bool continues, long now, long frequency)
    {
        if (IsLocked && !_source.Equals(source))
        {
            var silent = now - _heardAt > RelatchAfter.TotalSeconds * frequency;
            if (!source.Equals(_signalled) && !(continues && silent)) return false;
            IsLocked = false;
        }
        if (!IsLocked) _source = source;
        IsLocked = true;
        _heardAt = now;
        return true;
    }
}
