// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Beffroi.Server.Platform.CommandLine;

/// <summary>The <c>beffroi</c> command: everything it does, it does over the HTTP API.</summary>
public static class Commands
{
    private const string Help = """
        beffroi: manages a running server over its HTTP API (BEFFROI_URL, default http://127.0.0.1:8080).

          beffroi login LINK                   sign in with the one-time administrator link
          beffroi login NAME PASSWORD          sign in with a password ("-" reads it from standard input)
          beffroi state                        registrations, calls, trunks, and what is degraded
          beffroi calls                        the calls at this moment
          beffroi history [NUMBER]             the last calls
          beffroi users [SEARCH]               persons and their extensions
          beffroi users import FILE.csv        persons, extensions and devices; all lines or none
          beffroi registrations [EXTENSION]    what is registered
          beffroi trunks                       trunks and how they fare
          beffroi trunk test NAME              tries a trunk on the wire; places no call
          beffroi explain FROM NUMBER [TIME]   what a call would do, step by step, without placing it
          beffroi token list                   tokens of service accounts
          beffroi token create NAME ROLE [DAYS]  an account with a token: administrator, operator or auditor
          beffroi token revoke PREFIX          voids a token at once

        Without a command, or with --Key=value arguments, it is the server: see docs/guide/settings.md.
        """;

    /// <summary>True when the arguments are a command, not settings of the server.</summary>
    public static bool IsCommand(string[] args) => args.Length > 0 && (args[0] is "--help" or "-h" || !args[0].StartsWith('-'));

    /// <returns>0; 1 when it could not be done; 2 when it is no command.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter console, TextWriter errors)
    {
        try
        {
            using var client = new Client();
            var work = (args[0], args.ElementAtOrDefault(1), args.Length) switch
            {
                ("login", { } link, 2) => LoginAsync(client, console, link),
                ("login", { } name, 3) => SignInAsync(client, console, name, args[2] == "-" ? await Console.In.ReadLineAsync() ?? "" : args[2]),
                ("state", null, 1) => StateAsync(client, console),
                ("calls", null, 1) => CallsAsync(client, console),
                ("history", _, <= 2) => HistoryAsync(client, console, args.ElementAtOrDefault(1) ?? ""),
                ("users", "import", 3) => ImportAsync(client, console, args[2]),
                ("users", _, <= 2) => UsersAsync(client, console, args.ElementAtOrDefault(1) ?? ""),
                ("registrations", _, <= 2) => RegistrationsAsync(client, console, args.ElementAtOrDefault(1) ?? ""),
                ("trunks", null, 1) => TrunksAsync(client, console),
                ("trunk", "test", 3) => TestTrunkAsync(client, console, args[2]),
                ("explain", { } from, 3 or 4) => ExplainAsync(client, console, from, args[2], args.ElementAtOrDefault(3)),
                ("token", "list", 2) => TokensAsync(client, console),
                ("token", "create", 4 or 5) => CreateTokenAsync(client, console, args[2], args[3], args.ElementAtOrDefault(4) ?? "365"),
                ("token", "revoke", 3) => RevokeTokenAsync(client, console, args[2]),
                _ => null,
            };
            if (work is not null)
            {
                await work;
                return 0;
            }

            var asked = args[0] is "help" or "--help" or "-h";
            await (asked ? console : errors).WriteLineAsync(asked ? Help : $"There is no such command: beffroi {string.Join(' ', args)}\n\n{Help}");
            return asked ? 0 : 2;
        }
        catch (CommandException cannot)
        {
            await errors.WriteLineAsync(cannot.Message);
            return 1;
        }
    }

    private static async Task LoginAsync(Client client, TextWriter console, string link)
    {
        var code = link.Split("code=", 2)[^1];
        Client.Keep($"{(await client.PostAsync("/api/v1/session/administrator-link", new() { ["code"] = code }))!["token"]}");
        await console.WriteLineAsync("Signed in as administrator for 12 hours. Make a lasting token by: beffroi token create NAME administrator");
    }

    private static async Task SignInAsync(Client client, TextWriter console, string name, string password)
    {
        var given = await client.PostAsync("/api/v1/session", new() { ["login"] = name, ["password"] = password });
        Client.Keep($"{given!["token"]}");
        await console.WriteLineAsync($"Signed in as {given["role"]} until {given["expiresAt"]}.");
    }

