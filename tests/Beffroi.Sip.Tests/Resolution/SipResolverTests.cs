// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Resolution;
using Beffroi.Sip.Transport;
using Beffroi.TestKit;
using Beffroi.TestKit.Peers;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Beffroi.Sip.Tests.Resolution;

public sealed class SipResolverTests : IAsyncLifetime
{
    private static readonly string[] Records =
    [
        "--host-record=one.example.org,192.0.2.1", "--host-record=two.example.org,192.0.2.2,2001:db8::2", "--host-record=plain.example.org,192.0.2.3",
        "--naptr-record=naptr.example.org,20,10,s,SIP+D2U,,_sip._udp.naptr.example.org", "--naptr-record=naptr.example.org,10,20,S,SIP+D2T,,_sip._tcp.naptr.example.org",
        "--naptr-record=naptr.example.org,10,10,s,SIPS+D2T,,_sips._tcp.naptr.example.org", "--naptr-record=naptr.example.org,5,1,u,E2U+sip,!^.*$!sip:x@y!,.",
        "--naptr-record=naptr.example.org,6,1,s,SIP+D2S,,_sip._sctp.naptr.example.org",
        "--srv-host=_sip._udp.naptr.example.org,one.example.org,5070", "--srv-host=_sip._tcp.naptr.example.org,two.example.org,5071",
        "--srv-host=_sips._tcp.naptr.example.org,one.example.org,5072",
        "--srv-host=_sip._udp.srv.example.org,two.example.org,5062,20,0", "--srv-host=_sip._udp.srv.example.org,one.example.org,5061,10,0",
        "--srv-host=_sip._tcp.srv.example.org,one.example.org,5063,10,0",
        "--srv-host=_sip._udp.gone.example.org", "--host-record=gone.example.org,192.0.2.9"
    ];

    private readonly ManualTime _time = new();
    private NameServer _server = null!;
    private SipResolver _resolver = null!;

    public async Task InitializeAsync()
    {
        _server = await NameServer.StartAsync(Records);
        _resolver = Resolver(new SipResolverOptions());
    }

    public Task DisposeAsync() => _server.DisposeAsync().AsTask();

    [Theory]
    [InlineData("sip:bob@192.0.2.1", "Udp 192.0.2.1:5060")]
    [InlineData("sip:bob@192.0.2.1:5080;transport=tcp", "Tcp 192.0.2.1:5080")]
    [InlineData("sip:192.0.2.1;transport=TLS", "Tls 192.0.2.1:5061")]
    [InlineData("sips:bob@[2001:db8::1]", "Tls [2001:db8::1]:5061")]
    [InlineData("sips:bob@192.0.2.1;transport=tcp", "Tls 192.0.2.1:5061")]
    [InlineData("sip:bob@example.org;maddr=192.0.2.8", "Udp 192.0.2.8:5060")]
    [InlineData("sip:df7jal@192.0.2.1:443;transport=wss", "Wss 192.0.2.1:443")]
    [InlineData("sip:bob@192.0.2.1;transport=sctp", "")]
    [InlineData("sips:bob@192.0.2.1;transport=udp", "")]
    [InlineData("tel:+33199000000", "")]
    public async Task An_address_needs_no_name_server(string uri, string expected)
    {
        var resolving = _resolver.ResolveAsync(SipUri.Parse(uri), CancellationToken.None).AsTask();
        Assert.True(resolving.IsCompletedSuccessfully);
        Assert.Equal(expected, Text(await resolving));
        Assert.All(await resolving, target => Assert.Null(target.ServerName));
    }

