// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Platform.Live;

/// <summary>The script and the style of the start page.</summary>
internal static partial class StartPage
{
    /// <summary>The status is announced when it changes, a notice at once; a screen reader is not told of every figure, nor of the same word twice.</summary>
    private const string Script = """
        "use strict";
        const lang = document.documentElement.lang;
        const part = (id) => document.getElementById(id);
        const status = part("status"), facts = part("facts"), when = part("when"), notices = part("notices");
        const patience = 15000;
        let last = new Date(), live;
        const clock = (time) => time.toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
        function say(word, text) {
          facts.classList.toggle("stale", word === "lost");
          when.textContent = text + " " + clock(last);
          if (status.dataset.status === word) return false;
          status.dataset.status = word;
          status.textContent = status.dataset[word];
          document.title = status.dataset[word] + " – Beffroi";
          return true;
        }
        async function renewNotes() {
          const page = new DOMParser().parseFromString(await (await fetch(location.href, { signal: AbortSignal.timeout(4000) })).text(), "text/html");
          const fresh = page.getElementById("notes");
          if (!fresh) return;
          part("notes").replaceChildren(...fresh.childNodes);
          part("notes").dataset.trouble = fresh.dataset.trouble;
        }
        function item(notice) {
          const line = document.createElement("li");
          line.append("⚠ " + (lang === "fr" ? notice.french : notice.english) + " ");
          if (!notice.acknowledge) return line;
          const button = document.createElement("button"), answer = document.createElement("span");
          button.textContent = notices.dataset.acknowledge;
          button.addEventListener("click", async () => {
            button.disabled = true;
            const given = await fetch(notice.acknowledge, { method: "POST" }).catch(() => ({ ok: false, status: "" }));
            if (given.ok) return;
            button.disabled = false;
            answer.textContent = " " + notices.dataset.failed + " " + given.status;
          });
          line.append(button, answer);
          return line;
        }
        function show(state) {
          last = new Date();
          for (const fact of state.facts) {
            const cell = part("fact-" + fact.id);
            if (!cell) continue;
            const text = (fact.isWell ? "" : "⚠ ") + (lang === "fr" ? fact.frenchValue : fact.englishValue);
            if (cell.textContent !== text) cell.textContent = text;
            cell.className = fact.isWell ? "" : "warn";
          }
          const standing = state.notices ?? [], shown = standing.map((notice) => notice.id).join();
          if (notices.dataset.shown !== shown) {
            notices.dataset.shown = shown;
            notices.replaceChildren(...standing.map(item));
          }
          if (say(state.status, when.dataset.at) || part("notes").dataset.trouble !== state.trouble) renewNotes().catch(() => {});
        }
        function follow() {
          live?.close();
          live = new EventSource("/api/v1/live");
          live.addEventListener("state", (message) => show(JSON.parse(message.data)));
          live.addEventListener("error", () => say("lost", when.dataset.since));
        }
        when.textContent = when.dataset.at + " " + clock(last);
        follow();
        setInterval(() => {
          if (new Date() - last < patience) return;
          say("lost", when.dataset.since);
          if (live.readyState !== EventSource.CONNECTING) follow();
        }, 5000);
        """;

    private const string Style = """
        :root { color-scheme: light dark; --ink: #1b2530; --soft: #4a5561; --paper: #fbf8f3; --card: #fff; --line: #cfc6b8; --accent: #8a4b12; --ok: #1d6b3a; --warn: #7a4100; --danger: #a3161c; }
        @media (prefers-color-scheme: dark) { :root { --ink: #ece7df; --soft: #b5bcc4; --paper: #171b20; --card: #1f252b; --line: #444d57; --accent: #e0a46a; --ok: #7fd6a0; --warn: #ffc48a; --danger: #ff9d9a; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 "Atkinson Hyperlegible Next", "Atkinson Hyperlegible", system-ui, sans-serif; }
        header, main, footer { max-width: 44rem; margin: 0 auto; padding: 0 1rem; }
        header { display: flex; align-items: center; gap: 1rem; padding-top: 1.5rem; flex-wrap: wrap; }
        header div { flex: 1; min-width: 12rem; }
        svg { fill: none; stroke: var(--ink); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .bell { stroke: var(--accent); }
        h1 { font-size: 1.75rem; line-height: 1.2; margin: 0; } h2 { font-size: 1.2rem; margin: 1.5rem 0 .5rem; }
        header p { margin: 0; color: var(--soft); }
        a { color: var(--accent); display: inline-block; padding: .625rem 0; min-height: 2.75rem; }
        a:focus-visible, button:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; box-shadow: 0 0 0 2px var(--paper); border-radius: 6px; }
        #status { margin: 1.5rem 0 0; padding: 1rem; font-size: 1.2rem; font-weight: 600; background: var(--card); border: 1px solid var(--line); border-left: 8px solid var(--danger); border-radius: 6px; }
        #status[data-status="ok"] { border-left-color: var(--ok); }
        #status[data-status="degraded"] { border-left-color: var(--warn); border-left-style: double; }
        ul { margin: 0; padding-left: 1.25rem; } li { overflow-wrap: anywhere; }
        table { border-collapse: collapse; width: 100%; margin-top: 1.5rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; font-size: 1.2rem; font-weight: 600; padding: 0 0 .5rem; }
        th, td { text-align: left; padding: .625rem .5rem .625rem 0; border-top: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word; }
        th { font-weight: 400; width: 45%; color: var(--soft); } td { font-weight: 600; }
        tr:last-child > * { border-bottom: 1px solid var(--line); }
        .warn { color: var(--warn); } .stale td { font-weight: 400; font-style: italic; color: var(--soft); }
        #notices { list-style: none; padding: 0; } #notices li { border: 3px solid var(--danger); border-radius: 6px; background: var(--card); padding: 1rem; margin: 1rem 0 0; font-weight: 600; }
        button { font: inherit; color: var(--paper); background: var(--ink); border: 2px solid var(--ink); border-radius: 6px; padding: .5rem 1rem; margin-top: .5rem; min-height: 2.75rem; display: block; } button:disabled { color: var(--soft); background: var(--card); }
        #when { color: var(--soft); margin: .5rem 0 1.5rem; min-height: 1.5rem; font-variant-numeric: tabular-nums; }
        footer ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; column-gap: 1.5rem; } footer { padding-bottom: 1.5rem; }
        """;
}
