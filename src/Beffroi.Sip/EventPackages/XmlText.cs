// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using System.Xml;

namespace Beffroi.Sip.EventPackages;

/// <summary>Text inside the XML of our bodies.</summary>
internal static class XmlText
{
    /// <summary>Names come from the network: what XML cannot hold becomes a question mark.</summary>
    public static StringBuilder Escape(StringBuilder xml, string text)
    {
        foreach (var c in text)
        {
            _ = c switch
            {
                '<' => xml.Append("&lt;"),
                '>' => xml.Append("&gt;"),
                '&' => xml.Append("&amp;"),
                '"' => xml.Append("&quot;"),
                _ => xml.Append(XmlConvert.IsXmlChar(c) || char.IsSurrogate(c) ? c : '?')
            };
        }
        return xml;
    }
}
