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
internal static class StartPage
{
    private const string Script = """
        "use strict";
        const lang = document.documentElement.lang;
        const status = document.getElementById("status");
        function show(state) {
            status.dataset.status = state.status;
            status.textContent = status.dataset[state.status];
            for (const fact of state.facts) {
              const cell = document.getElementById("fact-" + fact.id);
              if (!cell) continue;
              const text = (fact.isWell ? "" : "⚠ ") + (lang === "fr" ? fact.frenchValue : fact.englishValue);
              if (cell.textContent !== text) cell.textContent = text;
              cell.className = fact.isWell ? "" : "warn";
            }
            const list = document.getElementById("notices");
            const wanted = (state.notices ?? []).map(notice => notice.id).join();
            if (list.dataset.shown === wanted) return;
            list.dataset.shown = wanted;
            list.replaceChildren(...(state.notices ?? []).map(item));
        }
        function item(notice) {
          const line = document.createElement("li");
          line.append("⚠ " + (lang === "fr" ? notice.french : notice.english) + " ");
          if (notice.acknowledge) {
            const button = document.createElement("button");
            button.textContent = document.getElementById("notices").dataset.acknowledge;
            button.addEventListener("click", async () => {
              button.disabled = true;
              const answer = await fetch(notice.acknowledge, { method: "POST" });
              if (!answer.ok) { button.disabled = false; line.append(" " + answer.status); }
            });
            line.append(button);
          }
          return line;
        }
        const live = new EventSource("/api/v1/live");
        live.addEventListener("state", message => show(JSON.parse(message.data)));
        live.addEventListener("error", () => {
          status.dataset.status = "down";
          status.textContent = status.dataset.lost;
        });
        """;

    private const string Style = """
        :root { color-scheme: light dark; --ink: #1b2530; --paper: #fbf8f3; --line: #cfc6b8; --accent: #8a4b12; --warn: #7a4100; }
        @media (prefers-color-scheme: dark) { :root { --ink: #ece7df; --paper: #171b20; --line: #444d57; --accent: #e0a46a; --warn: #ffc48a; } }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 "Atkinson Hyperlegible Next", "Atkinson Hyperlegible", system-ui, sans-serif; }
        header, main, footer { max-width: 44rem; margin: 0 auto; padding: 1rem; }
        h1 { font-size: 1.75rem; margin: 1rem 0 .25rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
        a { color: var(--accent); } a:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        caption { text-align: left; font-weight: 600; padding: .5rem 0; }
        th, td { text-align: left; padding: .6rem .5rem; border-top: 1px solid var(--line); vertical-align: top; } th { font-weight: 400; width: 45%; }
        #notices { list-style: none; padding: 0; } #notices li { border: 2px solid var(--warn); padding: .6rem .5rem; margin: .5rem 0; font-weight: 600; }
        button { font: inherit; padding: .4rem .8rem; } button:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px; }
        #status { font-weight: 600; } #status[data-status="degraded"], #status[data-status="down"], .warn { color: var(--warn); font-weight: 600; }
        """;

    private static readonly HtmlEncoder Html = HtmlEncoder.Create(UnicodeRanges.All);

    internal static void Map(WebApplication app)
    {
        app.MapGet("/", Show).Needs(Access.Public).ExcludeFromDescription();
        app.MapGet("/start.js", () => TypedResults.Text(Script, "text/javascript; charset=utf-8")).Needs(Access.Public).ExcludeFromDescription();
        app.MapGet("/start.css", () => TypedResults.Text(Style, "text/css; charset=utf-8")).Needs(Access.Public).ExcludeFromDescription();
    }

    /// <summary>Shows the start page, in French unless the browser or <c>?lang=en</c> wants English.</summary>
    internal static async Task<ContentHttpResult> Show(HttpContext context, Health health, LiveChannel live, CancellationToken stop)
    {
        var french = Languages.Of(context.Request) == "fr";
        var report = await health.CheckAsync(stop);
        var view = await live.ViewAsync(context.User, stop);
        string Say(string fr, string en) => Html.Encode(french ? fr : en);
        var page = new StringBuilder($"""
            <!doctype html>
            <html lang="{(french ? "fr" : "en")}">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Beffroi</title><link rel="stylesheet" href="/start.css"></head>
            <body>
            <header><h1>Beffroi</h1><p>{Say("Le système téléphonique de la commune.", "The town's telephone system.")}</p></header>
            <main>
            <p role="status"><span id="status" data-status="{report.Status}" data-ok="{Say("Tout fonctionne", "Everything works")}" data-degraded="{Say("⚠ Fonctionne, avec des réserves", "⚠ Works, with reservations")}" data-down="{Say("⚠ Hors service", "⚠ Out of service")}" data-lost="{Say("⚠ Le serveur ne répond plus", "⚠ The server does not answer")}">{StatusWord(report.Status, french)}</span></p>
            <ul id="notices" role="alert" data-acknowledge="{Say("Je prends en charge", "I look after it")}">{string.Concat((view.Notices ?? []).Select(n => $"<li>⚠ {Say(n.French, n.English)}</li>"))}</ul>
            <table><caption>{Say("État en ce moment", "State at this moment")}</caption><tbody>

            """);
        foreach (var fact in view.Facts)
            page.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{Say(fact.French, fact.English)}</th><td id=\"fact-{fact.Id}\"{(fact.IsWell ? "" : " class=\"warn\"")}>{(fact.IsWell ? "" : "⚠ ")}{Say(fact.FrenchValue, fact.EnglishValue)}</td></tr>\n");
        page.Append("</tbody></table>\n");
        if (report.Notes.Count > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>{Say("À surveiller", "To look after")}</h2>\n<ul>\n");
            foreach (var note in report.Notes) page.Append(CultureInfo.InvariantCulture, $"<li lang=\"en\"><strong>{Html.Encode(note.Part)}</strong>: {Html.Encode(context.User.Identity?.IsAuthenticated == true ? note.Text : note.Text.Split('.')[0] + ".")}</li>\n");
            page.Append("</ul>\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"""
            </main>
            <footer><p><a href="/openapi/v1.json">{Say("Documentation de l'interface (OpenAPI)", "Interface documentation (OpenAPI)")}</a> · <a href="/health/ready">{Say("Santé", "Health")}</a> · <a href="/metrics">{Say("Mesures", "Metrics")}</a> · <a href="/?lang={(french ? "en" : "fr")}" hreflang="{(french ? "en" : "fr")}" lang="{(french ? "en" : "fr")}">{(french ? "English" : "Français")}</a></p></footer>
            <script src="/start.js" defer></script>
            </body></html>
            """);
        return TypedResults.Text(page.ToString(), "text/html; charset=utf-8");
    }

    private static string StatusWord(string status, bool french) => (status, french) switch
    {
        ("ok", true) => "Tout fonctionne",
        ("ok", false) => "Everything works",
        ("degraded", true) => "⚠ Fonctionne, avec des réserves",
        ("degraded", false) => "⚠ Works, with reservations",
        (_, true) => "⚠ Hors service",
        _ => "⚠ Out of service",
    };
}
