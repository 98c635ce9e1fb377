// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;

namespace Beffroi.Sip.EventPackages;

/// <summary>A package whose subscribers may change what they watch: by a SUBSCRIBE with a body. No RFC knows that; see <see cref="FeatureKeyPackage"/>.</summary>
/// <remarks>Threading: any thread, no lock is held; in memory, no wait.</remarks>
public interface IChangeablePackage : IEventPackage
{
    /// <summary>What the body asks for. 200, or the status of the refusal: 400, 415.</summary>
    int Read(SipMessage subscribe, out object? wish);

    /// <summary>Whether a SUBSCRIBE with a body inside the subscription's dialog comes from the subscriber; when it does not, it was answered. (One that opens a dialog was proved before.)</summary>
    bool Proves(ServerTransaction transaction, string subscriber);

    /// <summary>Has a wish carried out, or not: the NOTIFY that follows says how things are.</summary>
    /// <param name="done">To be called exactly once, at any time, from any thread: until then the subscription tells nothing.</param>
    void Change(SubscriptionView subscription, object wish, Action done);
}
