// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Server.Features.Registration.Contract;

/// <summary>Which devices are registered, and where. One device (one SIP username) is one address-of-record with up to <see cref="RegistrarOptions.MostBindings"/> contacts.</summary>
/// <remarks>Threading: any thread; nothing waits. Bindings survive a restart, without their flows: where they came from is kept.</remarks>
public interface IRegistrations
{
    /// <summary>Works an authenticated REGISTER into the device's bindings (RFC 3261 §10.3) and writes down what changed. Answer with the outcome.</summary>
    RegistrarOutcome Register(Device device, SipMessage request, SipFlow? flow);

    /// <summary>The live bindings of a device, preferred first; empty when it is not registered.</summary>
    IReadOnlyList<Binding> BindingsOf(Guid device);

    /// <summary>Ends all bindings of a device: it may register again.</summary>
    /// <returns>How many there were.</returns>
    int Remove(Guid device);

    /// <summary>The connection of a device is gone: bindings that can be reached by no other way end.</summary>
    void FlowClosed(Guid device, SipFlow flow);

    /// <summary>How many bindings are live.</summary>
    int Count { get; }

    /// <summary>How many devices have one.</summary>
    int Devices { get; }

    /// <summary>Told after a binding came, went or ran out; not on refreshes. On the thread that did it: must only enqueue.</summary>
    event Action<RegistrationChanged>? Changed;
}

/// <summary>A device's registration changed.</summary>
/// <param name="IsRegistered">Whether it has a binding now.</param>
public sealed record RegistrationChanged(Guid Device, BindingChangeKind Kind, bool IsRegistered);
