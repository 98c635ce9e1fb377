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
internal sealed class ExtensionPhones(IDirectory directory, IRegistrations registrations, OwnDomains domains) : IExtensionPhones
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
                    Flow = WayBack(binding),
                    Route = binding.Path.Count == 0 ? [] : [.. binding.Path.Where(p => p.Uri is not null).Select(p => p.Uri!)],
                    From = From(how),
                    To = new NameAddress(SipUri.Of(extension.Number, domains.Realm)),
                    Headers = DiversionHeaders.Of(how, domains.Realm),
                });
            }
        }

        return targets;
    }

    /// <summary>The flow of the REGISTER where it is the only way to the device: on connections, and through a NAT. A device whose contact has the very address
    /// that it registered from says itself at which port it listens.</summary>
    internal static SipFlow? WayBack(Binding binding)
    {
        if (binding.Flow is not { IsOpen: true } flow) return null;
        if (flow.IsReliable || !IPAddress.TryParse(binding.Contact.Host.Trim('[', ']'), out var contact)) return flow;
        return contact.Equals(flow.Remote.Address) ? null : flow;
    }

    private NameAddress From(RingAs how) => how.Shown.Withheld && how.Shown.Number.IsEmpty
        ? new NameAddress(SipUri.Of("anonymous", "anonymous.invalid"), "Anonymous")
        : new NameAddress(SipUri.Of(how.Shown.Number.Reveal(), domains.Realm), how.Shown.Name.Length > 0 ? how.Shown.Name : null);
}
