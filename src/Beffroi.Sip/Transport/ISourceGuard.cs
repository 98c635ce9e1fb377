// SPDX-License-Identifier: EUPL-1.2
using System.Net;

namespace Beffroi.Sip.Transport;

/// <summary>Decides, per source address, what is heard at all. Any thread; takes no longer than a table look-up.</summary>
public interface ISourceGuard
{
    /// <summary>Nothing from this address is read, and nothing is said about it.</summary>
    bool IsBanned(IPAddress source);

    /// <summary>Takes the price of one request. False: over its rate, the request is dropped in silence.</summary>
    bool Allow(IPAddress source, SipTransportKind kind);

    /// <summary>A wrong password, an unknown extension, a scanner's message came from there. Enough of them ban the address.</summary>
    void Failed(IPAddress source);

    /// <summary>Too many failures came from an address that honest devices use too: what fails from there is refused without a further challenge.</summary>
    bool IsRestrained(IPAddress source);

    /// <summary>Whether a challenge may be answered: always, but for a restrained source, which gets a few per second.</summary>
    bool TryChallenge(IPAddress source);

    /// <summary>A device authenticated from there: one mistaken telephone must not silence its whole office.</summary>
    void Succeeded(IPAddress source);
}
