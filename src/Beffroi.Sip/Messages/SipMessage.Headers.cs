// SPDX-License-Identifier: EUPL-1.2
using System.Text;

namespace Beffroi.Sip.Messages;

public sealed partial class SipMessage
{
    public int HeaderCount => _index.Length;

    /// <summary>Every header field in order, as text.</summary>
    public IEnumerable<SipHeader> Headers
    {
        get
        {
            foreach (var entry in _index)
                yield return new SipHeader(entry.Id, SipText.Decode(entry.Value(_bytes)), entry.Id == SipHeaderName.Other ? Encoding.ASCII.GetString(entry.Name(_bytes)) : null);
        }
    }

    public bool Has(SipHeaderName name) => (_seen & (UInt128.One << (int)name)) != 0;

    /// <summary>The raw value of the first such header, folds kept; empty if there is none.</summary>
    public ReadOnlySpan<byte> First(SipHeaderName name)
    {
        if (!Has(name)) return default;
        foreach (ref readonly var entry in _index.AsSpan())
            if (entry.Id == name)
                return entry.Value(_bytes);
        return default;
    }

    /// <summary>The first such header's value, unfolded; null if there is none.</summary>
    public string? Text(SipHeaderName name) => Has(name) ? SipText.Decode(First(name)) : null;

    /// <summary>By its full name, in any case: for headers without an id, and for those with one.</summary>
    public string? Text(string otherName)
    {
        var id = SipHeaderNames.Of(otherName);
        if (id != SipHeaderName.Other) return Text(id);
        foreach (var entry in _index)
            if (entry.Id == SipHeaderName.Other && Ascii.EqualsIgnoreCase(entry.Name(_bytes), otherName))
                return SipText.Decode(entry.Value(_bytes));
        return null;
    }

    /// <summary>The digits the first such header starts with, capped at 2³¹-1; null if absent or not a number.</summary>
    public int? Number(SipHeaderName name) => SipText.LeadingNumber(First(name));

    /// <summary>Each such header's value, unfolded, in order.</summary>
    public IReadOnlyList<string> Values(SipHeaderName name)
    {
        if (!Has(name)) return [];
        var values = new List<string>();
        foreach (var entry in _index)
            if (entry.Id == name)
                values.Add(SipText.Decode(entry.Value(_bytes)));
        return values;
    }

    /// <summary>The comma-separated elements of all such headers: Supported, Require, Allow, Accept. Empty ones are left out.</summary>
    public IReadOnlyList<string> Tokens(SipHeaderName name)
    {
        if (!Has(name)) return [];
        var tokens = new List<string>();
        foreach (var entry in _index)
        {
            if (entry.Id != name) continue;
            for (var comma = new CommaScanner(entry.Value(_bytes)); comma.MoveNext();)
                if (!comma.Current.IsEmpty)
                    tokens.Add(SipText.Decode(comma.Current));
        }
        return tokens;
    }

    /// <summary>True if one of the elements is that token, in any case, whatever parameters follow it. Allocates nothing.</summary>
    public bool HasToken(SipHeaderName name, string token)
    {
        if (!Has(name)) return false;
        foreach (ref readonly var entry in _index.AsSpan())
        {
            if (entry.Id != name) continue;
            for (var comma = new CommaScanner(entry.Value(_bytes)); comma.MoveNext();)
            {
                var end = comma.Current.IndexOfAny(" \t\r\n;"u8);
                if (Ascii.EqualsIgnoreCase(end < 0 ? comma.Current : comma.Current[..end], token)) return true;
            }
        }
        return false;
    }

    /// <summary>The well-formed addresses of all such headers, in order; the others are left out.</summary>
    public IReadOnlyList<NameAddress> Addresses(SipHeaderName name)
    {
        TryAddresses(name, out var list);
        return list;
    }

    /// <summary>The addresses of all such headers, in order. False if one is malformed: the list then holds the others.</summary>
    public bool TryAddresses(SipHeaderName name, out IReadOnlyList<NameAddress> list)
    {
        list = [];
        if (!Has(name)) return true;
        var addresses = new List<NameAddress>();
        var sound = true;
        foreach (var entry in _index)
        {
            if (entry.Id != name) continue;
            for (var comma = new CommaScanner(entry.Value(_bytes)); comma.MoveNext();)
            {
                if (NameAddress.TryParse(comma.Current, out var address)) addresses.Add(address);
                else sound = false;
            }
        }
        list = addresses;
        return sound;
    }

    /// <summary>All Via values, the top one first and stamped. False if one is malformed.</summary>
    public bool TryVias(out IReadOnlyList<Via> list)
    {
        var vias = new List<Via>();
        list = vias;
        foreach (var entry in _index)
        {
            if (entry.Id != SipHeaderName.Via) continue;
            for (var comma = new CommaScanner(entry.Value(_bytes)); comma.MoveNext();)
            {
                if (!Via.TryParse(comma.Current, out var via)) return false;
                vias.Add(vias.Count == 0 ? TopVia : via);
            }
        }
        return vias.Count > 0;
    }

    internal ReadOnlySpan<HeaderEntry> Index => _index;
}
