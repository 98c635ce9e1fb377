// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using Beffroi.Media.Sockets;
using Beffroi.Media.Tests.Streams;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Media.Tests.Sockets;

public sealed class PortRangeTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Every_even_port_is_given_once_from_a_random_start()
    {
        var range = Range(20_001, 20_012);
        var taken = Enumerable.Range(0, 5).Select(_ => range.Take()).ToList();
        Assert.Equal([20_002, 20_004, 20_006, 20_008, 20_010], taken.Order());
        Assert.Equal(0, range.Take());
        Assert.Equal(5, range.InUse);
        var starts = Enumerable.Range(0, 50).Select(seed => Range(20_000, 29_999, seed).Take()).Distinct().Count();
        Assert.True(starts > 40);
    }

    [Fact]
    public void A_port_given_back_rests_for_ten_seconds()
    {
        var range = Range(20_000, 20_001);
        var port = range.Take();
        range.Return(port);
        Assert.Equal((0, 1), (range.InUse, range.InQuarantine));
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(0, range.Take());
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(port, range.Take());
    }

    [Fact]
    public void A_given_port_can_be_taken_for_a_take_over_even_from_quarantine()
    {
        var range = Range(20_000, 20_005);
        Assert.True(range.TryTake(20_004));
        Assert.False(range.TryTake(20_004));
        Assert.False(range.TryTake(30_000));
        range.Return(20_004);
        Assert.True(range.TryTake(20_004));
        Assert.Equal([20_000, 20_002], new[] { range.Take(), range.Take() }.Order());
        Assert.Equal(0, range.Take());
    }

    [Fact]
    public void A_port_that_another_program_holds_is_passed_over()
    {
        var first = FreePorts.NextRange(4);
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, first + 1));
        using var studio = new Studio(adjust: options => (options.FirstPort, options.LastPort) = (first, first + 3));
        var phone = studio.Phone(Studio.Pcma);
        Assert.Equal(first + 2, phone.Leg.LocalRtp().Port);
        Assert.False(studio.Engine.TryCreateLeg(new HeardEvents(), AddressFamily.InterNetwork, out _));
    }

    [Fact]
    public void Without_an_ipv6_address_there_are_no_ipv6_legs()
    {
        using var studio = new Studio(adjust: options => options.Address6 = null);
        Assert.False(studio.Engine.TryCreateLeg(new HeardEvents(), AddressFamily.InterNetworkV6, out _));
    }

    private PortRange Range(int first, int last, int seed = 1) => new(first, last, TimeSpan.FromSeconds(10), _time, new Random(seed));
}
