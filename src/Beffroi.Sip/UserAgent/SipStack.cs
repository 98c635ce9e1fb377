// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Timers;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;
using Microsoft.Extensions.Logging;

namespace Beffroi.Sip.UserAgent;

/// <summary>The user-agent core of RFC 3261 §8: transactions below, sessions and the <see cref="ISipCore"/> above.</summary>
/// <remarks>Threading: any thread. Messages are worked off on the thread that received them; nothing waits.</remarks>
public sealed partial class SipStack : ISipMessageSink, IAsyncDisposable
{
    internal const string SdpType = "application/sdp";
    internal const string AllowedInDialog = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, REFER, NOTIFY";
    internal const string SupportedOptions = "100rel, timer, replaces, norefersub";
    internal const string SupportedWithout100rel = "timer, replaces, norefersub";

    private readonly ConcurrentDictionary<string, IDialogEntry> _dialogs = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private int _dialogCount;
    private int _sessionCount;

    public SipStack(SipStackOptions options, SipTransportLayer transports, ISipResolver resolver, TimingWheel wheel, TimeProvider time, ILoggerFactory logs)
        : this(options, new TransportSender(transports), resolver, wheel, time, logs)
    {
    }

    public SipStack(SipStackOptions options, ISipSender sender, ISipResolver resolver, TimingWheel wheel, TimeProvider time, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logs);
        Options = options;
        Sender = sender;
        Resolver = resolver;
        Log = logs.CreateLogger("Beffroi.Sip.UserAgent");
        Stopping = _stop.Token;
        Time = time;
        TcpRefusals = new TcpRefusals(time);
        Layer = new TransactionLayer(options, sender, wheel, time, Counters, Stopping);
    }

    /// <summary>Who decides what requests get; set before traffic comes.</summary>
    public ISipCore? Core { get; set; }

    public StackCounters Counters { get; } = new();

    /// <summary>Transactions in their tables. Zero some time after the last message.</summary>
    public int Transactions => Layer.Count;

    /// <summary>Early and confirmed dialogs, of sessions and of other usages.</summary>
    public int Dialogs => Volatile.Read(ref _dialogCount);

    /// <summary>Sessions not yet ended.</summary>
    public int Sessions => Volatile.Read(ref _sessionCount);

    /// <summary>Timers armed on the wheel, which others may share.</summary>
    public int Timers => Layer.Wheel.Count;

    internal SipStackOptions Options { get; }
    internal ISipSender Sender { get; }
    internal ISipResolver Resolver { get; }
    internal TransactionLayer Layer { get; }
    internal TcpRefusals TcpRefusals { get; }
    internal TimeProvider Time { get; }
    internal ILogger Log { get; }
    internal CancellationToken Stopping { get; }

    /// <summary>Calls somebody.</summary>
    public SipSession Invite(OutboundInvite what, ISipSessionListener listener)
    {
        ArgumentNullException.ThrowIfNull(what);
        var session = new SipSession(this, what, listener);
        Add(session);
        session.Post(new SessionWork(SessionAct.Start, subject: what));
        return session;
    }

    /// <summary>Sends a request outside any dialog: resolves, fails over (RFC 3263), authenticates if credentials are given.</summary>
    /// <param name="done">Called exactly once, on any thread; for an immediate failure before this returns.</param>
    public void Send(OutboundRequest what, Action<SipOutcome> done)
    {
        ArgumentNullException.ThrowIfNull(what);
        new PlainRequest(this, what, done).Start();
    }

    /// <summary>Sends a request inside a dialog of another usage than a session: NOTIFY of a subscription.</summary>
    /// <param name="done">Called exactly once, on any thread; 481 or 408 means that the peer knows the dialog no more.</param>
    public void SendInDialog(SipDialog dialog, SipMethod method, ReadOnlySpan<SipHeader> headers, string? contentType, ReadOnlyMemory<byte> body, Action<SipOutcome> done) =>
        new DialogRequest(this, dialog, method, headers.ToArray(), contentType, body, null, done).Start();

    /// <summary>The dialog of <see cref="SipDialog.CreateUas"/> is over: its requests are answered 481 from now on.</summary>
    public void Forget(SipDialog dialog)
    {
        ArgumentNullException.ThrowIfNull(dialog);
        if (_dialogs.TryRemove(dialog.LocalTag, out _)) CountDialogs(-1);
    }

    /// <summary>The session a dialog belongs to, named as in a Replaces header received by us: by Call-ID, our tag and the peer's.</summary>
    public SipSession? FindSession(string callId, string localTag, string remoteTag) =>
        _dialogs.TryGetValue(localTag, out var entry) && entry is SipSession session && session.CallId == callId && session.HasRemoteTag(remoteTag) ? session : null;

    /// <summary>Stops name look-ups and connecting. Sessions are not ended: do that before.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Sends a message that nobody answers (an ACK) to where a URI leads: the first target that can be reached.</summary>
    internal async Task SendLaterAsync(SipUri hop, byte[] message, SipFlow? otherwise)
    {
        try
        {
            foreach (var target in await Resolver.ResolveAsync(hop, Stopping).ConfigureAwait(false))
            {
                if (await Sender.ConnectAsync(target.Kind, target.Address, target.ServerName, Stopping).ConfigureAwait(false) is not { } flow) continue;
                if (flow.Send(message)) return;
            }
            if (!hop.IsSecure || otherwise is { Kind: var kind } && kind.IsSecure()) otherwise?.Send(message);
        }
        catch (OperationCanceledException) { }           // the stack is being closed
    }

    internal void Add(UsageEntry entry)
    {
        _dialogs[entry.LocalTag] = entry;
        CountDialogs(1);
    }

    internal void Add(SipSession session)
    {
        _dialogs[session.LocalTag] = session;
        Interlocked.Increment(ref _sessionCount);
    }

    internal void Remove(SipSession session)
    {
        if (_dialogs.TryRemove(new KeyValuePair<string, IDialogEntry>(session.LocalTag, session))) Interlocked.Decrement(ref _sessionCount);
    }

    internal void CountDialogs(int change) => Interlocked.Add(ref _dialogCount, change);

    internal void WriteProduct(ref SipWriter writer, SipHeaderName name)
    {
        if (Options.Product.Length > 0) writer.Header(name, Options.Product);
    }
}