    private static async Task StateAsync(Client client, TextWriter console)
    {
        foreach (var fact in Items(await client.GetAsync("/api/v1/state"), "facts")) await console.WriteLineAsync($"{fact!["english"],-24} {fact["englishValue"]}");
        var ready = await client.GetAsync("/health/ready");
        await console.WriteLineAsync($"{"State",-24} {ready!["status"]}");
        foreach (var note in Items(ready, "notes")) await console.WriteLineAsync($"  {note!["part"]}: {note["text"]}");
    }

    private static async Task CallsAsync(Client client, TextWriter console)
    {
        var calls = Items(await client.GetAsync("/api/v1/calls"));
        foreach (var call in calls)
            await console.WriteLineAsync($"{call!["id"]}  {call["began"]}  {call["caller"]?["number"],-16} → {call["called"]?["number"],-16} {call["phase"]}");
        await console.WriteLineAsync(calls.Count == 1 ? "1 call" : $"{calls.Count} calls");
    }

    private static async Task HistoryAsync(Client client, TextWriter console, string number)
    {
        foreach (var call in Items(await client.GetAsync($"/api/v1/history?take=50&number={Uri.EscapeDataString(number)}"), "calls"))
            await console.WriteLineAsync($"{call!["startedAt"]}  {call["callerNumber"],-16} → {call["calledNumber"],-16} {call["outcome"],-10} {call["cause"],-20} {Seconds(call["talkSeconds"])} s  {call["answeredByName"]}");
    }

    private static async Task UsersAsync(Client client, TextWriter console, string search)
    {
        var page = await client.GetAsync($"/api/v1/persons?take=500&search={Uri.EscapeDataString(search)}");
        foreach (var item in Items(page, "items"))
            await console.WriteLineAsync($"{string.Join(", ", Items(item, "extensions")),-12} {item!["person"]?["familyName"]} {item["person"]?["givenName"]}  {item["person"]?["function"]}");
        await console.WriteLineAsync($"{page!["total"]} persons");
    }

    private static async Task ImportAsync(Client client, TextWriter console, string path)
    {
        if (!File.Exists(path)) throw new CommandException($"There is no file {path}.");
        using var body = new StringContent(await File.ReadAllTextAsync(path), Encoding.UTF8, "text/csv");
        var done = await client.SendAsync(HttpMethod.Post, "/api/v1/persons/import", body);
        await console.WriteLineAsync("extension;sip_username;sip_password");
        foreach (var device in Items(done, "devices")) await console.WriteLineAsync($"{device!["extension"]};{device["sipUsername"]};{device["sipSecret"]}");
        await Console.Error.WriteLineAsync($"{done!["persons"]} persons and {done["extensions"]} extensions imported. The secrets above are shown this once.");
    }

    private static async Task RegistrationsAsync(Client client, TextWriter console, string extension)
    {
        foreach (var one in Items(await client.GetAsync($"/api/v1/registrations?take=1000&extension={Uri.EscapeDataString(extension)}")))
            await console.WriteLineAsync($"{one!["extension"],-8} {one["name"],-28} {one["contact"],-24} {one["source"],-28} until {one["expires"]}  {one["userAgent"]}");
    }

    private static async Task TrunksAsync(Client client, TextWriter console)
    {
        foreach (var one in Items(await client.GetAsync("/api/v1/trunks")))
            await console.WriteLineAsync($"{one!["trunk"]?["order"],4}  {one["trunk"]?["name"],-24} {one["trunk"]?["host"],-28} {((bool?)one["trunk"]?["enabled"] == false ? "disabled" : (bool?)one["state"]?["isUp"] == true ? "up" : "DOWN"),-9} {one["channels"]} calls  {one["state"]?["detail"]}");
    }

