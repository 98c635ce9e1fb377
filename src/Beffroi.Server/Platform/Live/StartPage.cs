// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Localisation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Platform.Live;

/// <summary>The plain page at <c>/</c>: the live state, rendered here, kept fresh by a small script. Works without it.</summary>
internal static partial class StartPage
{
    private static readonly HtmlEncoder Html = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>What people look for comes first; the others follow in the order in which their parts are plugged in.</summary>
    private static readonly string[] First = ["calls", "registrations", "trunks"];

    internal static void Map(WebApplication app)
    {
        app.MapGet("/", Show).Needs(Access.Public).ExcludeFromDescription();
        app.MapGet("/start.js", () => TypedResults.Text(Script, "text/javascript; charset=utf-8")).Needs(Access.Public).ExcludeFromDescription();
        app.MapGet("/start.css", () => TypedResults.Text(Style, "text/css; charset=utf-8")).Needs(Access.Public).ExcludeFromDescription();
    }

    /// <summary>Shows the start page, in French unless the browser or <c>?lang=en</c> wants English.</summary>
    internal static async Task<ContentHttpResult> Show(HttpContext context, Health health, LiveChannel live, CancellationToken stop)
    {
        var words = new Words(Languages.Of(context.Request) == "fr");
        var report = (await health.CheckAsync(stop)).For(context.User);
        var view = await live.ViewAsync(context.User, stop);
        var facts = view.Facts.OrderBy(fact => Array.IndexOf(First, fact.Id) is var at and >= 0 ? at : First.Length);
        var page = new StringBuilder();
        Head(page, words, report.Status);
        page.Append(CultureInfo.InvariantCulture, $"""
            <main>
            <p id="status" role="status" data-status="{report.Status}" data-ok="{words.Status("ok")}" data-degraded="{words.Status("degraded")}" data-down="{words.Status("down")}" data-lost="{words.Status("lost")}">{words.Status(report.Status)}</p>

            """);
        page.Append(CultureInfo.InvariantCulture, $"<ul id=\"notices\" role=\"alert\" data-acknowledge=\"{words.Say("Je prends en charge", "I look after it")}\" data-failed=\"{words.Say("Refusé :", "Refused:")}\">");
        foreach (var notice in view.Notices ?? []) page.Append(CultureInfo.InvariantCulture, $"<li>⚠ {words.Say(notice.French, notice.English)}</li>");
        page.Append("</ul>\n");
        Notes(page, words, report);
        page.Append(CultureInfo.InvariantCulture, $"<table id=\"facts\"><caption>{words.Say("En ce moment", "At this moment")}</caption><tbody>\n");
        foreach (var fact in facts) Row(page, words, fact);
        page.Append(CultureInfo.InvariantCulture, $"""
            </tbody></table>
            <p id="when" data-at="{words.Say("Mis à jour à", "Updated at")}" data-since="{words.Say("Chiffres de", "Figures of")}"></p>
            <noscript><p>{words.Say("Sans JavaScript, rechargez la page pour voir l'état du moment.", "Without JavaScript, reload the page to see the state of the moment.")}</p></noscript>
            </main>
            <footer><nav aria-label="{words.Say("Pour les exploitants", "For operators")}"><ul>
            <li><a href="/openapi/v1.json">{words.Say("Interface de programmation (OpenAPI)", "Programming interface (OpenAPI)")}</a></li>
            <li><a href="/health/ready">{words.Say("Santé", "Health")}</a></li>
            <li><a href="/metrics">{words.Say("Mesures", "Metrics")}</a></li>
            </ul></nav></footer>
            <script src="/start.js" defer></script>
            </body></html>
            """);
        return TypedResults.Text(page.ToString(), "text/html; charset=utf-8");
    }

    private static void Head(StringBuilder page, Words words, string status) => page.Append(CultureInfo.InvariantCulture, $"""
        <!doctype html>
        <html lang="{words.Language}">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{words.Status(status)} – Beffroi</title><link rel="stylesheet" href="/start.css"></head>
        <body>
        <header>
        <svg viewBox="0 0 24 32" width="36" height="48" aria-hidden="true"><path d="M5 31V13L12 2l7 11v18M3 31h18"/><path class="bell" d="M8.500 22c1-1 1-2 1-3.500a2.500 2.500 0 0 1 5 0c0 1.500 0 2.500 1 3.500zM12 22v1.500"/></svg>
        <div><h1>Beffroi</h1><p>{words.Say("Le système téléphonique de la commune", "The town's telephone system")}</p></div>
        <a class="other" href="/?lang={words.Other}" hreflang="{words.Other}" lang="{words.Other}">{(words.Other == "fr" ? "Français" : "English")}</a>
        </header>

        """);

    /// <summary>There and empty when all is well: the script puts what comes later into it.</summary>
    private static void Notes(StringBuilder page, Words words, HealthReport report)
    {
        var notes = report.Notes;
        page.Append(CultureInfo.InvariantCulture, $"<section id=\"notes\" data-trouble=\"{report.Mark()}\">\n");
        if (notes.Count > 0) page.Append(CultureInfo.InvariantCulture, $"<h2>{words.Say("À surveiller", "To look after")}</h2>\n<ul>\n");
        foreach (var note in notes) page.Append(CultureInfo.InvariantCulture, $"<li>{words.Say(note.French, note.Text)}</li>\n");

        if (notes.Count > 0) page.Append("</ul>\n");
        page.Append("</section>\n");
    }

    private static void Row(StringBuilder page, Words words, LiveFact fact) => page.Append(CultureInfo.InvariantCulture,
        $"<tr><th scope=\"row\">{words.Say(fact.French, fact.English)}</th><td id=\"fact-{fact.Id}\"{(fact.IsWell ? "" : " class=\"warn\"")}>{(fact.IsWell ? "" : "⚠ ")}{words.Say(fact.FrenchValue, fact.EnglishValue)}</td></tr>\n");

    private sealed class Words(bool french)
    {
        internal string Language => french ? "fr" : "en";

        internal string Other => french ? "en" : "fr";

        internal string Say(string fr, string en) => Html.Encode(french ? fr : en);

        /// <summary>A word and a shape: colour alone says nothing.</summary>
        internal string Status(string status) => status switch
        {
            "ok" => Say("✓ Tout fonctionne", "✓ Everything works"),
            "degraded" => Say("⚠ Les appels passent, mais quelque chose est à réparer", "⚠ Calls go through, but something needs mending"),
            "lost" => Say("✕ Cette page n'a plus de nouvelles du serveur", "✕ This page hears nothing from the server"),
            _ => Say("✕ Hors service : aucun appel ne passe", "✕ Out of service: no call goes through"),
        };
    }
}
