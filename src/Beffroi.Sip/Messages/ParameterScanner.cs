// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Messages;

/// <summary>Walks <c>;name=value;flag</c>, blanks allowed around each part (RFC 3261 §25.1, generic-param). Stops at the first bad one and says so.</summary>
internal ref struct ParameterScanner(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _at;

    public ReadOnlySpan<byte> Name { get; private set; }
    /// <summary>As written: quotes and escapes kept. Empty when there is no "=".</summary>
    public ReadOnlySpan<byte> RawValue { get; private set; }
    public bool HasValue { get; private set; }
    public bool Malformed { get; private set; }
    /// <summary>Where the current parameter's semicolon stands, and where the parameter ends.</summary>
    public int Start { get; private set; }
    public readonly int End => _at;

    public bool MoveNext()
    {
        _at = Start = SipText.SkipBlanks(_text, _at);
        if (_at >= _text.Length) return false;
        if (_text[_at] != ';') return Fail();
        var name = SipText.SkipBlanks(_text, _at + 1);
        var length = SipText.TokenLength(_text[name..]);
        if (length == 0) return Fail();
        Name = _text.Slice(name, length);
        RawValue = default;
        HasValue = false;
        _at = name + length;
        var equals = SipText.SkipBlanks(_text, _at);
        return equals >= _text.Length || _text[equals] != '=' || TakeValue(SipText.SkipBlanks(_text, equals + 1));
    }

    private bool TakeValue(int start)
    {
        var end = start;
        if (start < _text.Length && _text[start] == '"')
        {
            end = SipText.EndOfQuoted(_text, start);
            if (end < 0) return Fail();
        }
        else
        {
            while (end < _text.Length && !SipText.IsBlank(_text[end]) && _text[end] is not ((byte)';' or (byte)',' or (byte)'"')) end++;
            if (end == start) return Fail();
        }
        RawValue = _text[start..end];
        HasValue = true;
        _at = end;
        return true;
    }

    private bool Fail()
    {
        Malformed = true;
        _at = _text.Length;
        return false;
    }

    /// <summary>True if every parameter is well formed.</summary>
    public static bool AllValid(ReadOnlySpan<byte> text)
    {
        var scan = new ParameterScanner(text);
        while (scan.MoveNext()) { }
        return !scan.Malformed;
    }

    /// <summary>The raw value of the first parameter of that name; false if there is none before the first bad one.</summary>
    public static bool TryFind(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> rawValue)
    {
        var scan = new ParameterScanner(text);
        while (scan.MoveNext())
        {
            if (!System.Text.Ascii.EqualsIgnoreCase(scan.Name, name)) continue;
            rawValue = scan.RawValue;
            return true;
        }
        rawValue = default;
        return false;
    }
}
