// SPDX-License-Identifier: EUPL-1.2
using System.Threading.Channels;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Registration.Contract;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.EventPackages;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Server.Features.CallControl;

/// <summary>The message-waiting lamp of telephones that do not subscribe to it: a NOTIFY when they register and when the count changes, for devices whose setting asks for it.</summary>
/// <remarks>Deviation: RFC 3842 §3.1 and RFC 6665 §3.1 know no NOTIFY without a subscription; many older desk phones expect nothing else. Threading: events only
/// enqueue; one loop sends, so that the last NOTIFY has the last count. How one ends does not matter: the next change sends another.</remarks>
internal sealed class WaitingMessages(IDirectory directory, IRegistrations registrations, IMessageCounts counts, OwnDomains domains, SipStack stack, SipTransportLayer transport) : BackgroundService
{
    private readonly Channel<Device> _due = Channel.CreateUnbounded<Device>(new() { SingleReader = true });

    /// <summary>What waits for whoever has an extension; null for one that is not there.</summary>
    internal static MessageSummary? Of(DirectorySnapshot now, IMessageCounts counts, Guid extension)
    {
        if (!now.Extensions.TryGetValue(extension, out var found)) return null;
        var waiting = counts.Of(found);
        return new MessageSummary(waiting.New, waiting.Old);
    }

    /// <summary>Attached at once: a device that registers while the server starts is told too.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        registrations.Changed += OnRegistered;
        counts.Changed += OnCounted;
        return base.StartAsync(cancellationToken);
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        registrations.Changed -= OnRegistered;
        counts.Changed -= OnCounted;
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var device in _due.Reader.ReadAllAsync(stoppingToken)) Tell(device);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private void OnRegistered(RegistrationChanged changed)
    {
        if (changed.Kind == BindingChangeKind.Added && directory.Current.Devices.TryGetValue(changed.Device, out var device) && device.UnsolicitedMwi) _due.Writer.TryWrite(device);
    }

    private void OnCounted(Guid extension)
    {
        foreach (var device in directory.Current.DevicesOf(extension))
            if (device.UnsolicitedMwi) _due.Writer.TryWrite(device);
    }

    private void Tell(Device device)
    {
        if (!device.Enabled || Of(directory.Current, counts, device.ExtensionId) is not { } waiting) return;
        var own = new NameAddress(SipUri.Of(device.SipUsername, domains.Realm));
        foreach (var binding in registrations.BindingsOf(device.Id))
        {
            if (!ExtensionPhones.TryWayTo(binding, transport, out var flow)) continue;
            stack.Send(
                new OutboundRequest
                {
                    Method = SipMethod.Notify,
                    Target = binding.Contact,
                    Flow = flow,
                    Route = [.. binding.Path.Where(p => p.Uri is not null).Select(p => p.Uri!)],
                    From = own,
                    To = own,
                    ContactUser = device.SipUsername,
                    Headers = [new(SipHeaderName.Event, MessageSummaryPackage.PackageName), new(SipHeaderName.SubscriptionState, "terminated;reason=noresource")],
                    ContentType = "application/simple-message-summary",
                    Body = MessageSummaryPackage.Write(waiting),
                },
                static _ => { });
        }
    }
}
