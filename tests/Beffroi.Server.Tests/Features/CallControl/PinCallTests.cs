// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Storage;
using Beffroi.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>A call with the line's PIN, on the wire.</summary>
public sealed class PinCallTests
{
    private const string Pin = "42713865", WrongPin = "98605172", Number = "0199004567";

    [Fact]
    public async Task A_number_that_is_barred_is_reached_with_the_pin_which_no_log_and_no_file_holds()
    {
        await using var town = await CallingTown.OpenAsync("--Logging:LogLevel:Default=Trace", "--Logging:Console:LogLevel:Default=None");
        using var logs = new Listener();
        town.Server.Service<ILoggerFactory>().AddProvider(logs);
        await using var operatorPhone = await Phone.StartAsync("op");
        var alice = await town.RegisteredAsync("101");
        await PrepareAsync(town, operatorPhone);

        alice.Dials(Number, town.Sip);
        await alice.SeesAsync("rejected 403");
        alice.Dials($"*44{Number}", town.Sip);
        await alice.SeesAsync("accepted");
        alice.Presses(WrongPin);
        alice.Presses(Pin);
        await operatorPhone.SeesAsync("invite");
        operatorPhone.Answers();
        await alice.SpeaksToAsync(operatorPhone);
        alice.HangsUp();
        await operatorPhone.SeesAsync("ended Bye");

        await town.Server.WrittenAsync();
        var deeds = (await JournalAsync(town)).Where(row => row.Contains("\"barring\"", StringComparison.Ordinal)).ToList();
        Assert.Collection(deeds, row => Assert.Contains("wrong-pin", row, StringComparison.Ordinal), row => Assert.Contains("right-pin", row, StringComparison.Ordinal));
        Assert.NotEmpty(logs.Lines);
        foreach (var pin in new[] { Pin, WrongPin })
        {
            Assert.DoesNotContain(logs.Lines, line => line.Contains(pin, StringComparison.Ordinal));
            foreach (var file in System.IO.Directory.EnumerateFiles(town.Server.Folder, "*", SearchOption.AllDirectories))
                Assert.False(Holds(file, pin), $"{file} holds the PIN");
        }
    }

    private static async Task PrepareAsync(CallingTown town, Phone operatorPhone)
    {
        var api = town.Server.Administrator;
        await api.PostAsync("/api/v1/trunks", new
        {
            name = "only",
            kind = "Static",
            host = "127.0.0.1",
            port = operatorPhone.Address.Port,
            transport = "Udp",
            inboundAddresses = new[] { "127.0.0.1" },
            optionsPingSeconds = 0,
            presentedNumber = "+33199001000",
        });
        var nothing = await api.PostAsync("/api/v1/dial-plan/calling-classes", new { organisationId = town.Organisation, name = "Interne", allowedByDefault = false, rules = Array.Empty<object>() });
        var everything = await api.PostAsync("/api/v1/dial-plan/calling-classes", new { organisationId = town.Organisation, name = "Tout", allowedByDefault = true, rules = Array.Empty<object>() });
        Assert.True(town.Server.Service<IDirectory>().Current.TryExtension("101", out var extension));
        await api.PutAsync($"/api/v1/dial-plan/lines/{extension.Id}", new { callingClass = nothing.Id(), pinClass = everything.Id() });
        await api.PutAsync($"/api/v1/dial-plan/lines/{extension.Id}/pin", new { pin = Pin }, HttpStatusCode.NoContent);
    }

    private static async Task<List<string>> JournalAsync(CallingTown town)
    {
        await using var db = await town.Server.Service<IDbContextFactory<BeffroiDbContext>>().CreateDbContextAsync();
        return await db.Database.SqlQueryRaw<string>("SELECT data AS \"Value\" FROM journal ORDER BY position").ToListAsync();
    }

    private static bool Holds(string file, string text)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return reader.ReadToEnd().Contains(text, StringComparison.Ordinal);
    }

    /// <summary>Every log line of the server.</summary>
    private sealed class Listener : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
