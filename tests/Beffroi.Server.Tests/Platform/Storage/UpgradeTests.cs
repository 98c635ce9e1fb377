// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform.Storage;
using Beffroi.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Storage;

/// <summary>A store of the first release, with what a town had in it, is taken up by this one.</summary>
[Collection(nameof(OnPostgres))]
public sealed class UpgradeTests(PostgresHouse house)
{
    private static readonly DateTime Noon = new(2026, 9, 14, 10, 0, 0, DateTimeKind.Utc);

    /// <summary>The tables of the first release; every later step has a number from 0100 on.</summary>
    private static bool IsOfFirstRelease(string step) => string.CompareOrdinal(step, "0100") < 0;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task What_the_first_release_wrote_is_there_after_every_later_step(string store)
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("beffroi-upgrade-").FullName;
        string[] settings = ["--Urls=http://127.0.0.1:0", $"--Data:Folder={folder}", "--Logging:LogLevel:Default=Critical", "--Demo:Town=false", $"--Sip:Listen=udp://127.0.0.1:{FreePorts.Next()}",
            .. store == "postgres" ? await house.SettingsAsync() : []];
        await using (var app = Program.Build(settings))
        {
            await using var db = await app.Services.GetRequiredService<IDbContextFactory<BeffroiDbContext>>().CreateDbContextAsync();
            var taken = await app.Services.GetRequiredService<SchemaMigrator>().MigrateAsync(db, default, IsOfFirstRelease);
            Assert.True(taken.Count > 10);
            await FillAsync(db);
        }

        await using (var app = Program.Build(settings))
        {
            await Program.PrepareAsync(app);
            var directory = app.Services.GetRequiredService<IDirectory>().Current;
            var device = Assert.Single(directory.Devices.Values);
            Assert.Equal(("101", false), (device.SipUsername, device.UnsolicitedMwi));
            Assert.Equal("Aïcha Benali", Assert.Single(directory.Persons.Values).DisplayName);
            Assert.Equal(4, Assert.Single(app.Services.GetRequiredService<ITrunks>().Current.All).AnswerWithinSeconds);
            await using var db = await app.Services.GetRequiredService<Store>().ReadAsync(default);
            var call = Assert.Single(await db.Set<Server.Features.History.Contract.HistoryCall>().ToListAsync());
            Assert.Equal(("0199001000", Noon), (call.Dialled, call.StartedAt.UtcDateTime));
            var again = await app.Services.GetRequiredService<SchemaMigrator>().MigrateAsync(db, default);
            Assert.Empty(again);
        }

        System.IO.Directory.Delete(folder, recursive: true);
    }

    /// <summary>In the columns of then: today's model knows more.</summary>
    private static async Task FillAsync(BeffroiDbContext db)
    {
        var (town, hall, person, extension, none) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Array.Empty<byte>());
        await db.Database.ExecuteSqlAsync($"INSERT INTO organisations (id, name, version) VALUES ({town}, 'Saint-Aubin', 0)");
        await db.Database.ExecuteSqlAsync($"INSERT INTO sites (id, organisation_id, name, address, version) VALUES ({hall}, {town}, 'Mairie', '', 0)");
        await db.Database.ExecuteSqlAsync($"INSERT INTO persons (id, organisation_id, site_id, given_name, family_name, function, email, language, version) VALUES ({person}, {town}, {hall}, 'Aïcha', 'Benali', '', '', 'fr', 0)");
        await db.Database.ExecuteSqlAsync($"INSERT INTO extensions (id, organisation_id, site_id, number, person_id, name, version) VALUES ({extension}, {town}, {hall}, '101', {person}, '', 0)");
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO devices (id, organisation_id, site_id, extension_id, name, kind, sip_username, realm, enabled, secret_at, ha1_md5, ha1_sha256, ha1_sha512_256, version)
            VALUES ({Guid.NewGuid()}, {town}, {hall}, {extension}, 'Poste', 'DeskPhone', '101', 'saint-aubin.example', {true}, {Noon}, {none}, {none}, {none}, 0)
            """);
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO trunks (id, name, kind, host, port, transport, domain, try_order, username, sealed_secret, inbound_addresses, inbound_digest, channel_limit, codecs, number_format, presented_number,
                options_ping_seconds, register_seconds, enabled, version)
            VALUES ({Guid.NewGuid()}, 'operateur', 'Static', '192.0.2.1', 5060, 'Udp', '', 0, '', {none}, '', {false}, 10, '', 'National', '', 0, 0, {true}, 0)
            """);
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO history_calls (id, started_at, ended_at, direction, caller_number, caller_name, dialled, called_number, called_name, answered_by_number, answered_by_name, outcome, cause, status,
                wait_seconds, talk_seconds, seconds, emergency, diversions, transfers, mos)
            VALUES ({Guid.NewGuid()}, {Noon}, {Noon}, 'Inbound', '+33639980000', '', '0199001000', '', '', '', '', 'Refused', '', 404, 0, 0, 0, {false}, 0, 0, 0)
            """);
    }
}
