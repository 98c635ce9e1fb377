// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Registration.Contract;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Server.Features.CallControl;

/// <summary>The registered devices of an extension as targets to ring.</summary>
internal sealed class ExtensionPhones(IDirectory directory, IRegistrations registrations, OwnDomains domains, SipTransportLayer transport) : IExtensionPhones
{
    public IReadOnlyList<RingTarget> TargetsOf(Extension extension, RingAs how)
    {
        var now = directory.Current;
        var targets = new List<RingTarget>(2);
        foreach (var device in now.DevicesOf(extension.Id))
        {
            if (!device.Enabled) continue;
            foreach (var binding in registrations.BindingsOf(device.Id))
            {
                if (!TryWayTo(binding, transport, out var flow)) continue;
                targets.Add(new RingTarget
                {
                    Party = new CallParty(PartyKind.Internal, extension.Number, now.DisplayName(extension))
                    {
                        Extension = extension.Id,
                        Person = extension.PersonId,
                        Device = device.SipUsername,
                        Site = device.SiteId,
                    },
                    Uri = binding.Contact,
                    Flow = flow,
                    Route = binding.Path.Count == 0 ? [] : [.. binding.Path.Where(p => p.Uri is not null).Select(p => p.Uri!)],
                    From = From(how),
                    To = new NameAddress(SipUri.Of(extension.Number, domains.Realm)),
                    Headers = DiversionHeaders.Of(how, domains.Realm),
                });
            }
        }

        return targets;
    }

    /// <summary>The way to a device: the flow of its REGISTER where that is the only one, on connections and through a NAT; null where its contact is called. A device
    /// whose contact has the very address that it registered from says itself at which port it listens.</summary>
    /// <returns>False when its connection was the only way and is gone: nobody waits for an answer that can not come, until the device connects again.</returns>
    internal static bool TryWayTo(Binding binding, SipTransportLayer transport, out SipFlow? flow)
    {
        flow = binding.Flow is { IsOpen: true } open ? open : null;
        var isAddress = IPAddress.TryParse(binding.Contact.Host.Trim('[', ']'), out var contact);
        if (binding.Source is not { } source) return true;
        var isThere = isAddress && contact!.Equals(source.Remote.Address);
        if (source.Kind == SipTransportKind.Udp)
        {
            if (isThere) flow = null;
            else if (flow is null) transport.TryGetFlow(SipTransportKind.Udp, source.Remote, out flow);      // after a restart: the NAT still knows our address and port
            return true;
        }

        if (flow is not null || binding.Path.Count > 0) return true;
        if (binding.RegId > 0 || source.Kind is SipTransportKind.Ws or SipTransportKind.Wss) return false;  // RFC 5626 §5.3, RFC 7118 §5: the connection or nothing
        return !isAddress || (isThere && binding.Contact.Port != source.Remote.Port);                         // the far end of a connection is no port that listens
    }

    private NameAddress From(RingAs how) => how.Shown.Withheld && how.Shown.Number.IsEmpty
        ? new NameAddress(SipUri.Of("anonymous", "anonymous.invalid"), "Anonymous")
        : new NameAddress(SipUri.Of(how.Shown.Number.Reveal(), domains.Realm), how.Shown.Name.Length > 0 ? how.Shown.Name : null);
}
