// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Configuration;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Configuration;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("--Media:Prots=20000-20100", "Media:Ports")]
    [InlineData("--Media:Ports=20001-20100", "even")]
    [InlineData("--Media:Ports=9-5", "Media:Ports")]
    [InlineData("--Sip:Listen=udp:5060", "Sip:Listen")]
    [InlineData("--Sip:Listen=http://127.0.0.1:5060", "udp://")]
    [InlineData("--Storage:Provider=oracle", "sqlite, postgres")]
    [InlineData("--Storage:Provider=postgres", "Storage:Connection")]
    [InlineData("--Demo:Users=many", "whole number")]
    [InlineData("--Town:Zone=Mars/Olympus", "time zone")]
    [InlineData("--Storage:Connection=Host=127.0.0.1;Database=x", "no connection string of sqlite")]
    [InlineData("--Storage:Connection=Data Source=", "names no file")]
    [InlineData("--Storage:Connection=Data Source=/nowhere/at/all/beffroi.db", "does not exist")]
    [InlineData("--Media:Address=::1", "IPv4")]
    [InlineData("--Media:Address6=127.0.0.1", "IPv6")]
    [InlineData("--Sip:Domains=mairie.example;not a host", "\"not a host\"")]
    [InlineData("--Sip:Domains=mairie.example:5060", "without a port")]
    [InlineData("--Sip:AdvertisedHost=sip:mairie.example", "Sip:AdvertisedHost")]
    [InlineData("--Registration:MinExpires=3600,--Registration:MaxExpires=600", "rise in this order")]
    [InlineData("--Storage:Provider=postgres,--Storage:Connection=Hots=127.0.0.1", "no connection string of postgres")]
    [InlineData("--Storage:Provider=postgres,--Storage:Connection=Database=x", "names no host")]
    [InlineData("--Urls", "no value")]
    [InlineData("start", "--Key=value")]
    public void A_setting_that_cannot_be_used_stops_the_start_with_one_sentence_that_says_what_to_change(string argument, string said)
    {
        var folder = Directory.CreateTempSubdirectory("beffroi-settings-").FullName;
        var wrong = Assert.Throws<SettingsException>(() => Program.Build([$"--Data:Folder={folder}", .. argument.Split(',')]));
        Assert.Contains(said, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', wrong.Message);
        Directory.Delete(folder, recursive: true);
    }
}
