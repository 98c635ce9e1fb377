// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text;
using Beffroi.Server.Features.Trunks.Contract;
using Xunit;

namespace Beffroi.Server.Tests.Features.Trunks;

public sealed class TrunkTests
{
    [Fact]
    public async Task A_trunk_is_found_by_its_networks_and_its_secret_is_sealed_never_shown_and_kept_when_a_change_leaves_it_out()
    {
        await using var server = await TestServer.StartAsync();
        var made = await server.Administrator.PostAsync("/api/v1/trunks", new { name = "Operateur", kind = "registering", host = "sip.operateur.example", username = "u1", secret = "hunter2-hunter2", inboundAddresses = new[] { "192.0.2.0/24", "2001:db8::1" }, channelLimit = 2 });
        var id = made.GetProperty("trunk").Id();
        Assert.True(made.GetProperty("hasSecret").GetBoolean());
        Assert.DoesNotContain("hunter2", (await server.Administrator.GetAsync("/api/v1/trunks")).ToString(), StringComparison.Ordinal);
        var trunks = server.Service<ITrunks>();
        Assert.True(trunks.Current.TryFrom(IPAddress.Parse("192.0.2.77"), out var trunk));
        Assert.True(trunks.Current.TryFrom(IPAddress.Parse("::ffff:192.0.2.78"), out _));
        Assert.False(trunks.Current.TryFrom(IPAddress.Parse("198.51.100.1"), out _));
        Assert.Equal("hunter2-hunter2", trunks.SecretOf(trunk));
        await server.Administrator.PutAsync($"/api/v1/trunks/{id}", new { name = "Operateur", kind = "registering", host = "sip2.operateur.example", username = "u1" });
        Assert.Equal("hunter2-hunter2", trunks.SecretOf(trunks.Current.All[0]));
        Assert.DoesNotContain("hunter2", (await server.Administrator.GetAsync("/api/v1/audit?action=trunks")).ToString(), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(server.Folder, "master.key")));
        foreach (var file in System.IO.Directory.GetFiles(server.Folder, "beffroi.db*"))
        {
            await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[open.Length];
            await open.ReadExactlyAsync(bytes);
            Assert.DoesNotContain("hunter2", Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_full_trunk_takes_no_call_but_an_emergency_call()
    {
        await using var server = await TestServer.StartAsync();
        await server.Administrator.PostAsync("/api/v1/trunks", new { name = "A", kind = "static", host = "192.0.2.1", channelLimit = 2 });
        var trunks = server.Service<ITrunks>();
        var trunk = trunks.Current.All[0];
        Assert.True(trunks.TryTake(trunk));
        Assert.True(trunks.TryTake(trunk));
        Assert.False(trunks.TryTake(trunk));
        Assert.True(trunks.TryTake(trunk, evenIfFull: true));
        trunks.Release(trunk.Id);
        trunks.Release(trunk.Id);
        Assert.True(trunks.TryTake(trunk));
        Assert.Equal(2, trunks.Channels(trunk.Id));
    }

    [Fact]
    public async Task A_trunk_that_is_down_is_said_in_words_and_counted()
    {
        await using var server = await TestServer.StartAsync();
        await server.Administrator.PostAsync("/api/v1/trunks", new { name = "Fibre", kind = "static", host = "192.0.2.1" });
        var trunks = server.Service<ITrunks>();
        trunks.Report(trunks.Current.All[0].Id, new(false, TrunkState.NoAnswer));
        var ready = await server.Anybody().GetAsync("/health/ready");
        Assert.Equal("degraded", ready.Text("status"));
        Assert.Contains("Fibre is down", ready.ToString(), StringComparison.Ordinal);
        Assert.Contains("beffroi_trunk_up{trunk=\"Fibre\"} 0", await server.Anybody().Http.GetStringAsync(new Uri("/metrics", UriKind.Relative)), StringComparison.Ordinal);
        var french = await server.Anybody().Http.GetStringAsync(new Uri("/", UriKind.Relative));
        Assert.Contains("0 en service sur 1", french, StringComparison.Ordinal);
        Assert.Contains("lang=\"fr\"", french, StringComparison.Ordinal);
        Assert.Contains("est coupée.</li>", french, StringComparison.Ordinal);
        Assert.DoesNotContain("is down", french, StringComparison.Ordinal);
        Assert.Contains("0 up of 1", await server.Anybody().Http.GetStringAsync(new Uri("/?lang=en", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_a_trunk_is_said_field_by_field()
    {
        await using var server = await TestServer.StartAsync();
        var problem = await server.Administrator.PostAsync("/api/v1/trunks", new { name = "", kind = "registering", host = "not a host", codecs = new[] { "MP3" }, inboundAddresses = new[] { "300.1.2.3/40" }, presentedNumber = "0199" }, HttpStatusCode.BadRequest);
        Assert.Equal(["codecs", "host", "inboundAddresses", "name", "presentedNumber", "username"], problem.GetProperty("errors").EnumerateObject().Select(e => e.Name));
    }
}
