// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using System.Text;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Registration.Contract;
using Beffroi.Server.Features.Voicemail;
using Beffroi.Sip.EventPackages;
using Beffroi.Sip.Messages;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>Lamps on the wire: SUBSCRIBE and NOTIFY as a desk phone writes and reads them.</summary>
public sealed class LampTests
{
    [Fact]
    public async Task A_lamp_shows_a_colleagues_line_ringing_talking_and_free_again()
    {
        await using var town = await CallingTown.OpenAsync();
        var (alice, bob) = (await town.RegisteredAsync("101"), await town.RegisteredAsync("102"));
        var watcher = await town.PhoneAsync("103");
        using var lamp = new Lamp(town, watcher);
        await lamp.SubscribesAsync("102", "dialog");
        Assert.DoesNotContain("<dialog ", await lamp.NotifiedAsync("dialog-info"), StringComparison.Ordinal);

        alice.Dials("102", town.Sip);
        await bob.SeesAsync("invite");
        bob.Rings();
        var rings = await lamp.NotifiedAsync("early");
        Assert.Contains("sip:101@", rings, StringComparison.Ordinal);
        Assert.Matches("call-id=\"[^\"]+\" local-tag=\"[^\"]+\" remote-tag=\"[^\"]+\"", rings);          // whoever sees it ring may pick it up
        bob.AnswersRinging();
        Assert.DoesNotContain("call-id", await lamp.NotifiedAsync("confirmed"), StringComparison.Ordinal);      // nobody may step into it
        alice.HangsUp();
        await lamp.NotifiedAsync("terminated");
    }

    [Fact]
    public async Task Only_the_owner_sees_that_messages_wait()
    {
        await using var town = await CallingTown.OpenAsync();
        await town.PhoneAsync("102");
        var watcher = await town.PhoneAsync("103");
        using var lamp = new Lamp(town, watcher);
        Assert.Equal(403, await lamp.SubscribesAsync("102", "message-summary", expected: 0));
        await lamp.SubscribesAsync("103", "message-summary");
        Assert.Contains("Messages-Waiting: no", await lamp.NotifiedAsync("Messages-Waiting"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_telephone_that_never_subscribes_is_told_without_when_its_setting_asks_for_it(bool asks)
    {
        await using var town = await CallingTown.OpenAsync();
        var phone = await town.PhoneAsync("103");
        var directory = town.Server.Service<IDirectory>();
        Assert.True(directory.Current.TryDevice(phone.Credentials!.Username, out var device));
        await town.Server.Administrator.PutAsync($"/api/v1/devices/{device.Id}", new { extensionId = device.ExtensionId, name = device.Name, kind = "DeskPhone", unsolicitedMwi = asks });
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var at = (IPEndPoint)socket.Client.LocalEndPoint!;
        Assert.True(SipMessage.TryParse(Encoding.ASCII.GetBytes($"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bK1\r\nFrom: <sip:103@127.0.0.1>;tag=1\r\nTo: <sip:103@127.0.0.1>\r\n" +
            $"Call-ID: r\r\nCSeq: 1 REGISTER\r\nContact: <sip:103@{at}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"), out var register, out _));
        Assert.True(town.Server.Service<IRegistrations>().Register(directory.Current.Devices[device.Id], register!, null).IsSuccess);
        if (asks) Assert.Contains("Messages-Waiting: no", await NextAsync(socket), StringComparison.Ordinal);

        var box = await town.Server.Administrator.PostAsync("/api/v1/voicemail/boxes", new { organisationId = town.Organisation, number = "103" });
        var recorded = Path.Combine(town.Server.Folder, "said.wav");
        await File.WriteAllBytesAsync(recorded, new byte[100]);
        await town.Server.Service<VoicemailStore>().DepositAsync(new(Guid.CreateVersion7(), Guid.Parse((box.TryGetProperty("box", out var inner) ? inner : box).Id()), DateTimeOffset.UnixEpoch, "", "", 1, false), recorded, default);
        if (asks)
        {
            var told = await NextAsync(socket);
            Assert.Contains("Messages-Waiting: yes", told, StringComparison.Ordinal);
            Assert.Contains("Voice-Message: 1/0", told, StringComparison.Ordinal);
            Assert.Contains("Event: message-summary", told, StringComparison.Ordinal);
            return;
        }

        // Whatever would have been told was sent before this call.
        var caller = await town.RegisteredAsync("101");
        caller.Dials("103", town.Sip);
        Assert.StartsWith("INVITE", await NextAsync(socket), StringComparison.Ordinal);
    }

    /// <summary>The next request that is no repetition, as text; a NOTIFY is answered.</summary>
    private static async Task<string> NextAsync(UdpClient socket)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        while (true)
        {
            var datagram = await socket.ReceiveAsync(limit.Token);
            if (!SipMessage.TryParse(datagram.Buffer, out var message, out _) || message is not { IsRequest: true }) continue;
            if (message.Method == SipMethod.Notify) await socket.SendAsync(SipResponses.Write(message, 200, null, "lamp", []), datagram.RemoteEndPoint, limit.Token);
            return Encoding.UTF8.GetString(datagram.Buffer);
        }
    }

    [Fact]
    public async Task A_lamp_for_an_extension_that_does_not_exist_is_refused()
    {
        await using var town = await CallingTown.OpenAsync();
        var watcher = await town.PhoneAsync("103");
        using var lamp = new Lamp(town, watcher);
        Assert.Equal(404, await lamp.SubscribesAsync("999", "dialog", expected: 0));
    }

    [Fact]
    public async Task A_telephone_that_is_disabled_loses_its_lamps_at_once_and_its_colleague_keeps_his()
    {
        await using var town = await CallingTown.OpenAsync();
        await town.PhoneAsync("102");
        using var lost = new Lamp(town, await town.PhoneAsync("103"));
        using var kept = new Lamp(town, await town.PhoneAsync("104"));
        await lost.SubscribesAsync("102", "dialog");
        await kept.SubscribesAsync("102", "dialog");
        var directory = town.Server.Service<IDirectory>();
        Assert.True(directory.Current.TryDevice(lost.Owner.Credentials!.Username, out var device));
        await town.Server.Administrator.PutAsync($"/api/v1/devices/{device.Id}", new { extensionId = device.ExtensionId, name = device.Name, kind = "DeskPhone", enabled = false });
        Assert.Equal("terminated;reason=rejected", await lost.EndsAsync());
        Assert.Equal(1, town.Server.Service<Notifier>().Count);
    }
}
