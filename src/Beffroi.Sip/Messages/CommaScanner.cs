// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Messages;

/// <summary>Cuts a header value at the commas that stand outside quotes and angle brackets: RFC 3261 §7.3.1.</summary>
internal ref struct CommaScanner(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _at;

    /// <summary>The trimmed element; may be empty where two commas follow each other.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }
    /// <summary>The untrimmed end of the current element: the index of its comma, or the length of the text.</summary>
    public int End { get; private set; }

    public bool MoveNext()
    {
        if (_at > _text.Length || _text.IsEmpty) return false;
        var start = _at;
        var at = start;
        while (at < _text.Length && _text[at] != ',')
        {
            // An unclosed quote or bracket takes the rest: whoever parses the element refuses it.
            at = _text[at] switch
            {
                (byte)'"' => SipText.EndOfQuoted(_text, at) is var end and >= 0 ? end : _text.Length,
                (byte)'<' => _text[at..].IndexOf((byte)'>') is var close and >= 0 ? at + close + 1 : _text.Length,
                _ => at + 1
            };
        }
        Current = SipText.Trim(_text[start..at]);
        End = at;
        _at = at + 1;
        return true;
    }
}
