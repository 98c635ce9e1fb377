// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using Beffroi.Scenarios.Peers;
using Beffroi.TestKit.Peers;
using Xunit;

namespace Beffroi.Scenarios;

/// <summary>Phones of IPv6 call each other and phones of IPv4; the sound of both directions is heard.</summary>
[Collection(nameof(RealPeers))]
public sealed class IPv6Tests(IPv6Tests.DualStack shared) : IClassFixture<IPv6Tests.DualStack>, IAsyncLifetime
{
    private const double Low = 440, High = 1000;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1);

    private Town Town => shared.Town;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Town.PhonesLeaveAsync();

    [TheoryOnIPv6]
    [InlineData(PhoneTransport.Udp)]
    [InlineData(PhoneTransport.Tcp)]
    public async Task Two_phones_of_IPv6_hear_each_other(PhoneTransport transport) =>
        await SpeakAsync(await Town.Baresip6Async(0, Low, transport), await Town.Baresip6Async(1, High, transport));

    [FactOnIPv6]
    public async Task A_phone_of_IPv6_calls_a_phone_of_IPv4() => await SpeakAsync(await Town.Baresip6Async(0, Low), await Town.BaresipAsync(1, High));

    [FactOnIPv6]
    public async Task A_phone_of_IPv4_calls_a_phone_of_IPv6() => await SpeakAsync(await Town.BaresipAsync(0, Low), await Town.Baresip6Async(1, High));

    private async Task SpeakAsync(Baresip caller, Baresip called)
    {
        await caller.DialsAsync(Town.Accounts[1].Extension);
        await called.RingsAsync();
        await called.AnswersAsync();
        await caller.TalksAsync();
        await called.TalksAsync();
        await called.HearsAsync(Low, Enough);
        await caller.HearsAsync(High, Enough);
        await caller.HangsUpAsync();
        await called.SeesTheEndAsync();
    }

    public sealed class DualStack : IAsyncLifetime
    {
        public Town Town { get; private set; } = null!;

        /// <summary>Null: this machine has the address ::1, which a bare container may lack. Else the reason for skipped tests.</summary>
        internal static string? WhyNot
        {
            get
            {
                try
                {
                    using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
                    socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
                    return null;
                }
                catch (SocketException without) { return $"No IPv6 on the loopback: {without.Message}"; }
            }
        }

        public async Task InitializeAsync()
        {
            if (WhyNot is null) Town = await Town.OpenDualStackAsync();
        }

        public Task DisposeAsync() => Town?.DisposeAsync().AsTask() ?? Task.CompletedTask;
    }

    private sealed class FactOnIPv6Attribute : FactAttribute
    {
        public FactOnIPv6Attribute() => Skip = DualStack.WhyNot;
    }

    private sealed class TheoryOnIPv6Attribute : TheoryAttribute
    {
        public TheoryOnIPv6Attribute() => Skip = DualStack.WhyNot;
    }
}
