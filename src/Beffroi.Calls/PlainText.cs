// SPDX-License-Identifier: EUPL-1.2
using System.Text;

namespace Beffroi.Calls;

/// <summary>The wall between what a peer may write (RFC 3261 §25.1 lets a user part hold <c>%00</c>, a display name any control character, both of any length) and what stores, screens and files take.</summary>
/// <remarks>Pure; any thread. A text that is plain already is returned as it is: nothing is allocated.</remarks>
public static class PlainText
{
    /// <summary>The most that names and numbers of parties hold: what the history's columns hold.</summary>
    public const int MostOfParty = 120;

    /// <summary>At most <paramref name="most"/> UTF-16 units of <paramref name="text"/>, never half a character; U+FFFD where a control character or half a surrogate pair stood, a space where a tab or a line break stood.</summary>
    public static string Of(string text, int most)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= most && IsPlain(text)) return text;
        var plain = new StringBuilder(Math.Min(text.Length, most));
        foreach (var rune in text.EnumerateRunes())             // a lone surrogate comes as U+FFFD
        {
            if (plain.Length + rune.Utf16SequenceLength > most) break;
            if (!Rune.IsControl(rune)) plain.Append(rune.ToString());
            else plain.Append(rune.Value is '\t' or '\n' or '\r' ? ' ' : '\uFFFD');
        }

        return plain.ToString();
    }

    private static bool IsPlain(string text)
    {
        foreach (var c in text)
            if (char.IsControl(c) || char.IsSurrogate(c)) return false;
        return true;
    }
}
