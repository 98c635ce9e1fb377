// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Sip.Transport;
using Beffroi.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Beffroi.Sip.Tests.Transport;

public sealed class SourceGuardTests
{
    private static readonly IPAddress Office = IPAddress.Parse("192.0.2.10"), Guesser = IPAddress.Parse("203.0.113.5");
    private readonly ManualTime _time = new();

    [Fact]
    public void A_burst_is_allowed_then_so_many_per_second()
    {
        var guard = Guard(new SourceGuardOptions { RequestsPerSecond = 10, Burst = 50 });
        Assert.Equal(50, Asks(guard, Office, 100));
        Assert.Equal(50, Asks(guard, Guesser, 100));                        // another address has its own allowance
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(20, Asks(guard, Office, 100));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(50, Asks(guard, Office, 100));
    }

    [Fact]
    public void Failures_ban_an_address_each_time_for_twice_as_long()
    {
        var guard = Guard(new SourceGuardOptions());
        Fail(guard, Guesser, 19);
        Assert.False(guard.IsBanned(Guesser));
        Fail(guard, Guesser, 1);
        Assert.True(guard.IsBanned(Guesser));
        Assert.False(guard.Allow(Guesser, SipTransportKind.Udp));
        Assert.False(guard.IsBanned(Office));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.False(guard.IsBanned(Guesser));
        Assert.True(guard.Allow(Guesser, SipTransportKind.Udp));
        Fail(guard, Guesser, 20);
        _time.Advance(TimeSpan.FromMinutes(19));
        Assert.True(guard.IsBanned(Guesser));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(guard.IsBanned(Guesser));
        Assert.Equal(2, guard.Bans);
    }

    [Fact]
    public void A_ban_never_lasts_longer_than_a_day()
    {
        var guard = Guard(new SourceGuardOptions());
        for (var time = 0; time < 12; time++)
        {
            Fail(guard, Guesser, 20);
            Assert.True(guard.IsBanned(Guesser));
            _time.Advance(TimeSpan.FromDays(1));
            Assert.False(guard.IsBanned(Guesser));
        }
    }

    [Fact]
    public void Failures_now_and_then_do_not_ban()
    {
        var guard = Guard(new SourceGuardOptions());
        for (var mistake = 0; mistake < 200; mistake++)
        {
            guard.Failed(Office);
            _time.Advance(TimeSpan.FromSeconds(40));                        // 20 in 10 minutes would be one every 30 s
        }
        Assert.Equal(0, guard.Bans);
    }

    [Fact]
    public void One_mistaken_telephone_does_not_silence_its_office()
    {
        var guard = Guard(new SourceGuardOptions());
        guard.Succeeded(Office);
        Fail(guard, Office, 19);
        Assert.False(guard.IsRestrained(Office));
        Fail(guard, Office, 581);
        Assert.False(guard.IsBanned(Office));
        Assert.True(guard.IsRestrained(Office));
        Assert.Equal(20, Enumerable.Range(0, 100).Count(_ => guard.TryChallenge(Office)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(20, Enumerable.Range(0, 100).Count(_ => guard.TryChallenge(Office)));
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.False(guard.IsRestrained(Office));
        Assert.True(guard.TryChallenge(Office));
    }

    [Fact]
    public void A_trusted_network_has_neither_rate_nor_ban()
    {
        var guard = Guard(new SourceGuardOptions { Burst = 5, Trusted = ["192.0.2.0/24"] });
        Fail(guard, Office, 1000);
        Assert.Equal(1000, Asks(guard, Office, 1000));
        Fail(guard, Guesser, 20);
        Assert.True(guard.IsBanned(Guesser));
        guard.Trust([IPNetwork.Parse("203.0.113.5/32")]);                  // it became a trunk
        Assert.False(guard.IsBanned(Guesser));
        Assert.Equal(1000, Asks(guard, Guesser, 1000));
        guard.Trust([]);
        Assert.True(guard.IsBanned(Guesser));
        Assert.Equal(1000, Asks(guard, Office, 1000));
    }

    [Fact]
    public void A_host_is_one_source_by_all_addresses_of_its_IPv6_network_and_as_mapped_IPv4()
    {
        var guard = Guard(new SourceGuardOptions());
        for (var host = 1; host <= 20; host++) guard.Failed(IPAddress.Parse($"2001:db8:0:1::{host:x}"));
        Assert.True(guard.IsBanned(IPAddress.Parse("2001:db8:0:1::ffff")));
        Assert.False(guard.IsBanned(IPAddress.Parse("2001:db8:0:2::1")));
        Fail(guard, Guesser, 20);
        Assert.True(guard.IsBanned(Guesser.MapToIPv6()));
    }

    [Fact]
    public void A_flood_of_forged_addresses_stays_within_bounds_and_lifts_no_ban()
    {
        var guard = Guard(new SourceGuardOptions { MaxSources = 100, Burst = 10, RequestsPerSecond = 1 });
        Fail(guard, Guesser, 20);
        guard.Succeeded(Office);
        var allowed = 0;
        for (var i = 1; i <= 60_000; i++) allowed += Asks(guard, new IPAddress([10, 1, (byte)(i >> 8), (byte)i]), 1);
        Assert.InRange(guard.Sources, 90, 100);
        Assert.InRange(allowed, 100, 120);                                   // one each for those remembered, one bucket for the rest
        Assert.True(guard.IsBanned(Guesser));
        Assert.Equal(10, Asks(guard, Office, 20));                           // a known address keeps its own allowance
        _time.Advance(TimeSpan.FromHours(2));
        Asks(guard, IPAddress.Parse("198.51.100.1"), 1);
        Assert.InRange(guard.Sources, 1, 2);                                 // what is not worth knowing was forgotten
    }

    private SourceGuard Guard(SourceGuardOptions options) => new(options, _time, NullLogger<SourceGuard>.Instance);

    private static int Asks(SourceGuard guard, IPAddress source, int times)
    {
        var allowed = 0;
        for (var i = 0; i < times; i++)
            if (guard.Allow(source, SipTransportKind.Udp)) allowed++;
        return allowed;
    }

    private static void Fail(SourceGuard guard, IPAddress source, int times)
    {
        for (var i = 0; i < times; i++) guard.Failed(source);
    }
}
