// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.UserAgent;

public enum BindingChangeKind
{
    Added,
    Refreshed,
    Removed
}

/// <summary>One binding that a REGISTER changed; for <see cref="BindingChangeKind.Removed"/> as it was.</summary>
public readonly record struct BindingChange(BindingChangeKind Kind, Binding Binding);

/// <summary>What a REGISTER comes to: the answer to send, and the bindings to keep. On a refusal nothing has changed.</summary>
public sealed record RegistrarOutcome(int Status, string? Reason, IReadOnlyList<Binding> Bindings, IReadOnlyList<BindingChange> Changes, IReadOnlyList<SipHeader> Headers)
{
    public bool IsSuccess => Status == SipStatus.Ok;
}
