// SPDX-License-Identifier: EUPL-1.2
using System.Net.Mail;
using Beffroi.Server.Platform.Configuration;

namespace Beffroi.Server.Features.Voicemail.Mail;

/// <summary>The mail server that announces voicemail.</summary>
/// <param name="Host"><c>Smtp:Host</c>: its name; empty: no mail is sent.</param>
/// <param name="Port"><c>Smtp:Port</c>: 1 to 65535, default 25.</param>
/// <param name="Tls"><c>Smtp:Tls</c>: STARTTLS, default true.</param>
/// <param name="From"><c>Smtp:From</c>: the sender's address.</param>
/// <param name="User"><c>Smtp:User</c> and <c>Smtp:Password</c>: empty when the server asks for none.</param>
internal sealed record MailOptions(string Host, int Port, bool Tls, string From, string User, string Password)
{
    public bool IsOn => Host.Length > 0;

    /// <exception cref="SettingsException">A value cannot be used.</exception>
    public static MailOptions Read(Settings settings)
    {
        var options = new MailOptions(settings.Text("Smtp:Host", ""), settings.Number("Smtp:Port", 25, 1, 65535), settings.Flag("Smtp:Tls", true),
            settings.Text("Smtp:From", ""), settings.Text("Smtp:User", ""), settings.Text("Smtp:Password", ""));
        if (options.IsOn && !MailAddress.TryCreate(options.From, out _)) throw Settings.Wrong("Smtp:From", options.From, "the sender's address when Smtp:Host is set");
        return options;
    }

    /// <summary>Shows no password.</summary>
    public override string ToString() => $"{Host}:{Port}";
}
