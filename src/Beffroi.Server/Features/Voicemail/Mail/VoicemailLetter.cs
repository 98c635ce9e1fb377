// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net.Mail;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Voicemail.Contract;

namespace Beffroi.Server.Features.Voicemail.Mail;

/// <summary>Writes the e-mail about one message, in the box's language.</summary>
internal static class VoicemailLetter
{
    /// <param name="sound">The WAV file to attach; null: none.</param>
    public static MailMessage Write(VoicemailBox box, VoicemailMessage message, byte[]? sound, string from, TimeZoneInfo zone)
    {
        var english = box.Language.StartsWith("en", StringComparison.Ordinal);
        var culture = CultureInfo.GetCultureInfo(english ? "en-GB" : "fr-FR");
        var at = TimeZoneInfo.ConvertTime(message.At, zone).ToString(english ? "d MMMM yyyy 'at' HH:mm" : "d MMMM yyyy 'à' HH:mm", culture);
        var caller = Caller(message, english);
        var letter = new MailMessage(from, box.Email)
        {
            Subject = english ? $"Voicemail message from {caller}" : $"Message vocal de {caller}",
            Body = english
                ? $"{box.Name} has a new voicemail message.\n\nFrom: {caller}\nOn: {at}\nLength: {message.Seconds} s\n"
                : $"{box.Name} a un nouveau message vocal.\n\nDe : {caller}\nLe : {at}\nDurée : {message.Seconds} s\n",
            SubjectEncoding = System.Text.Encoding.UTF8,
            BodyEncoding = System.Text.Encoding.UTF8,
        };
        // RFC 5322 §3.6.4: the same at each attempt, so that a letter sent twice is known as one. RFC 3834 §5: no vacation notice answers it.
        letter.Headers.Add("Message-ID", $"<{message.Id:N}@{letter.From!.Host}>");
        letter.Headers.Add("Auto-Submitted", "auto-generated");
        if (sound is not null) letter.Attachments.Add(new Attachment(new MemoryStream(sound), $"message-{message.At.UtcDateTime:yyyyMMdd-HHmmss}.wav", "audio/wav"));
        return letter;
    }

    private static string Caller(VoicemailMessage message, bool english)
    {
        if (!PhoneNumber.TryParse(message.CallerNumber, out var number)) return english ? "a withheld number" : "un numéro masqué";
        var shown = NumberingPlan.French.Display(number);
        // A name comes from outside: no line break may enter a header.
        var name = string.Concat(message.CallerName.Where(c => !char.IsControl(c)));
        return name.Length > 0 ? $"{name} ({shown})" : shown;
    }
}