    private static async Task TestTrunkAsync(Client client, TextWriter console, string name)
    {
        var trunk = Items(await client.GetAsync("/api/v1/trunks")).FirstOrDefault(t => string.Equals($"{t!["trunk"]?["name"]}", name, StringComparison.OrdinalIgnoreCase))
            ?? throw new CommandException($"There is no trunk {name}: see beffroi trunks.");
        var result = await client.PostAsync($"/api/v1/trunks/{trunk["trunk"]!["id"]}/test");
        foreach (var step in Items(result, "steps")) await console.WriteLineAsync($"  {step}");
        if ((bool?)result!["works"] != true) throw new CommandException($"The trunk {name} does not work.");
        await console.WriteLineAsync($"The trunk {name} works ({Seconds(result["milliseconds"])} ms).");
    }

    private static async Task ExplainAsync(Client client, TextWriter console, string from, string number, string? at)
    {
        var extension = Items(await client.GetAsync($"/api/v1/extensions?number={Uri.EscapeDataString(from)}")).FirstOrDefault(e => $"{e!["number"]}" == from);
        if (extension is null && $"{(await client.GetAsync($"/api/v1/dial-plan/numbers?number={Uri.EscapeDataString(from)}"))?["fault"]}" != "none")
            throw new CommandException($"{from} is neither an extension nor a public number.");
        var caller = extension is null ? $"from={Uri.EscapeDataString(from)}" : $"extension={extension["id"]}";
        var told = await client.GetAsync($"/api/v1/dial-plan/explain?{caller}&number={Uri.EscapeDataString(number)}{(at is null ? "" : $"&at={Uri.EscapeDataString(at)}")}");
        foreach (var step in Items(told, "steps")) await console.WriteLineAsync($"  {step!["en"]}");
        foreach (var when in Items(told, "then"))
        {
            await console.WriteLineAsync($"{when!["when"]}:");
            foreach (var step in Items(when, "steps")) await console.WriteLineAsync($"  {step!["en"]}");
        }
    }

    private static async Task TokensAsync(Client client, TextWriter console)
    {
        foreach (var (account, token) in await AllTokensAsync(client))
            await console.WriteLineAsync($"{token["prefix"]}…  {account["login"],-20} {account["role"],-14} {token["label"],-24} until {token["expiresAt"]}");
    }

    private static async Task CreateTokenAsync(Client client, TextWriter console, string name, string role, string days)
    {
        if (!int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var valid)) throw new CommandException($"\"{days}\" is no number of days.");
        var account = Items(await client.GetAsync("/api/v1/accounts")).FirstOrDefault(a => string.Equals($"{a!["login"]}", name, StringComparison.OrdinalIgnoreCase))
            ?? await client.PostAsync("/api/v1/accounts", new() { ["login"] = name, ["name"] = name, ["role"] = role });
        if ($"{account!["role"]}" != role) throw new CommandException($"The account {name} is there already, with the role {account["role"]}.");
        var given = await client.PostAsync($"/api/v1/accounts/{account["id"]}/tokens", new() { ["label"] = name, ["days"] = valid });
        await console.WriteLineAsync($"{given!["token"]}");
        await Console.Error.WriteLineAsync($"Shown this once; valid until {given["expiresAt"]}.");
    }

    private static async Task RevokeTokenAsync(Client client, TextWriter console, string prefix)
    {
        var found = (await AllTokensAsync(client)).Where(t => $"{t.Token["prefix"]}".StartsWith(prefix.TrimEnd('…'), StringComparison.Ordinal)).ToList();
        if (found.Count != 1) throw new CommandException($"{found.Count} tokens begin with {prefix}: see beffroi token list.");
        await client.DeleteAsync($"/api/v1/accounts/{found[0].Account["id"]}/tokens/{found[0].Token["id"]}");
        await console.WriteLineAsync("Revoked.");
    }

    private static async Task<List<(JsonNode Account, JsonNode Token)>> AllTokensAsync(Client client)
    {
        var all = new List<(JsonNode, JsonNode)>();
        foreach (var account in Items(await client.GetAsync("/api/v1/accounts")))
            if (account!["personId"] is null)
                foreach (var token in Items(await client.GetAsync($"/api/v1/accounts/{account["id"]}/tokens"))) all.Add((account, token!));
        return all;
    }

    private static JsonArray Items(JsonNode? json, string? name = null) => (name is null ? json : json?[name]) as JsonArray ?? [];

    private static string Seconds(JsonNode? number) => ((double?)number ?? 0).ToString("0.#", CultureInfo.InvariantCulture);
}
