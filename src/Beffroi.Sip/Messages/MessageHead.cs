// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Messages;

/// <summary>Start line and header index of a message, read in one pass over its bytes into the caller's stack: RFC 3261 §7.</summary>
/// <remarks>Deviation: a bare LF ends a line as CRLF does (RFC 3261 §7 wants CRLF); a CR alone is refused.</remarks>
internal ref struct MessageHead(Span<HeaderEntry> entries)
{
    /// <summary>Twice the 70 hops of Max-Forwards, in Via and Record-Route, and room for the rest.</summary>
    public const int MostHeaders = 256;

    private readonly Span<HeaderEntry> _entries = entries;

    public int Count { get; private set; }
    public int StartLineLength { get; private set; }
    /// <summary>Where the body starts, after the empty line; -1 if there is no empty line.</summary>
    public int BodyStart { get; private set; }
    public SipParseFault Fault { get; private set; }
    /// <summary>Bit n is set if header id n is there.</summary>
    public UInt128 Seen { get; private set; }
    /// <summary>Bit n is set if header id n is there more than once.</summary>
    public UInt128 Repeated { get; private set; }

    public readonly ReadOnlySpan<HeaderEntry> Entries => _entries[..Count];

    /// <summary>Reads the head of <paramref name="text"/>, which starts with the start line and is at most 65,535 bytes long.</summary>
    public void Read(ReadOnlySpan<byte> text)
    {
        BodyStart = -1;
        if (!NextLine(text, 0, out var end, out var next)) return;
        StartLineLength = end;
        while (true)
        {
            var start = next;
            if (!NextLine(text, start, out end, out next)) return;
            if (end == start)
            {
                BodyStart = next;
                return;
            }
            var folded = false;
            while (next < text.Length && text[next] is (byte)' ' or (byte)'\t')
            {
                folded = true;
                if (!NextLine(text, next, out end, out next)) return;
            }
            Add(text, start, end, folded);
        }
    }

    public readonly ReadOnlySpan<byte> First(ReadOnlySpan<byte> text, SipHeaderName name)
    {
        if (!Has(name)) return default;
        foreach (ref readonly var entry in Entries)
            if (entry.Id == name)
                return entry.Value(text);
        return default;
    }

    public readonly bool Has(SipHeaderName name) => (Seen & (UInt128.One << (int)name)) != 0;

    private void Add(ReadOnlySpan<byte> text, int start, int end, bool folded)
    {
        if (Count == _entries.Length)
        {
            Blame(SipParseFault.TooManyHeaders);
            return;
        }
        var line = text[start..end];
        var nameLength = SipText.TokenLength(line);
        var colon = SipText.SkipBlanks(line, nameLength);
        if (nameLength == 0 || colon >= line.Length || line[colon] != ':')
        {
            Blame(SipParseFault.BadHeader);
            return;
        }
        var value = start + SipText.SkipBlanks(line, colon + 1);
        while (end > value && SipText.IsBlank(text[end - 1])) end--;
        var id = SipHeaderNames.Of(line[..nameLength]);
        var bit = UInt128.One << (int)id;
        Repeated |= Seen & bit;
        Seen |= bit;
        _entries[Count++] = new HeaderEntry(id, folded && SipText.HasLineBreak(text[value..end]), start, value, end - value);
    }

    // False when no line end is left. end is the end of the line's content, next the start of the following line.
    private bool NextLine(ReadOnlySpan<byte> text, int start, out int end, out int next)
    {
        end = next = start;
        var from = start;
        while (true)
        {
            var at = text[from..].IndexOfAny((byte)'\r', (byte)'\n');
            if (at < 0) return false;
            end = from + at;
            if (text[end] == '\n')
            {
                next = end + 1;
                return true;
            }
            if (end + 1 >= text.Length) return false;
            if (text[end + 1] == '\n')
            {
                next = end + 2;
                return true;
            }
            // A lone CR could end a line for the next hop: refused.
            Blame(SipParseFault.BadHeader);
            from = end + 1;
        }
    }

    private void Blame(SipParseFault fault)
    {
        if (Fault == SipParseFault.None) Fault = fault;
    }
}
