// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Privacy;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Privacy;

public sealed class MasterKeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("beffroi-key-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_sealed_is_opened_after_a_restart_and_for_its_purpose_only()
    {
        var box = new MasterKey(Settings()).Seal("clé secrète", "trunk:1");
        var again = new MasterKey(Settings());
        Assert.Equal("clé secrète", again.Open(box, "trunk:1"));
        Assert.Null(again.Open(box, "trunk:2"));
        box[^1] ^= 1;
        Assert.Null(again.Open(box, "trunk:1"));
        Assert.Null(again.Open(new byte[5], "trunk:1"));
    }

    [Fact]
    public void A_spoilt_key_file_stops_the_start()
    {
        File.WriteAllText(Path.Combine(_folder, "master.key"), "short");
        Assert.Contains("32 bytes", Assert.Throws<SettingsException>(() => new MasterKey(Settings())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_is_made_once_readable_by_its_owner_alone_never_overwritten_and_never_given_away()
    {
        var path = Path.Combine(_folder, "master.key");
        var first = new MasterKey(Settings()).Derive("voicemail");
        Assert.Equal(first, new MasterKey(Settings()).Derive("voicemail"));
        Assert.NotEqual(first, new MasterKey(Settings()).Derive("recordings"));
        Assert.NotEqual(first, File.ReadAllBytes(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        File.WriteAllText(path, "not a key");
        Assert.Throws<SettingsException>(() => new MasterKey(Settings()));
        Assert.Equal("not a key", File.ReadAllText(path));
    }

    private ServerSettings Settings() => ServerSettings.Read(new(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Data:Folder"] = _folder }).Build()));
}
