// SPDX-License-Identifier: EUPL-1.2
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Beffroi.Server.Platform.CommandLine;

/// <summary>A command that cannot be done: its sentence goes to standard error, and the exit code is 1.</summary>
internal sealed class CommandException(string sentence) : Exception(sentence);

/// <summary>The HTTP API as the commands use it: address from BEFFROI_URL, token from BEFFROI_TOKEN or from the file that <c>beffroi login</c> wrote.</summary>
internal sealed class Client : IDisposable
{
    private readonly HttpClient _http;

    internal Client()
    {
        var url = Environment.GetEnvironmentVariable("BEFFROI_URL") ?? "http://127.0.0.1:8080";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address)) throw new CommandException($"BEFFROI_URL is \"{url}\", but it must be a web address such as http://127.0.0.1:8080.");
        _http = new() { BaseAddress = address };
        var token = Environment.GetEnvironmentVariable("BEFFROI_TOKEN") ?? (File.Exists(TokenFile) ? File.ReadAllText(TokenFile).Trim() : null);
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    private static string TokenFile => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "beffroi", "token");

    internal Task<JsonNode?> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    internal Task<JsonNode?> PostAsync(string path, JsonObject? body = null) => SendAsync(HttpMethod.Post, path, body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));

    internal Task<JsonNode?> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    /// <summary>The answer's JSON; problem details become the command's sentence, with a line for each error.</summary>
    internal async Task<JsonNode?> SendAsync(HttpMethod method, string path, HttpContent? body)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = body };
            using var answer = await _http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            var json = text.Length > 0 && text[0] is '{' or '[' or '"' ? JsonNode.Parse(text) : null;
            if (answer.IsSuccessStatusCode) return json;
            if ((int)answer.StatusCode == 503 && json?["notes"] is not null) return json;
            throw new CommandException(Sentence(json, (int)answer.StatusCode));
        }
        catch (HttpRequestException lost)
        {
            throw new CommandException($"No server answers at {_http.BaseAddress} ({lost.Message}): start it, or set BEFFROI_URL.");
        }
        catch (JsonException)
        {
            throw new CommandException($"What answers at {_http.BaseAddress} is not Beffroi.");
        }
    }

    /// <summary>Writes the token where the next command finds it, mode 0600.</summary>
    internal static void Keep(string token)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(TokenFile)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Delete(TokenFile);
        using var file = new FileStream(TokenFile, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        file.Write(Encoding.UTF8.GetBytes(token + "\n"));
    }

    public void Dispose() => _http.Dispose();

    private static string Sentence(JsonNode? problem, int status)
    {
        var text = new StringBuilder($"{problem?["detail"] ?? problem?["title"] ?? $"The server answered {status}."}");
        if (status == 401) text.Append(" Sign in by: beffroi login LINK");
        foreach (var (field, errors) in problem?["errors"] as JsonObject ?? [])
            foreach (var error in errors as JsonArray ?? []) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n  {field}: {error}");
        if (problem?["type"] is { } type) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n  ({type})");
        return text.ToString();
    }
}
