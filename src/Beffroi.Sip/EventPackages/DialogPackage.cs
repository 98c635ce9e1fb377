// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.EventPackages;

/// <summary>The dialog event package, RFC 4235: who is in a call, for the lamps of telephones. The whole state first, then what changed.</summary>
/// <remarks>A dialog that is no longer on the board is told once as terminated: many telephones put the lamp out on that alone. Threading: any thread.</remarks>
public sealed class DialogPackage(DialogBoard board, Func<string, string, bool> mayWatch) : IEventPackage
{
    public const string PackageName = "dialog";

    public string Name => PackageName;

    public string ContentType => "application/dialog-info+xml";

    public TimeSpan DefaultExpires => TimeSpan.FromHours(1);

    /// <summary>RFC 4235 §3.10: at most one a second.</summary>
    public TimeSpan MinInterval => TimeSpan.FromSeconds(1);

    public int Authorize(string subscriber, string resource) => mayWatch(subscriber, resource) ? SipStatus.Ok : SipStatus.Forbidden;

    public ReadOnlyMemory<byte> Write(SubscriptionView subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        var now = board.Of(subscription.Resource);
        var before = subscription.Memory is ImmutableArray<DialogState> told ? told : [];
        subscription.Memory = now;
        var xml = new StringBuilder("<?xml version=\"1.0\"?>\n<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\"", 512)
            .Append(CultureInfo.InvariantCulture, $" version=\"{subscription.Version}\" state=\"{(subscription.IsFull ? "full" : "partial")}\"");
        Attribute(xml, "entity", subscription.Entity);
        xml.Append(">\n");
        foreach (var dialog in now)
            if (subscription.IsFull || !before.Contains(dialog))
                Append(xml, dialog);
        foreach (var dialog in before)
            if (DialogBoard.IndexOf(now, dialog.Id) < 0)
                Append(xml, dialog with { Phase = DialogPhase.Terminated });
        return Encoding.UTF8.GetBytes(xml.Append("</dialog-info>\n").ToString());
    }

    private static void Append(StringBuilder xml, DialogState dialog)
    {
        xml.Append("<dialog");
        Attribute(xml, "id", dialog.Id);
        Attribute(xml, "call-id", dialog.CallId);
        Attribute(xml, "local-tag", dialog.LocalTag);
        Attribute(xml, "remote-tag", dialog.RemoteTag);
        Attribute(xml, "direction", dialog.IsInitiator ? "initiator" : "recipient");
        xml.Append(">\n<state>").Append(dialog.Phase switch
        {
            DialogPhase.Trying => "trying",
            DialogPhase.Proceeding => "proceeding",
            DialogPhase.Early => "early",
            DialogPhase.Confirmed => "confirmed",
            _ => "terminated"
        }).Append("</state>\n");
        Party(xml, "local", dialog.Local, dialog.IsHeld);
        Party(xml, "remote", dialog.Remote, isHeld: false);
        xml.Append("</dialog>\n");
    }

    private static void Party(StringBuilder xml, string element, NameAddress? party, bool isHeld)
    {
        if (party is null && !isHeld) return;
        xml.Append('<').Append(element).Append('>');
        if (party is not null)
        {
            xml.Append("<identity");
            if (party.DisplayName.Length > 0) Attribute(xml, "display", party.DisplayName);
            xml.Append('>');
            XmlText.Escape(xml, party.UriText);
            xml.Append("</identity>");
        }
        if (party is not null || isHeld)
        {
            xml.Append("<target");
            Attribute(xml, "uri", party?.UriText ?? "");
            xml.Append(isHeld ? "><param pname=\"+sip.rendering\" pval=\"no\"/></target>" : "/>");
        }
        xml.Append("</").Append(element).Append(">\n");
    }

    private static void Attribute(StringBuilder xml, string name, string? value)
    {
        if (value is null) return;
        xml.Append(' ').Append(name).Append("=\"");
        XmlText.Escape(xml, value);
        xml.Append('"');
    }
}
