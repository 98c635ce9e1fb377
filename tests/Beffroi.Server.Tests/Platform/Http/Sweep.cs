// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Http;

/// <summary>Tries the endpoints of the OpenAPI document one by one: counts the audit rows that each change leaves, and knows which endpoints are still to be tried.</summary>
internal sealed partial class Sweep(TestServer server, JsonElement document)
{
    private readonly List<(string Name, string Method, Regex Path)> _operations =
    [
        .. from path in document.GetProperty("paths").EnumerateObject()
           from operation in path.Value.EnumerateObject()
           select ($"{operation.Name} {path.Name}", operation.Name, new Regex($"^{Parameter().Replace(path.Name, "[^/]+")}$", RegexOptions.None, TimeSpan.FromSeconds(1))),
    ];

    private readonly HashSet<string> _tried = new(StringComparer.Ordinal);

    /// <summary>The endpoints that change something and have not been tried with success.</summary>
    public IEnumerable<string> Untried => _operations.Where(o => o.Method != "get" && !_tried.Contains(o.Name)).Select(o => o.Name);

    /// <summary>The endpoints that were created at a place and then looked at there.</summary>
    public IEnumerable<string> Tried => _tried;

    /// <summary>One request that succeeds; fails when it leaves another number of audit rows.</summary>
    /// <param name="rows">How many rows are right: one, unless the endpoint changes many things at once or nothing.</param>
    public async Task<JsonElement> DoAsync(HttpMethod method, string path, object? body, HttpStatusCode expected, int rows = 1, Api? by = null) =>
        (await SendAsync(method, path, body, expected, rows, by)).Answer;

    public Task<JsonElement> PostAsync(string path, object? body, HttpStatusCode expected = HttpStatusCode.OK, int rows = 1, Api? by = null) => DoAsync(HttpMethod.Post, path, body, expected, rows, by);

    public Task<JsonElement> PutAsync(string path, object? body, HttpStatusCode expected = HttpStatusCode.OK, int rows = 1, Api? by = null) => DoAsync(HttpMethod.Put, path, body, expected, rows, by);

    public Task<JsonElement> DeleteAsync(string path, int rows = 1, Api? by = null) => DoAsync(HttpMethod.Delete, path, null, HttpStatusCode.NoContent, rows, by);

    /// <summary>Makes a thing, finds it at the place that the answer names, and changes it there.</summary>
    /// <param name="change">Null: things of this kind are not changed.</param>
    /// <returns>Its place, id and the answer that made it.</returns>
    public async Task<Made> MakeAsync(string path, object body, object? change)
    {
        var (made, place) = await SendAsync(HttpMethod.Post, path, body, HttpStatusCode.Created, 1, null);
        Assert.False(string.IsNullOrEmpty(place), $"POST {path} names no place");
        Assert.StartsWith(path + "/", place, StringComparison.Ordinal);
        var id = place![(path.Length + 1)..];
        var shown = await DoAsync(HttpMethod.Get, place, null, HttpStatusCode.OK, 0);
        Assert.Contains(id, shown.ToString(), StringComparison.Ordinal);
        if (change is not null)
        {
            await PutAsync(place, change);
            Assert.NotEqual(shown.ToString(), (await DoAsync(HttpMethod.Get, place, null, HttpStatusCode.OK, 0)).ToString());
        }

        return new Made(place, id, made);
    }

    /// <summary>Removes a thing: it is not there any more, and cannot be removed twice.</summary>
    public async Task RemoveAsync(Made thing)
    {
        await DeleteAsync(thing.Place);
        await DoAsync(HttpMethod.Get, thing.Place, null, HttpStatusCode.NotFound, 0);
        await DoAsync(HttpMethod.Delete, thing.Place, null, HttpStatusCode.NotFound, 0);
    }

    private async Task<(JsonElement Answer, string? Place)> SendAsync(HttpMethod method, string path, object? body, HttpStatusCode expected, int rows, Api? by)
    {
        var before = await RowsAsync();
        using var request = new HttpRequestMessage(method, path) { Content = body as HttpContent ?? (body is null ? null : JsonContent.Create(body)) };
        using var answer = await (by ?? server.Administrator).Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{method} {path}: {(int)answer.StatusCode} instead of {(int)expected}: {text}");
        var left = await RowsAsync() - before;
        Assert.True(left == rows, $"{method} {path} left {left} audit rows instead of {rows}");
        if (answer.IsSuccessStatusCode) _tried.Add(Name(method, path.Split('?')[0]));
        return (text.StartsWith('{') || text.StartsWith('[') ? JsonDocument.Parse(text).RootElement : default, answer.Headers.Location?.OriginalString);
    }

    /// <summary>The endpoint in the document; that with the fewest placeholders where several fit.</summary>
    private string Name(HttpMethod method, string path) => _operations.Where(o => string.Equals(o.Method, method.Method, StringComparison.OrdinalIgnoreCase) && o.Path.IsMatch(path))
        .OrderBy(o => o.Name.Count(c => c == '{')).Select(o => o.Name).FirstOrDefault() ?? throw new InvalidOperationException($"{method} {path} is not in the OpenAPI document");

    private async Task<int> RowsAsync()
    {
        await server.WrittenAsync();
        await using var db = await server.Service<Store>().ReadAsync(default);
        return await db.Set<AuditEntry>().CountAsync();
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}

/// <summary>A thing that was made over the API.</summary>
internal sealed record Made(string Place, string Id, JsonElement Answer);
