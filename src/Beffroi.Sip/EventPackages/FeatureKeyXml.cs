// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Xml;

namespace Beffroi.Sip.EventPackages;

/// <summary>The documents of feature key synchronization: those of ECMA-323, edition 3, as far as telephones speak them.</summary>
internal static class FeatureKeyXml
{
    // Telephones compare it by letter: some stop reading without it, and some start anew.
    private const string Namespace = "http://www.ecma-international.org/standards/ecma-323/csta/ed3";

    private const int MostBytes = 4096;
    private const int MostDigits = 64;
    private const int MostRings = 100;

    private static readonly XmlReaderSettings Bounded = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MostBytes,
        MaxCharactersFromEntities = 1,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    public static string DoNotDisturb(FeatureKeyState state) =>
        Open("DoNotDisturbEvent", state.Device).Append("<doNotDisturbOn>").Append(state.DoNotDisturb ? "true" : "false").Append("</doNotDisturbOn></DoNotDisturbEvent>\r\n").ToString();

    public static string Forwarding(FeatureKeyState state, FeatureForward forward)
    {
        var xml = Open("ForwardingEvent", state.Device).Append("<forwardingType>").Append(NameOf(forward.Kind))
            .Append("</forwardingType><forwardStatus>").Append(forward.To is null ? "false" : "true").Append("</forwardStatus>");
        if (forward.To is not null) XmlText.Escape(xml.Append("<forwardTo>"), forward.To).Append("</forwardTo>");
        if (forward.RingCount is { } rings) xml.Append(CultureInfo.InvariantCulture, $"<ringCount>{rings}</ringCount>");
        return xml.Append("</ForwardingEvent>\r\n").ToString();
    }

    /// <summary>Reads what a telephone asks for. Never throws, whatever the bytes; reads neither DTD nor entities, and no more than 4 KiB.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out FeatureKeyWish? wish)
    {
        wish = null;
        if (body.Length is 0 or > MostBytes) return false;
        // Whatever encoding it declares: what is read of it is ASCII.
        using var text = new StringReader(Encoding.UTF8.GetString(body).TrimStart('\uFEFF', ' ', '\t', '\r', '\n'));
        try
        {
            using var xml = XmlReader.Create(text, Bounded);
            if (xml.MoveToContent() != XmlNodeType.Element || xml.IsEmptyElement) return false;
            var root = xml.LocalName;
            if (!TryFields(xml, out var fields)) return false;
            wish = root switch
            {
                "SetDoNotDisturb" => ReadDoNotDisturb(fields),
                "SetForwarding" => ReadForwarding(fields),
                _ => null,
            };
            return wish is not null;
        }
        catch (XmlException)
        {
            return false;
        }
    }

    /// <summary>The root's children, each at most once and with nothing but text. False where it is otherwise, and where the document does not end there.</summary>
    private static bool TryFields(XmlReader xml, out Dictionary<string, string> fields)
    {
        fields = new(StringComparer.Ordinal);
        xml.Read();
        while (xml.MoveToContent() == XmlNodeType.Element)
        {
            var name = xml.LocalName;
            if (!TryText(xml, out var value) || !fields.TryAdd(name, value)) return false;
        }
        if (xml.NodeType != XmlNodeType.EndElement) return false;
        while (xml.Read())
            if (xml.NodeType is not (XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace)) return false;
        return true;
    }

    /// <summary>The text of one element, and on to what follows it.</summary>
    private static bool TryText(XmlReader xml, out string value)
    {
        value = "";
        var isEmpty = xml.IsEmptyElement;
        xml.Read();
        if (isEmpty) return true;
        while (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace)
        {
            value += xml.Value;
            xml.Read();
        }
        value = value.Trim();
        if (xml.NodeType != XmlNodeType.EndElement) return false;
        xml.Read();
        return true;
    }

    private static FeatureKeyWish.DoNotDisturb? ReadDoNotDisturb(Dictionary<string, string> fields) =>
        TryFlag(fields, "doNotDisturbOn", out var on) ? new FeatureKeyWish.DoNotDisturb(on) : null;

    private static FeatureKeyWish.Forward? ReadForwarding(Dictionary<string, string> fields)
    {
        if (!TryFlag(fields, "activateForward", out var on) || KindOf(fields.GetValueOrDefault("forwardingType")) is not { } kind) return null;
        int? rings = null;
        if (fields.GetValueOrDefault("ringCount") is { Length: > 0 } count)
        {
            if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var read) || read > MostRings) return null;
            if (read > 0) rings = read;
        }
        return TryDigits(fields.GetValueOrDefault("forwardDN", ""), out var digits) ? new FeatureKeyWish.Forward(kind, on, digits, rings) : null;
    }

    /// <summary>The number of what may be a number or a sip or tel URI.</summary>
    private static bool TryDigits(string text, out string digits)
    {
        var start = text.StartsWith("sip:", StringComparison.OrdinalIgnoreCase) || text.StartsWith("tel:", StringComparison.OrdinalIgnoreCase) ? 4
            : text.StartsWith("sips:", StringComparison.OrdinalIgnoreCase) ? 5 : 0;
        var end = text.AsSpan(start).IndexOfAny('@', ';');
        digits = (end < 0 ? text[start..] : text.Substring(start, end)).Replace(" ", "", StringComparison.Ordinal);
        return digits.Length <= MostDigits && !digits.AsSpan().ContainsAnyExceptInRange('!', '~');
    }

    private static bool TryFlag(Dictionary<string, string> fields, string name, out bool on)
    {
        var text = fields.GetValueOrDefault(name, "");
        on = text == "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase);
        return on || text == "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase);
    }

    private static FeatureForwardKind? KindOf(string? name) => name switch
    {
        "forwardImmediate" => FeatureForwardKind.Immediate,
        "forwardBusy" => FeatureForwardKind.Busy,
        "forwardNoAns" => FeatureForwardKind.NoAnswer,
        _ => null,
    };

    private static string NameOf(FeatureForwardKind kind) => kind switch
    {
        FeatureForwardKind.Immediate => "forwardImmediate",
        FeatureForwardKind.Busy => "forwardBusy",
        _ => "forwardNoAns",
    };

    private static StringBuilder Open(string root, string device)
    {
        var xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<", 320).Append(root).Append(" xmlns=\"" + Namespace + "\"><device>");
        return XmlText.Escape(xml, device).Append("</device>");
    }
}
