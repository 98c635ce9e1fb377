// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Messages;

/// <summary>The fields that every message needs, checked and found during the parse: RFC 3261 §8.1.1.</summary>
internal struct KeyFields
{
    public Piece Branch;
    public Piece FromTag;
    public Piece ToTag;
    public uint CSeqNumber;
    public SipMethod CSeqMethod;
    public short MaxForwards;
    public int ContentLength;
    /// <summary>The top Via tells where a response must go, even if its parameters are bad.</summary>
    public bool IsAnswerable;

    // Several of these contradict each other (RFC 4475 §3.3.8, §3.3.9); the rest of the single ones are judged by whoever reads them.
    private static readonly UInt128 Single = Bits(SipHeaderName.From, SipHeaderName.To, SipHeaderName.CallId, SipHeaderName.CSeq, SipHeaderName.MaxForwards,
        SipHeaderName.ContentLength, SipHeaderName.ContentType, SipHeaderName.Event, SipHeaderName.ReferTo, SipHeaderName.Replaces);

    private static readonly UInt128 Needed = Bits(SipHeaderName.From, SipHeaderName.To, SipHeaderName.CallId, SipHeaderName.CSeq, SipHeaderName.Via);

    private static UInt128 Bits(params ReadOnlySpan<SipHeaderName> names)
    {
        var bits = UInt128.Zero;
        foreach (var name in names) bits |= UInt128.One << (int)name;
        return bits;
    }

    /// <summary>Reads and judges the fields; the first fault found is returned, the others are still read.</summary>
    public static SipParseFault Read(ReadOnlySpan<byte> text, in MessageHead head, in StartLine start, out KeyFields keys)
    {
        keys = new KeyFields { MaxForwards = -1, ContentLength = -1 };
        var fault = head.Fault;
        if (fault == SipParseFault.None && head.BodyStart < 0) fault = SipParseFault.Truncated;
        if (fault == SipParseFault.None && (head.Seen & Needed) != Needed) fault = SipParseFault.MissingHeader;
        if (fault == SipParseFault.None && (head.Repeated & Single) != 0) fault = SipParseFault.RepeatedHeader;
        Note(ref fault, keys.ReadVia(text, head.First(text, SipHeaderName.Via)));
        Note(ref fault, ReadAddress(text, head.First(text, SipHeaderName.From), SipParseFault.BadFrom, out keys.FromTag));
        Note(ref fault, ReadAddress(text, head.First(text, SipHeaderName.To), SipParseFault.BadTo, out keys.ToTag));
        Note(ref fault, keys.ReadCSeq(head.First(text, SipHeaderName.CSeq), text[..start.MethodLength], start.IsRequest));
        var callId = head.First(text, SipHeaderName.CallId);
        if (callId.IsEmpty || callId.ContainsAny(" \t\r\n"u8)) Note(ref fault, SipParseFault.BadCallId);
        if (head.Has(SipHeaderName.MaxForwards)) Note(ref fault, keys.ReadMaxForwards(head.First(text, SipHeaderName.MaxForwards)));
        if (head.Has(SipHeaderName.ContentLength)) Note(ref fault, keys.ReadContentLength(head.First(text, SipHeaderName.ContentLength)));
        return fault;
    }

    private static void Note(ref SipParseFault fault, SipParseFault found)
    {
        if (fault == SipParseFault.None) fault = found;
    }

    private SipParseFault ReadVia(ReadOnlySpan<byte> text, ReadOnlySpan<byte> value)
    {
        var comma = new CommaScanner(value);
        if (!comma.MoveNext() || !ViaBounds.TryScan(comma.Current, out var via)) return SipParseFault.BadVia;
        IsAnswerable = true;
        Branch = Piece.Find(text, via.Branch);
        return via.Malformed ? SipParseFault.BadVia : SipParseFault.None;
    }

    private static SipParseFault ReadAddress(ReadOnlySpan<byte> text, ReadOnlySpan<byte> value, SipParseFault fault, out Piece tag)
    {
        tag = default;
        if (!AddressBounds.TryScan(value, out var address)) return fault;
        if (ParameterScanner.TryFind(address.Parameters, "tag"u8, out var raw)) tag = Piece.Find(text, raw);
        return SipParseFault.None;
    }

    // 1*DIGIT LWS Method, RFC 3261 §20.16. The RFC wants less than 2^31; anything that fits 32 bits is taken.
    private SipParseFault ReadCSeq(ReadOnlySpan<byte> value, ReadOnlySpan<byte> ownMethod, bool isRequest)
    {
        var digits = 0;
        while (digits < value.Length && SipText.IsDigit(value[digits])) digits++;
        var method = SipMessage.CSeqToken(value);
        if (!SipText.TryNumber(value[..digits], out CSeqNumber) || !SipText.IsToken(method)) return SipParseFault.BadCSeq;
        CSeqMethod = SipMethods.Of(method);
        return isRequest && !method.SequenceEqual(ownMethod) ? SipParseFault.MethodMismatch : SipParseFault.None;
    }

    private SipParseFault ReadMaxForwards(ReadOnlySpan<byte> value)
    {
        if (!SipText.TryNumber(value, out var hops) || hops > 255) return SipParseFault.BadMaxForwards;
        MaxForwards = (short)hops;
        return SipParseFault.None;
    }

    private SipParseFault ReadContentLength(ReadOnlySpan<byte> value)
    {
        if (!SipText.TryNumber(value, out var length) || length > int.MaxValue) return SipParseFault.BadContentLength;
        ContentLength = (int)length;
        return SipParseFault.None;
    }
}
