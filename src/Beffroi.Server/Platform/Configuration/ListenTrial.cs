// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using Beffroi.Media;

namespace Beffroi.Server.Platform.Configuration;

/// <summary>Opens and closes every address of the settings once, before anything starts: one that cannot be opened is told in one sentence by its setting, not by a stack in the log.</summary>
/// <remarks>A port that another program takes in the moment between is told later, by the same exit code.</remarks>
internal static class ListenTrial
{
    /// <exception cref="SettingsException">An address cannot be opened.</exception>
    internal static void Run(IServiceProvider services)
    {
        var (server, media) = (services.GetRequiredService<ServerSettings>(), services.GetRequiredService<MediaOptions>());
        foreach (var url in server.Urls)
        {
            var address = BindingAddress.Parse(url);
            var ip = address.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(address.Host.Trim('[', ']'), out var one) ? one : IPAddress.Any;
            Try("Urls", url, SocketType.Stream, new(ip, address.Port));
        }

        foreach (var uri in server.SipListen)
            Try("Sip:Listen", uri.OriginalString, uri.Scheme == "udp" ? SocketType.Dgram : SocketType.Stream, new(IPAddress.Parse(uri.Host.Trim('[', ']')), uri.Port));
        Try("Media:Address", server.MediaAddress.ToString(), SocketType.Dgram, new(server.MediaAddress, 0));
        if (media.Address6 is { } address6) Try("Media:Address6", address6.ToString(), SocketType.Dgram, new(address6, 0));
    }

    private static void Try(string key, string value, SocketType type, IPEndPoint at)
    {
        try
        {
            using var socket = new Socket(at.AddressFamily, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
            socket.Bind(at);
        }
        catch (SocketException refused)
        {
            throw new SettingsException($"The setting {key} is \"{value}\", but " + refused.SocketErrorCode switch
            {
                SocketError.AddressNotAvailable => $"this machine has no such address: change {key} to one that the command \"ip address\" shows.",
                SocketError.AccessDenied => $"this user may not open that port: choose one above 1023, or give the service the right CAP_NET_BIND_SERVICE.",
                SocketError.AddressAlreadyInUse => $"another program uses that address: change {key}, or stop that program.",
                _ => $"it cannot be opened ({refused.Message}): change {key}.",
            });
        }
    }
}
