// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using System.Net.Sockets;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Storage;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Timers;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Server.Platform.SipHost;

/// <summary>Where SIP comes into the server: hands each request to the feature that registered for its method.</summary>
/// <remarks>Threading: requests come on SIP threads. Started before the web server listens (TCP, TLS and WebSocket come through it), stopped after it.</remarks>
internal sealed partial class SipHost(SipTransportLayer transport, SipStack stack, TimingWheel wheel, IEnumerable<ISipRequestHandler> handlers, IInviteHandler invites, StoreState store, ILogger<SipHost> log)
    : ISipCore, IHostedService
{
    private readonly FrozenDictionary<SipMethod, ISipRequestHandler> _handlers = handlers.ToFrozenDictionary(h => h.Method);
    private readonly string _allow = string.Join(", ", handlers.Select(h => h.Method.ToString().ToUpperInvariant()).Concat(["INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "PRACK", "UPDATE", "INFO", "REFER", "NOTIFY"]).Order(StringComparer.Ordinal));

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        stack.Core = this;
        wheel.StartThread();
        try
        {
            await transport.StartAsync(stack, cancellationToken);
        }
        catch (SocketException refused)
        {
            throw new SettingsException($"Sip:Listen cannot be opened ({refused.Message}): another program may use the address; change Sip:Listen or stop that program.");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => transport.DisposeAsync().AsTask();

    public void OnInvite(InboundInvite invite)
    {
        try
        {
            if (store.Source == StoreSource.Nothing) invite.Respond(SipStatus.ServiceUnavailable, null, Later);
            else invites.Handle(invite);
        }
        catch (Exception broken) // The receive loop's catch-all: this request fails, the others go on.
        {
            HandlerBroke(log, broken, "INVITE");
            invite.Respond(SipStatus.ServerInternalError);
        }
    }

    public void OnRequest(ServerTransaction transaction)
    {
        try
        {
            if (store.Source == StoreSource.Nothing) transaction.Respond(SipStatus.ServiceUnavailable, null, [Later]);
            else if (_handlers.TryGetValue(transaction.Request.Method, out var handler)) handler.Handle(transaction);
            else if (transaction.Request.Method == SipMethod.Options) transaction.Respond(SipStatus.Ok, null, Capabilities());
            else transaction.Respond(SipStatus.MethodNotAllowed, null, [new SipHeader(SipHeaderName.Allow, AllowedBeside(transaction.Request.MethodName))]);
        }
        catch (Exception broken) // The receive loop's catch-all, as above.
        {
            HandlerBroke(log, broken, transaction.Request.MethodName);
            transaction.Respond(SipStatus.ServerInternalError);
        }
    }

    /// <summary>What is known inside a dialog only is not named to somebody who just sent it outside of one.</summary>
    private string AllowedBeside(string refused) => string.Join(", ", _allow.Split(", ").Where(method => method != refused));

    /// <summary>Nobody is known while neither store nor copy can be read. A refusal would look like a wrong password: RFC 3261 §21.5.4 says when to come back, or to try another server.</summary>
    private static SipHeader Later { get; } = new(SipHeaderName.RetryAfter, "30");

    /// <summary>RFC 3261 §11.2: what a 200 to OPTIONS tells.</summary>
    private SipHeader[] Capabilities() =>
    [
        new(SipHeaderName.Allow, _allow),
        new(SipHeaderName.Accept, "application/sdp"),
        new(SipHeaderName.AcceptLanguage, "fr, en"),
        new(SipHeaderName.Supported, "100rel, timer, replaces, path"),
    ];

    [LoggerMessage(2000, LogLevel.Error, "The handler of {Method} broke; the request was answered 500.")]
    private static partial void HandlerBroke(ILogger log, Exception broken, string method);
}
