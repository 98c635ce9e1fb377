// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.UserAgent;

/// <summary>Why a session is over.</summary>
public enum SessionEnd : byte
{
    /// <summary>The peer sent BYE.</summary>
    Bye,

    /// <summary>We ended it: BYE was answered or given up, or our refusal was sent.</summary>
    Local,

    /// <summary>The INVITE ended with 300-699, either way round; <see cref="ISipSessionListener.OnRejected"/> came before if it was ours.</summary>
    Rejected,

    /// <summary>Cancelled before it was answered, by either side.</summary>
    Cancelled,

    /// <summary>Nobody refreshed the session in time (RFC 4028 §10).</summary>
    SessionTimerExpired,

    /// <summary>Our 200 was never acknowledged (RFC 3261 §13.3.1.4), or our reliable provisional response never (RFC 3262 §3).</summary>
    AckMissing,

    /// <summary>The peer no longer knows the dialog or no longer answers: 481 or 408 to a request inside it (RFC 3261 §12.2.1.2).</summary>
    PeerGone,

    /// <summary>Nothing could be sent any more.</summary>
    TransportFailed,

    /// <summary>A bug of ours broke this session; it is in the log.</summary>
    Broken,
}

/// <summary>Where a session is in its life.</summary>
public enum SessionState : byte
{
    /// <summary>INVITE sent or received, no dialog yet.</summary>
    Starting,

    /// <summary>A provisional response with a tag was sent or received.</summary>
    Early,

    /// <summary>A 2xx was sent or received, its ACK is still missing.</summary>
    Accepted,

    /// <summary>The ACK was sent or received.</summary>
    Confirmed,

    /// <summary>BYE or CANCEL sent, or to be sent as soon as the RFC allows.</summary>
    Ending,

    /// <summary>Over: nothing is called any more.</summary>
    Ended,
}
