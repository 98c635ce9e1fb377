// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.Dialogs;

/// <summary>What lives in a dialog besides sessions (RFC 5057): a subscription.</summary>
public interface ISipDialogUsage
{
    /// <summary>A request of the peer inside the dialog, its CSeq checked; must be answered. On the thread of the message, under no lock.</summary>
    void OnRequest(SipDialog dialog, ServerTransaction transaction);
}

/// <summary>What the dialog table holds, found by our tag.</summary>
internal interface IDialogEntry
{
    string LocalTag { get; }

    /// <summary>Whether Call-ID and the peer's tag are those of this entry.</summary>
    bool Owns(SipMessage request);

    void OnRequest(ServerTransaction transaction);

    void OnAck(SipMessage ack, SipFlow flow);
}

/// <summary>A dialog whose usage is outside this folder.</summary>
internal sealed class UsageEntry(SipDialog dialog, ISipDialogUsage usage) : IDialogEntry
{
    private readonly Lock _gate = new();

    public string LocalTag => dialog.LocalTag;

    public bool Owns(SipMessage request) => dialog.CallId == request.CallId && dialog.RemoteTag == request.FromTag;

    public void OnRequest(ServerTransaction transaction)
    {
        bool inOrder;
        lock (_gate)
        {
            inOrder = dialog.TakeRequest(transaction.Request, transaction.Flow);
            if (inOrder) dialog.Refresh(transaction.Request);
        }
        if (inOrder) usage.OnRequest(dialog, transaction);
        else transaction.Respond(SipStatus.ServerInternalError, "CSeq Out of Order");
    }

    public void OnAck(SipMessage ack, SipFlow flow)
    {
    }
}
