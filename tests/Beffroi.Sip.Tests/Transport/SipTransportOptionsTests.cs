// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Beffroi.Sip.Tests.Transport;

public sealed class SipTransportOptionsTests
{
    [Fact]
    public void Each_mistake_is_named_by_a_sentence()
    {
        var options = new SipTransportOptions
        {
            Listen =
            [
                new SipListenOptions { Transport = SipTransportKind.Ws },
                new SipListenOptions { Address = "mairie" },
                new SipListenOptions { Transport = SipTransportKind.Tcp, Address = "127.0.0.1" },
                new SipListenOptions { Transport = SipTransportKind.Tls, Address = "127.0.0.1" }
            ],
            Tls = new SipTlsOptions { TrustedRootsFile = "/nonexistent.pem" },
            Guard = new SourceGuardOptions { Trusted = ["192.0.2.1/99"] }
        };
        Assert.Equal(
        [
            "Listen: WebSocket is served by the web server's endpoints. Remove the entry.",
            "Listen: 'mairie' is not an IP address. Use 0.0.0.0, :: or an address of this machine.",
            "Listen: 127.0.0.1 port 5060 is named twice. Give each transport its own port.",
            "Tls: TrustedRootsFile '/nonexistent.pem' does not exist.",
            "Tls: a TLS listen point needs CertificateFile, or DataFolder for a self-signed certificate.",
            "Guard: Trusted '192.0.2.1/99' is not a network. Write it as 192.0.2.0/24."
        ], options.Problems());
        Assert.Throws<ArgumentException>(() => new SipTransportLayer(options, TimeProvider.System, NullLoggerFactory.Instance));
    }

    [Fact]
    public void UDP_and_TCP_may_share_a_port()
    {
        var options = new SipTransportOptions { Listen = [new SipListenOptions(), new SipListenOptions { Transport = SipTransportKind.Tcp }] };
        Assert.Empty(options.Problems());
    }
}