    [Theory]
    // NAPTR: by order, then preference; services that we do not speak and other flags passed over
    [InlineData("sip:naptr.example.org", "Tls 192.0.2.1:5072, Tcp 192.0.2.2:5071, Tcp [2001:db8::2]:5071, Udp 192.0.2.1:5070")]
    [InlineData("sips:naptr.example.org", "Tls 192.0.2.1:5072")]
    // no NAPTR: SRV of each transport, by priority
    [InlineData("sip:srv.example.org", "Udp 192.0.2.1:5061, Udp 192.0.2.2:5062, Udp [2001:db8::2]:5062, Tcp 192.0.2.1:5063")]
    [InlineData("sip:srv.example.org;transport=tcp", "Tcp 192.0.2.1:5063")]
    // a port forbids both
    [InlineData("sip:two.example.org:5090", "Udp 192.0.2.2:5090, Udp [2001:db8::2]:5090")]
    // neither: addresses
    [InlineData("sip:plain.example.org", "Udp 192.0.2.3:5060")]
    [InlineData("sip:plain.example.org;transport=tls", "Tls 192.0.2.3:5061")]
    [InlineData("sips:plain.example.org", "Tls 192.0.2.3:5061")]
    [InlineData("sip:nobody.example.org", "")]
    public async Task A_domain_gives_its_servers_in_order(string uri, string expected)
    {
        var targets = await ResolveAsync(_resolver, uri);
        Assert.Equal(expected, Text(targets));
        Assert.All(targets, target => Assert.Equal(SipUri.Parse(uri).Host, target.ServerName));
    }

    [Fact]
    public async Task What_was_found_is_found_at_once_the_next_time()
    {
        await ResolveAsync(_resolver, "sip:srv.example.org");
        Assert.True(_resolver.ResolveAsync(SipUri.Parse("sip:srv.example.org"), CancellationToken.None).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Families_are_chosen_by_the_options()
    {
        Assert.Equal("Udp [2001:db8::2]:5060, Udp 192.0.2.2:5060", Text(await ResolveAsync(Resolver(new SipResolverOptions { PreferIPv6 = true }), "sip:two.example.org")));
        Assert.Equal("Udp 192.0.2.2:5060", Text(await ResolveAsync(Resolver(new SipResolverOptions { UseIPv6 = false }), "sip:two.example.org")));
        Assert.Equal("Udp 192.0.2.2:5060", Text(await ResolveAsync(Resolver(new SipResolverOptions { MostTargets = 1 }), "sip:two.example.org")));
    }

    [Fact]
    public async Task A_target_that_failed_comes_last_for_a_while()
    {
        _resolver.Failed(new SipTarget(SipTransportKind.Udp, IPEndPoint.Parse("192.0.2.1:5061")));
        Assert.EndsWith("Tcp 192.0.2.1:5063, Udp 192.0.2.1:5061", Text(await ResolveAsync(_resolver, "sip:srv.example.org")), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.StartsWith("Udp 192.0.2.1:5061", Text(await ResolveAsync(_resolver, "sip:srv.example.org")), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_divide_the_load()
    {
        var random = new Random(1);
        SrvRecord[] records = [Srv("a", 1, 60), Srv("b", 1, 30), Srv("c", 1, 10), Srv("zero", 1, 0), Srv("spare", 2, 100)];
        var first = new Dictionary<string, int>();
        for (var i = 0; i < 10_000; i++)
        {
            var sorted = SrvOrder.Sort(records, most => random.Next(most + 1));
            Assert.Equal(5, sorted.Distinct().Count());
            Assert.Equal("spare", sorted[^1].Target);
            first[sorted[0].Target] = first.GetValueOrDefault(sorted[0].Target) + 1;
        }
        Assert.InRange(first["a"], 5_600, 6_200);
        Assert.InRange(first["b"], 2_700, 3_200);
        Assert.InRange(first["c"], 800, 1_150);
        Assert.InRange(first["zero"], 30, 250);
    }

    private SipResolver Resolver(SipResolverOptions options) =>
        new(new DnsClient(new DnsClientOptions { Servers = [_server.EndPoint], Hosts = "/nonexistent" }, _time, NullLoggerFactory.Instance), _time, options);

    private static async Task<IReadOnlyList<SipTarget>> ResolveAsync(SipResolver resolver, string uri)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        return await resolver.ResolveAsync(SipUri.Parse(uri), limit.Token);
    }

    private static string Text(IEnumerable<SipTarget> targets) => string.Join(", ", targets.Select(t => $"{t.Kind} {t.Address}"));

    private static SrvRecord Srv(string name, int priority, int weight) => new("_sip._udp.example.org", 60, priority, weight, 5060, name);
}
