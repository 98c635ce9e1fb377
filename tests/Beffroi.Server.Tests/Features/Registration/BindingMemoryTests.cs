// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net;
using System.Text;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Registration.Contract;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Beffroi.Server.Tests.Features.Registration;

/// <summary>Weighs the heap, so nothing else may run meanwhile.</summary>
[Collection("Alone")]
public sealed class BindingMemoryTests
{
    [Fact]
    public async Task Twelve_thousand_registered_devices_cost_less_than_2_KiB_each()
    {
        const int Devices = 12_000;
        var listen = new SipListenOptions { Transport = SipTransportKind.Udp, Address = "127.0.0.1", Port = 0 };
        await using var transport = new SipTransportLayer(new SipTransportOptions { Listen = [listen] }, TimeProvider.System, NullLoggerFactory.Instance);
        await transport.StartAsync(new Deaf(), CancellationToken.None);
        await using var server = await TestServer.StartAsync();
        var registrations = server.Service<IRegistrations>();
        Register(registrations, transport, 0, 50);                                  // code and tables are warm
        await server.WrittenAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Register(registrations, transport, 50, Devices);
        await server.WrittenAsync();
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Devices;
        Assert.Equal(Devices + 50, registrations.Devices);
        Assert.InRange(each, 100, 2048);
    }

    private static void Register(IRegistrations registrations, SipTransportLayer transport, int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            Assert.True(transport.TryGetFlow(SipTransportKind.Udp, new IPEndPoint(new IPAddress([127, 1, (byte)(i >> 8), (byte)i]), 5060), out var flow));
            Assert.True(registrations.Register(DeviceOf(i), Request(i), flow).IsSuccess);
        }
    }

    private static Device DeviceOf(int i) => new()
    {
        Id = Guid.NewGuid(),
        OrganisationId = Guid.Empty,
        SiteId = Guid.Empty,
        ExtensionId = Guid.Empty,
        Name = "Poste",
        Kind = DeviceKind.DeskPhone,
        SipUsername = i.ToString(CultureInfo.InvariantCulture),
        Realm = "town",
        SecretAt = DateTimeOffset.UnixEpoch,
    };

    private static SipMessage Request(int i)
    {
        var host = $"127.1.{i >> 8}.{i & 255}";
        var text = string.Create(CultureInfo.InvariantCulture, $"""
            REGISTER sip:127.0.0.1 SIP/2.0
            Via: SIP/2.0/UDP {host};branch=z9hG4bK{i}
            Max-Forwards: 70
            From: <sip:{i}@127.0.0.1>;tag={i}
            To: <sip:{i}@127.0.0.1>
            Call-ID: 3848276298220188511-{i}@{host}
            CSeq: 1 REGISTER
            Contact: <sip:{i}@{host}:5060;transport=udp>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-0004F2{i:X6}>"
            User-Agent: PolycomVVX-VVX_411-UA/5.9.3.2857
            Expires: 3600
            Content-Length: 0


            """).ReplaceLineEndings("\r\n");
        Assert.True(SipMessage.TryParse(Encoding.ASCII.GetBytes(text), out var message, out _));
        return message!;
    }

    private sealed class Deaf : ISipMessageSink
    {
        public void Receive(SipMessage message, SipFlow flow)
        {
        }
    }
}

/// <summary>Tests that run when no other one does.</summary>
[CollectionDefinition("Alone", DisableParallelization = true)]
public sealed class Alone;
