// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using System.Text;
using Beffroi.Sip.Messages;
using Xunit;

namespace Beffroi.Sip.Tests.Messages;

public sealed class SipStreamFramerTests
{
    [Fact]
    public void Messages_are_found_whatever_the_pieces_they_come_in()
    {
        var stream = Encoding.UTF8.GetBytes("\r\n" + Message("one", "hello") + "\r\n\r\n" + Message("two", "") + Message("three", "\r\n\r\n"));
        for (var piece = 1; piece < stream.Length; piece += piece < 40 ? 1 : 37)
        {
            var (units, fault) = Feed(stream, piece, 65535);
            Assert.Equal(["one", "ping", "two", "three"], units);
            Assert.Equal(SipParseFault.None, fault);
        }
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n", "", SipParseFault.BadContentLength)]
    [InlineData("Content-Length: 5", "Content-Length: -5", SipParseFault.BadContentLength)]
    [InlineData("Content-Length: 5", "Content-Length: 5\r\nl: 6", SipParseFault.BadContentLength)]
    [InlineData("Content-Length: 5", "Content-Length: 2000", SipParseFault.TooLong)]
    [InlineData("OPTIONS sip:a@example.org SIP/2.0", "GET / HTTP/1.1", SipParseFault.NotSip)]
    public void Lost_framing_is_told(string good, string bad, SipParseFault expected)
    {
        var (units, fault) = Feed(Encoding.UTF8.GetBytes(Message("one", "hello").Replace(good, bad, StringComparison.Ordinal)), 10_000, 1000);
        Assert.Empty(units);
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void A_head_without_end_is_given_up_at_the_limit()
    {
        var (units, fault) = Feed(Encoding.UTF8.GetBytes("OPTIONS sip:a@example.org SIP/2.0\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", 300))), 100, 1000);
        Assert.Empty(units);
        Assert.Equal(SipParseFault.TooLong, fault);
    }

    [Fact]
    public void A_message_with_a_fault_is_taken_and_the_stream_goes_on()
    {
        var (units, fault) = Feed(Encoding.UTF8.GetBytes(Message("one", "").Replace("CSeq: 1", "CSeq: x", StringComparison.Ordinal) + Message("two", "")), 50, 65535);
        Assert.Equal(["one BadCSeq", "two"], units);
        Assert.Equal(SipParseFault.None, fault);
    }

    private static string Message(string callId, string body) =>
        "OPTIONS sip:a@example.org SIP/2.0\r\nVia: SIP/2.0/TCP c.example.org;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n" +
        $"Call-ID: {callId}\r\nCSeq: 1 OPTIONS\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    // As a pipe does: what was not consumed comes again, with one piece more.
    private static (List<string> Units, SipParseFault Fault) Feed(byte[] stream, int piece, int maxSize)
    {
        var framer = new SipStreamFramer();
        var units = new List<string>();
        var consumed = 0;
        for (var arrived = Math.Min(piece, stream.Length); ; arrived = Math.Min(arrived + piece, stream.Length))
        {
            var buffer = Segments(stream.AsMemory(consumed, arrived - consumed), 7);
            var before = buffer.Length;
            SipParseFault fault;
            while (framer.TryRead(ref buffer, maxSize, out var message, out fault, out var keepAlive))
                units.Add(keepAlive ? "ping" : fault == SipParseFault.None ? message!.CallId : $"{message?.CallId} {fault}");
            if (fault != SipParseFault.None) return (units, fault);
            consumed += (int)(before - buffer.Length);
            if (arrived == stream.Length) return (units, fault);
        }
    }

    private static ReadOnlySequence<byte> Segments(ReadOnlyMemory<byte> bytes, int size)
    {
        if (bytes.Length <= size) return new ReadOnlySequence<byte>(bytes);
        var first = new Segment(bytes[..size], null);
        var last = first;
        for (var at = size; at < bytes.Length; at += size) last = new Segment(bytes.Slice(at, Math.Min(size, bytes.Length - at)), last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is null) return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
