// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Sip.Resolution;
using Beffroi.TestKit;
using Beffroi.TestKit.Peers;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Beffroi.Sip.Tests.Resolution;

public sealed class DnsClientTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("beffroi-dns-");
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_real_server_answers_with_addresses_aliases_and_absences()
    {
        await using var server = await NameServer.StartAsync(
            "--host-record=edge.example.org,192.0.2.7,2001:db8::7", "--cname=sip.example.org,www.example.org", "--cname=www.example.org,edge.example.org");
        var dns = Client(server.EndPoint);
        Assert.Equal(["192.0.2.7"], await AddressesAsync(dns, "edge.example.org", DnsType.A));
        Assert.Equal(["2001:db8::7"], await AddressesAsync(dns, "EDGE.example.org.", DnsType.Aaaa));
        Assert.Equal(["192.0.2.7"], await AddressesAsync(dns, "sip.example.org", DnsType.A));
        Assert.Equal(DnsStatus.NoName, (await dns.QueryAsync("nobody.example.org", DnsType.A, CancellationToken.None)).Status);
        Assert.Equal(DnsStatus.NoData, (await dns.QueryAsync("edge.example.org", DnsType.Naptr, CancellationToken.None)).Status);
    }

    [Fact]
    public async Task What_does_not_fit_a_datagram_is_asked_by_TCP()
    {
        await using var server = await NameServer.StartAsync(Enumerable.Range(1, 60).Select(i => $"--host-record=many.example.org,192.0.2.{i}"));
        var dns = Client(server.EndPoint);
        Assert.Equal(60, (await AddressesAsync(dns, "many.example.org", DnsType.A)).Count);
        Assert.Equal(2, dns.Asked);
    }

    [Fact]
    public async Task An_answer_is_remembered_until_its_time_is_over()
    {
        using var server = new FakeNameServer(q => [FakeNameServer.Answer(q, 0, FakeNameServer.A("192.0.2.1", ttl: 30))]);
        var dns = Client(server.EndPoint);
        await AddressesAsync(dns, "a.example", DnsType.A);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.True(dns.QueryAsync("A.example", DnsType.A, CancellationToken.None).AsTask().IsCompletedSuccessfully);
        Assert.Equal(1, dns.Asked);
        _time.Advance(TimeSpan.FromSeconds(1));
        await AddressesAsync(dns, "a.example", DnsType.A);
        Assert.Equal(2, dns.Asked);
    }

    [Fact]
    public async Task The_same_question_at_the_same_time_goes_out_once()
    {
        using var server = new FakeNameServer(q => [FakeNameServer.Answer(q, 0, FakeNameServer.A("192.0.2.1"))]);
        var dns = Client(server.EndPoint);
        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AddressesAsync(dns, "a.example", DnsType.A)));
        Assert.All(all, found => Assert.Equal(["192.0.2.1"], found));
        Assert.Equal(1, dns.Asked);
    }

    [Fact]
    public async Task Forged_and_broken_packets_before_the_true_answer_change_nothing()
    {
        using var server = new FakeNameServer(q =>
        {
            var forged = FakeNameServer.Answer(q, 0, FakeNameServer.A("203.0.113.66"));
            forged[0] ^= 1;                                                  // another id
            var other = FakeNameServer.Answer([.. q[..13], (byte)'x', .. q[14..]], 0, FakeNameServer.A("203.0.113.66"));
            var type = FakeNameServer.Answer([.. q[..^3], 28, .. q[^2..]], 0, FakeNameServer.A("203.0.113.66"));
            byte[] loop = [.. q[..2], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 12, 0, 1, 0, 1];
            return [forged, other, type, loop, [], q, FakeNameServer.Answer(q, 0, FakeNameServer.A("192.0.2.1"))];
        });
        Assert.Equal(["192.0.2.1"], await AddressesAsync(Client(server.EndPoint), "a.example", DnsType.A));
    }

    [Fact]
    public async Task Ids_and_source_ports_are_not_to_be_guessed()
    {
        using var server = new FakeNameServer(q => [FakeNameServer.Answer(q, 3)]);
        var dns = Client(server.EndPoint);
        var ids = new HashSet<int>();
        for (var i = 0; i < 40; i++)
        {
            await dns.QueryAsync($"host{i}.example", DnsType.A, CancellationToken.None);
            var question = await server.Questions.ReadAsync();
            ids.Add(question[0] << 8 | question[1]);
        }
        Assert.InRange(ids.Count, 35, 40);
    }

    [Fact]
    public async Task When_a_server_fails_the_next_is_asked()
    {
        using var failing = new FakeNameServer(q => [FakeNameServer.Answer(q, 2)]);
        using var good = new FakeNameServer(q => [FakeNameServer.Answer(q, 0, FakeNameServer.A("192.0.2.1"))]);
        Assert.Equal(["192.0.2.1"], await AddressesAsync(Client(failing.EndPoint, good.EndPoint), "a.example", DnsType.A));
    }

    [Fact]
    public async Task When_a_server_is_silent_the_next_is_asked_after_a_while()
    {
        using var silent = new FakeNameServer(_ => []);
        using var good = new FakeNameServer(q => [FakeNameServer.Answer(q, 0, FakeNameServer.A("192.0.2.1"))]);
        var asking = AddressesAsync(Client(silent.EndPoint, good.EndPoint), "a.example", DnsType.A);
        await silent.Questions.ReadAsync().AsTask().WaitAsync(TestTimeouts.Network);
        Assert.False(asking.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(["192.0.2.1"], await asking.WaitAsync(TestTimeouts.Network));
    }

    [Fact]
    public async Task A_failure_of_all_servers_is_remembered_for_a_moment_only()
    {
        using var failing = new FakeNameServer(q => [FakeNameServer.Answer(q, 5)]);
        var dns = Client(failing.EndPoint);
        Assert.Equal(DnsStatus.Failed, (await dns.QueryAsync("a.example", DnsType.A, CancellationToken.None)).Status);
        var asked = dns.Asked;
        Assert.Equal(DnsStatus.Failed, (await dns.QueryAsync("a.example", DnsType.A, CancellationToken.None)).Status);
        Assert.Equal(asked, dns.Asked);
        _time.Advance(TimeSpan.FromSeconds(5));
        await dns.QueryAsync("a.example", DnsType.A, CancellationToken.None);
        Assert.Equal(2 * asked, dns.Asked);
    }

    [Fact]
    public async Task Aliases_that_go_in_a_circle_are_given_up()
    {
        using var server = new FakeNameServer(q => [FakeNameServer.Answer(q, 0, [0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xC0, 12])]);
        Assert.Equal(DnsStatus.Failed, (await Client(server.EndPoint).QueryAsync("a.example", DnsType.A, CancellationToken.None)).Status);
    }

    [Fact]
    public async Task The_cache_is_bounded()
    {
        using var server = new FakeNameServer(q => [FakeNameServer.Answer(q, 0, FakeNameServer.A("192.0.2.1"))]);
        var dns = new DnsClient(new DnsClientOptions { Servers = [server.EndPoint], Hosts = Empty(), CacheEntries = 16 }, _time, NullLoggerFactory.Instance);
        for (var i = 0; i < 100; i++) await dns.QueryAsync($"h{i}.example", DnsType.A, CancellationToken.None);
        Assert.Equal(16, dns.Remembered);
        Assert.True(dns.QueryAsync("h99.example", DnsType.A, CancellationToken.None).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task The_hosts_file_comes_first_and_is_read_again_when_it_changes()
    {
        var hosts = Path.Combine(_folder.FullName, "hosts");
        await File.WriteAllTextAsync(hosts, "# town\n192.0.2.9  mairie Mairie.Example # main\n2001:db8::9 mairie\n\nrubbish\n");
        var dns = new DnsClient(new DnsClientOptions { Servers = [new IPEndPoint(IPAddress.Loopback, 1)], Hosts = hosts }, _time, NullLoggerFactory.Instance);
        Assert.Equal(["192.0.2.9"], await AddressesAsync(dns, "mairie.example", DnsType.A));
        Assert.Equal(["2001:db8::9"], await AddressesAsync(dns, "mairie", DnsType.Aaaa));
        await File.WriteAllTextAsync(hosts, "192.0.2.10 mairie\n");
        File.SetLastWriteTimeUtc(hosts, DateTime.UnixEpoch.AddYears(60));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["192.0.2.10"], await AddressesAsync(dns, "mairie", DnsType.A));
        Assert.Equal(0, dns.Asked);
    }

    [Fact]
    public async Task The_list_of_servers_is_read_again_when_it_changes_and_old_answers_are_forgotten()
    {
        var conf = Path.Combine(_folder.FullName, "resolv.conf");
        await File.WriteAllTextAsync(conf, "search example.org\n");
        var dns = new DnsClient(new DnsClientOptions { ResolvConf = conf, Hosts = Empty() }, _time, NullLoggerFactory.Instance);
        Assert.Equal(DnsStatus.Failed, (await dns.QueryAsync("a.example", DnsType.A, CancellationToken.None)).Status);
        Assert.Equal(1, dns.Remembered);
        await File.WriteAllTextAsync(conf, "nameserver 127.0.0.153\nnameserver ::1\n");
        File.SetLastWriteTimeUtc(conf, DateTime.UnixEpoch.AddYears(60));
        _time.Advance(TimeSpan.FromSeconds(5));
        var files = new ResolverFiles(conf, Empty(), _time);
        Assert.Equal(["127.0.0.153:53", "[::1]:53"], files.Servers.Select(s => s.ToString()));
        var changed = 0;
        files.ServersChanged += () => changed++;
        await File.WriteAllTextAsync(conf, "");
        File.SetLastWriteTimeUtc(conf, DateTime.UnixEpoch.AddYears(61));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(files.Servers);
        Assert.Equal(1, changed);
    }

    private DnsClient Client(params IPEndPoint[] servers) => new(new DnsClientOptions { Servers = servers, Hosts = Empty() }, _time, NullLoggerFactory.Instance);

    private string Empty() => Path.Combine(_folder.FullName, "none");

    private static async Task<List<string>> AddressesAsync(DnsClient dns, string name, DnsType type)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        var result = await dns.QueryAsync(name, type, limit.Token);
        Assert.Equal(DnsStatus.Found, result.Status);
        return [.. result.Records.Cast<AddressRecord>().Select(r => r.Address.ToString())];
    }
}
