// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Security.Cryptography;

namespace Beffroi.Media.Sdp;

/// <summary>The o= line of one leg: one id for its whole life, a version that grows by one with each change (RFC 3264 §8).</summary>
/// <remarks>Threading: belongs to its leg's mailbox. <see cref="Save"/> and <see cref="Restore"/> carry it over a restart.</remarks>
public sealed class LocalSession
{
    private readonly long _id;
    private long _version;
    private SessionDescription? _last;
    private byte[] _lastBytes = [];

    public LocalSession() : this(RandomNumberGenerator.GetInt32(1, int.MaxValue), 0)
    {
    }

    private LocalSession(long id, long version) => (_id, _version) = (id, version);

    /// <summary>What we sent last, offer or answer, with its o= line; null before the first.</summary>
    public SessionDescription? Last => _last;

    /// <summary>Puts the o= line in place and writes the description: the very bytes of the last time when nothing changed.</summary>
    public byte[] Write(SessionDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        if (ReferenceEquals(description, _last)) return _lastBytes;
        var same = _last is not null && description with { Origin = Stamp(description, _version) } is var again && again.ToBytes().AsSpan().SequenceEqual(_lastBytes);
        if (same) return _lastBytes;
        _version++;
        _last = description with { Origin = Stamp(description, _version) };
        return _lastBytes = _last.ToBytes();
    }

    /// <summary>What <see cref="Restore"/> needs.</summary>
    public LocalSessionSnapshot Save() => new(_id, _version, _last is null ? null : System.Text.Encoding.UTF8.GetString(_lastBytes));

    public static LocalSession Restore(LocalSessionSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var session = new LocalSession(snapshot.Id, snapshot.Version);
        var bytes = System.Text.Encoding.UTF8.GetBytes(snapshot.Last ?? "");
        if (SessionDescription.TryParse(bytes, out var last)) (session._last, session._lastBytes) = (last, bytes);
        return session;
    }

    private SdpOrigin Stamp(SessionDescription description, long version) => description.Origin with
    {
        SessionId = _id.ToString(CultureInfo.InvariantCulture),
        SessionVersion = version.ToString(CultureInfo.InvariantCulture),
    };
}

/// <summary>A <see cref="LocalSession"/> at rest.</summary>
public sealed record LocalSessionSnapshot(long Id, long Version, string? Last);
