// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Calls.Tests;

/// <summary>A telephone that asks for our offer in mid-call: re-INVITE without SDP, its answer in the ACK (RFC 3261 §14.1).</summary>
public sealed class LateOfferTests
{
    [Theory]
    [InlineData("sendonly")]
    [InlineData("inactive")]
    public async Task It_holds_and_takes_back_by_what_it_answers(string hold)
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var bob = await bed.PhoneAsync("102");
        bed.Rings("102", null, bob);
        var alice = new Caller(bed);
        alice.Sends("INVITE", Sdp("sendrecv"));
        await bob.SeesAsync("invite");
        bob.Answers();
        await alice.AnsweredAsync();
        alice.Sends("ACK");
        await bob.SeesAsync("ack");

        Assert.Contains("a=sendrecv", await alice.IsOfferedAsync(), StringComparison.Ordinal);
        alice.Sends("ACK", Sdp(hold));
        await bed.HappensAsync<CallHeld>();
        bob.Drain();
        await bob.HearsSomethingAsync();
        Assert.Contains("a=sendrecv", await alice.IsOfferedAsync(), StringComparison.Ordinal);
        alice.Sends("ACK", Sdp("sendrecv"));
        await bed.HappensAsync<CallRetrieved>();
        bob.HangsUp();
        Assert.Equal("callee-hung-up", (await bed.HappensAsync<CallCleared>()).Cause);
    }

    private static string Sdp(string direction) =>
        $"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40002 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na={direction}\r\n";

    /// <summary>One dialog, written by hand.</summary>
    private sealed class Caller(ExchangeBed bed)
    {
        private readonly KeptFlow _flow = new(SipTransportKind.Tcp);
        private string _to = "<sip:102@127.0.0.1>";
        private string _target = "sip:102@127.0.0.1";
        private int _cseq = 1;

        public void Sends(string method, string sdp = "") => bed.Stack.Receive(
            SipMessage.Own(Encoding.ASCII.GetBytes(
                $"{method} {_target} SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:40000;branch=z9hG4bK{method}{_cseq}\r\nMax-Forwards: 70\r\nFrom: <sip:101@127.0.0.1>;tag=a\r\nTo: {_to}\r\n" +
                $"Call-ID: late\r\nCSeq: {_cseq} {method}\r\nContact: <sip:101@127.0.0.1:40000;transport=tcp>\r\n{(sdp.Length > 0 ? "Content-Type: application/sdp\r\n" : "")}Content-Length: {sdp.Length}\r\n\r\n{sdp}")),
            _flow);

        public async Task<SipMessage> AnsweredAsync()
        {
            while (true)
            {
                var response = await _flow.NextAsync();
                if (response.StatusCode < 200 || response.CSeqNumber != (uint)_cseq) continue;
                Assert.Equal(200, response.StatusCode);
                (_to, _target) = (response.Text(SipHeaderName.To)!, response.Text(SipHeaderName.Contact)!.Trim('<', '>'));
                return response;
            }
        }

        public async Task<string> IsOfferedAsync()
        {
            _cseq++;
            Sends("INVITE");
            return Encoding.ASCII.GetString((await AnsweredAsync()).Body);
        }
    }
}
