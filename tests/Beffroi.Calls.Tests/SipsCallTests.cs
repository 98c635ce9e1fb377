// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Calls.Applications;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Calls.Tests;

/// <summary>A caller who dials a sips URI wants TLS on every hop: RFC 3261 §26.2.2, RFC 5630 §5.3.</summary>
public sealed class SipsCallTests
{
    private static readonly CallParty Anyone = new(PartyKind.Internal, "102", "");

    [Fact]
    public async Task A_sips_call_does_not_go_on_to_a_phone_without_tls()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var bob = await bed.PhoneAsync("102");
        bed.Rings("102", null, bob);
        var caller = Calls(bed, "sips:102@127.0.0.1");
        Assert.Equal(480, (await FinalAsync(caller)).StatusCode);
        Assert.Empty(bob.Seen);
        Assert.Empty(bed.Events.OfType<CallDelivered>());
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task An_emergency_call_goes_on_even_so()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var bob = await bed.PhoneAsync("112");
        bed.Runs("112", async (call, stop) => await call.RingAsync(
            new RingRequest { Targets = [ExchangeBed.Target(bob, call.Caller) with { EvenInsecure = true }], Timeout = TimeSpan.FromSeconds(20) }, stop));
        var caller = Calls(bed, "sips:112@127.0.0.1");
        await bob.SeesAsync("invite");
        bob.Rings();
        bob.Session!.Reject(486);
        Assert.Equal(486, (await FinalAsync(caller)).StatusCode);
        await bed.IsCleanAsync();
    }

    [Theory]
    [InlineData("sips:bob@192.0.2.1", null, "", true)]
    [InlineData("sip:bob@192.0.2.1;transport=tls", null, "", true)]
    [InlineData("sip:bob@192.0.2.1", null, "", false)]
    [InlineData("sip:bob@192.0.2.1", SipTransportKind.Wss, "", true)]
    [InlineData("sip:bob@192.0.2.1;transport=tls", SipTransportKind.Tcp, "", false)]
    [InlineData("sip:bob@192.0.2.1", SipTransportKind.Tls, "sip:edge.example;lr", false)]
    [InlineData("sips:bob@192.0.2.1", SipTransportKind.Tls, "sips:edge.example;lr", true)]
    public void Tls_to_the_very_device_is_told_from_its_address_and_flow(string uri, SipTransportKind? flow, string path, bool secure) => Assert.Equal(secure, new RingTarget
    {
        Party = Anyone,
        Uri = SipUri.Parse(uri),
        Flow = flow is { } kind ? new KeptFlow(kind) : null,
        Route = path.Length > 0 ? [SipUri.Parse(path)] : [],
        From = new NameAddress(SipUri.Parse("sip:101@127.0.0.1")),
        To = new NameAddress(SipUri.Parse(uri)),
    }.IsSecure);

    private static KeptFlow Calls(ExchangeBed bed, string uri)
    {
        const string sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40002 RTP/AVP 8\r\n";
        var flow = new KeptFlow(SipTransportKind.Tls);
        bed.Stack.Receive(SipMessage.Own(Encoding.ASCII.GetBytes(
            $"INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:40000;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sips:101@127.0.0.1>;tag=a\r\nTo: <{uri}>\r\nCall-ID: sips\r\n" +
            $"CSeq: 1 INVITE\r\nContact: <sips:101@127.0.0.1:40000>\r\nContent-Type: application/sdp\r\nContent-Length: {sdp.Length}\r\n\r\n{sdp}")), flow);
        return flow;
    }

    private static async Task<SipMessage> FinalAsync(KeptFlow flow)
    {
        while (true)
            if (await flow.NextAsync() is { StatusCode: >= 200 } final) return final;
    }
}
