// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform.Privacy;
using Beffroi.Sip.Messages;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Our registrations with operators, by which their calls in are known: the Contact that we gave them bears a mark nobody can guess, and while a registration lives its registrar's
/// addresses are the operator's, for those that write a Request-URI of their own (docs/adr/0010-calls-in-on-a-registration.md).</summary>
/// <remarks>Threading: any thread; never waits.</remarks>
internal sealed class TrunkRegistrations(ITrunks trunks, MasterKey key)
{
    /// <summary>The URI parameter that holds the mark, as others call it (Asterisk, snom).</summary>
    private const string Line = "line";

    private readonly byte[] _key = key.Derive("trunk-lines");
    private readonly ConcurrentDictionary<Guid, IReadOnlyList<IPAddress>> _live = [];

    /// <summary>The addresses of the registrars with which we are registered now.</summary>
    public IEnumerable<IPAddress> Addresses => trunks.Current.Usable.SelectMany(t => _live.GetValueOrDefault(t.Id) ?? []);

    /// <summary>What to write into the Contact of a REGISTER.</summary>
    public string ParametersOf(Trunk trunk) => $";{Line}={MarkOf(trunk)}";

    /// <summary>Whether the registrar speaks of the Contact that we gave for this trunk.</summary>
    public bool IsOurs(SipUri? contact, Trunk trunk) => contact?.Parameter(Line) is { } mark && IsMark(mark, trunk);

    public void Lives(Trunk trunk, IReadOnlyList<IPAddress> registrar) => _live[trunk.Id] = registrar;

    public void Gone(Trunk trunk) => _live.TryRemove(trunk.Id, out _);

    /// <summary>The trunk whose Contact is called. It counts before the first REGISTER after a start is answered: the operator still knows the Contact of the last run.</summary>
    public bool TryContact(SipUri? called, [NotNullWhen(true)] out Trunk? trunk)
    {
        trunk = called?.Parameter(Line) is { Length: > 0 } mark ? trunks.Current.Usable.FirstOrDefault(t => t.Kind == TrunkKind.Registering && IsMark(mark, t)) : null;
        return trunk is not null;
    }

    /// <summary>The trunk whose registrar has this address. Of several accounts with one operator it is the one that the Request-URI names, else the first.</summary>
    public bool TryFrom(IPAddress source, string calledUser, [NotNullWhen(true)] out Trunk? trunk)
    {
        if (source.IsIPv4MappedToIPv6) source = source.MapToIPv4();
        trunk = trunks.Current.Usable.Where(t => _live.TryGetValue(t.Id, out var registrar) && registrar.Contains(source)).OrderByDescending(t => t.Username == calledUser).FirstOrDefault();
        return trunk is not null;
    }

    private bool IsMark(string mark, Trunk trunk) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(mark), Encoding.ASCII.GetBytes(MarkOf(trunk)));

    /// <summary>128 bits, the same after a restart: the registrar replaces the Contact that it knows instead of ringing a second one that is gone.</summary>
    private string MarkOf(Trunk trunk) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, trunk.Id.ToByteArray()).AsSpan(0, 16));
}
