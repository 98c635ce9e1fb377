// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using BenchmarkDotNet.Attributes;
using Beffroi.Sip.Messages;

namespace Beffroi.Bench.Micro;

/// <summary>What every message costs: to read, to answer.</summary>
[MemoryDiagnoser]
public class MessageBenchmarks
{
    private static readonly SipHeader[] Contact = [new(SipHeaderName.Contact, "<sip:10.1.2.3:5060>")];
    private readonly SipMessage _invite = Parse(Samples.Invite);

    public MessageBenchmarks() => _invite.Stamp(new IPEndPoint(IPAddress.Parse("192.168.17.42"), 40321));

    [Benchmark]
    public SipMessage ParseInvite() => Parse(Samples.Invite);

    [Benchmark]
    public int ParseInviteAndReadWhatRoutingNeeds()
    {
        var message = Parse(Samples.Invite);
        return message.CallId.Length + message.FromTag.Length + message.RequestUri!.User.Length + message.From.Uri!.User.Length + message.Branch.Length;
    }

    [Benchmark]
    public byte[] Write180() => SipResponses.Write(_invite, 180, null, "5f3c9a71", Contact);

    private static SipMessage Parse(byte[] bytes) => SipMessage.TryParse(bytes, out var message, out _) ? message : throw new InvalidOperationException("Bad sample.");
}
