// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;

namespace Beffroi.Sip.UserAgent;

/// <summary>A REFER received inside a session: RFC 3515, with the subscription it implies.</summary>
/// <remarks>Threading: methods from any thread; each after the first answer, and each after the final notification, does nothing.</remarks>
public sealed class SipRefer
{
    private readonly SipSession _session;

    internal SipRefer(SipSession session, ServerTransaction transaction, NameAddress target, ReplacesHeader? replaces)
    {
        _session = session;
        Transaction = transaction;
        Target = new NameAddress(target.Uri!.WithoutHeaders(), target.DisplayName);
        Replaces = replaces;
        Subscribes = !(transaction.Request.Text(SipHeaderName.ReferSub)?.StartsWith("false", StringComparison.OrdinalIgnoreCase) ?? false);
    }

    internal ServerTransaction Transaction { get; }

    /// <summary>The first REFER of the dialog: its event needs no id (RFC 3515 §2.4.6).</summary>
    internal bool IsFirst { get; init; }

    /// <summary>CSeq of the REFER: the id of the subscription's event (RFC 3515 §2.4.6).</summary>
    internal uint Id => Transaction.Request.CSeqNumber;

    /// <summary>0 waiting for an answer, 1 accepted and subscribed, 2 over. Touched by the session only.</summary>
    internal int Stage { get; set; }

    /// <summary>Whether the referrer wants notifications: RFC 4488, "Refer-Sub: false".</summary>
    internal bool Subscribes { get; }

    public SipMessage Request => Transaction.Request;

    /// <summary>Refer-To without the headers escaped in its URI.</summary>
    public NameAddress Target { get; }

    /// <summary>The dialog the new call is to take over, from the Replaces header escaped in Refer-To (RFC 3891 §6.1).</summary>
    public ReplacesHeader? Replaces { get; }

    /// <summary>Referred-By (RFC 3892), passed on in the INVITE that follows, to telephones.</summary>
    public string? ReferredBy => Transaction.Request.Text(SipHeaderName.ReferredBy);

    /// <summary>202, and at once a NOTIFY "100 Trying".</summary>
    public void Accept() => _session.AnswerRefer(this, SipStatus.Accepted);

    /// <summary>Refuses with 400-699.</summary>
    public void Refuse(int status) => _session.AnswerRefer(this, status);

    /// <summary>Tells the referrer how the call goes: a status from 200 ends the subscription.</summary>
    public void Notify(int status) => _session.NotifyRefer(this, status);
}
