// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using Beffroi.TestKit.Peers;
using Xunit;

namespace Beffroi.Scenarios;

/// <summary>One town for all tests of a class, with a mail server that takes its letters. Each test lets its phones leave at its end (<see cref="Town.PhonesLeaveAsync"/>).</summary>
public sealed class SharedTown : IAsyncLifetime
{
    private IReadOnlyDictionary<string, string> _extensions = new Dictionary<string, string>();

    public Town Town { get; private set; } = null!;

    public MailSink Mail { get; private set; } = null!;

    /// <summary>The commune.</summary>
    public string Organisation { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Mail = await MailSink.StartAsync();
        Town = await Town.OpenAsync("--Smtp:Host=127.0.0.1", $"--Smtp:Port={Mail.Port}", "--Smtp:Tls=false", "--Smtp:From=messagerie@saint-aubin.example");
        Organisation = Items(await Town.GetAsync("organisations")).First().GetProperty("id").GetString()!;
        _extensions = Items(await Town.GetAsync("extensions")).ToDictionary(one => one.GetProperty("number").GetString()!, one => one.GetProperty("id").GetString()!);
    }

    /// <summary>The id of a person's extension.</summary>
    public string Extension(int person) => _extensions[Town.Accounts[person].Extension];

    /// <summary>The journal's steps of the last call to <paramref name="dialled"/>, once it has ended.</summary>
    public async Task<string> StepsAsync(string caller, string dialled)
    {
        bool Wanted(JsonElement call) => call.GetProperty("dialled").GetString() == dialled && call.GetProperty("callerNumber").GetString() == caller;
        var history = await Town.SeesAsync("history", told => told.GetProperty("calls").EnumerateArray().Any(Wanted), $"the call of {caller} to {dialled}");
        var call = history.GetProperty("calls").EnumerateArray().First(Wanted);
        return (await Town.GetAsync($"history/{call.GetProperty("id").GetString()}")).GetProperty("steps").GetRawText();
    }

    public async Task DisposeAsync()
    {
        if (Town is not null) await Town.DisposeAsync();             // null when it did not start
        if (Mail is not null) await Mail.DisposeAsync();
    }

    internal static IEnumerable<JsonElement> Items(JsonElement answer) => answer.ValueKind == JsonValueKind.Array ? answer.EnumerateArray() : answer.GetProperty("items").EnumerateArray();
}
