// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text;
using Beffroi.Sip.Messages;
using Microsoft.Extensions.Logging;

namespace Beffroi.Sip.Transport;

/// <summary>What every message goes through between its transport and the layer above: who may speak, what is answered at once, what is dropped and counted.</summary>
/// <remarks>Threading: any receive thread; holds no state of its own.</remarks>
internal sealed partial class MessageReception(ISourceGuard guard, SourceGuardOptions options, SipTransportCounters counters, ILogger log)
{
    private readonly byte[][] _scanners = [.. options.Scanners.Where(name => name.Length > 0).Select(Encoding.ASCII.GetBytes)];

    internal ISourceGuard Guard => guard;

    internal SipTransportCounters Counters => counters;

    /// <summary>Set before the first message is received.</summary>
    internal ISipMessageSink? Sink { get; set; }

    /// <summary>Takes what a parser made of the bytes.</summary>
    /// <param name="message">Null when not enough was there to answer.</param>
    internal void Take(SipMessage? message, SipParseFault fault, SipFlow flow)
    {
        if (message is null)
        {
            CountFault(fault);
            counters.Count(SipDropReason.Malformed);
            return;
        }
        if (message.IsRequest)
        {
            if (!MayAsk(message, flow)) return;
            message.Stamp(flow.Remote);
        }
        if (fault != SipParseFault.None)
        {
            CountFault(fault);
            Refuse(message, fault, flow);
            return;
        }
        counters.CountReceived(flow.Kind);
        try { Sink?.Receive(message, flow); }
        catch (Exception broken)                     // one message is lost, the socket goes on
        {
            counters.Count(SipDropReason.HandlerFailed);
            LogHandlerBroke(log, broken, flow);
        }
    }

    internal void CountFault(SipParseFault fault) => counters.Count(fault);

    private bool MayAsk(SipMessage request, SipFlow flow)
    {
        if (IsScanner(request.First(SipHeaderName.UserAgent)))
        {
            counters.Count(SipDropReason.Scanner);
            guard.Failed(flow.Remote.Address);
            return false;
        }
        // An ACK is never answered, and losing one costs retransmissions of the response: it has no price.
        if (request.Method == SipMethod.Ack || guard.Allow(flow.Remote.Address, flow.Kind)) return true;
        counters.Count(SipDropReason.OverRate);
        return false;
    }

    /// <summary>RFC 3261 §16.3, §21.4.1: a request that cannot be understood is answered, unless it is an ACK; responses are dropped (§18.1.2).</summary>
    private void Refuse(SipMessage message, SipParseFault fault, SipFlow flow)
    {
        if (!message.IsRequest || message.Method == SipMethod.Ack || fault.Status() == 0)
        {
            counters.Count(SipDropReason.Malformed);
            return;
        }
        flow.Send(SipResponses.Refuse(message, fault, StatelessTag(message)));
    }

    /// <summary>The same for a retransmission: RFC 3261 §8.2.7. 64 bits of FNV-1a; nothing hangs on its being hard to guess.</summary>
    private static string StatelessTag(SipMessage request)
    {
        var hash = 14695981039346656037UL;
        foreach (var octet in request.CallIdBytes) hash = (hash ^ octet) * 1099511628211UL;
        foreach (var octet in request.Branch) hash = (hash ^ octet) * 1099511628211UL;
        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }

    private bool IsScanner(ReadOnlySpan<byte> userAgent)
    {
        if (userAgent.IsEmpty) return false;
        foreach (var name in _scanners)
            if (userAgent.Length >= name.Length && Ascii.EqualsIgnoreCase(userAgent[..name.Length], name)) return true;
        return false;
    }

    [LoggerMessage(1120, LogLevel.Error, "A message by {Flow} could not be handled.")]
    private static partial void LogHandlerBroke(ILogger log, Exception broken, SipFlow flow);
}
