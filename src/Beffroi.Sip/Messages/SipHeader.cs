// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Messages;

/// <summary>One header field to write. <paramref name="OtherName"/> is its name when <paramref name="Name"/> is <see cref="SipHeaderName.Other"/>.</summary>
public readonly record struct SipHeader(SipHeaderName Name, string Value, string? OtherName = null)
{
    /// <summary>The name as it goes on the wire.</summary>
    public string NameText => Name == SipHeaderName.Other ? OtherName ?? "" : SipHeaderNames.Text(Name);
}
