// SPDX-License-Identifier: EUPL-1.2
using System.Xml.Linq;
using Beffroi.Sip.EventPackages;
using Beffroi.Sip.Messages;
using Xunit;

namespace Beffroi.Sip.Tests.EventPackages;

/// <summary>RFC 6665 §4.2 with the packages of RFC 4235 and RFC 3842, on the wire.</summary>
public sealed class NotifierTests
{
    private static readonly XNamespace Info = "urn:ietf:params:xml:ns:dialog-info";
    private Watcher _alice = new();

    [Fact]
    public void A_lamp_follows_its_extension_through_a_call()
    {
        var accepted = _alice.Subscribes("102");
        Assert.Equal((200, 600), (accepted.StatusCode, accepted.Number(SipHeaderName.Expires)));
        Assert.NotEmpty(accepted.ToTag);
        Assert.Equal("active;expires=600", _alice.LastState);
        Assert.Equal("dialog", _alice.Last.Text(SipHeaderName.Event));
        Assert.Equal("application/dialog-info+xml", _alice.Last.Text(SipHeaderName.ContentType));
        Assert.Equal("sip:alice@10.0.0.1:5060", _alice.Last.RequestUri?.Reveal());
        Assert.Equal(("0", "full", "sip:102@10.0.0.2", ""), Told());

        _alice.Passes(TimeSpan.FromSeconds(5));
        _alice.CallIs("102", DialogPhase.Early);
        _alice.Passes(TimeSpan.FromSeconds(0.1));
        Assert.Equal(("1", "partial", "sip:102@10.0.0.2", "d1 early"), Told());
        var dialog = XDocument.Parse(_alice.LastBody).Root!.Element(Info + "dialog")!;
        Assert.Equal(("c@h", "l", "r", "recipient"), ((string)dialog.Attribute("call-id")!, (string)dialog.Attribute("local-tag")!, (string)dialog.Attribute("remote-tag")!, (string)dialog.Attribute("direction")!));
        Assert.Equal("Mme \"Lune\" <&?>", (string)dialog.Element(Info + "remote")!.Element(Info + "identity")!.Attribute("display")!);

        _alice.CallIs("102", DialogPhase.Confirmed);
        _alice.CallIs("102", DialogPhase.Early, "d2");
        _alice.Passes(TimeSpan.FromSeconds(0.5));
        Assert.Equal(2, _alice.Notified.Count);                                // within a second nothing more
        _alice.Passes(TimeSpan.FromSeconds(0.6));
        Assert.Equal(("2", "partial", "sip:102@10.0.0.2", "d1 confirmed, d2 early"), Told());

        _alice.CallIs("102", DialogPhase.Terminated);
        _alice.Passes(TimeSpan.FromSeconds(1.1));
        Assert.Equal(("3", "partial", "sip:102@10.0.0.2", "d1 terminated"), Told());
    }

    [Fact]
    public void A_refresh_gets_the_whole_state_and_more_time()
    {
        var first = _alice.Subscribes("102");
        _alice.CallIs("102", DialogPhase.Confirmed);
        _alice.Passes(TimeSpan.FromSeconds(500));
        Assert.Equal(200, _alice.Subscribes("102", within: first).StatusCode);
        Assert.Equal(("2", "full", "sip:102@10.0.0.2", "d1 confirmed"), Told());
        _alice.Passes(TimeSpan.FromSeconds(599));
        Assert.Equal(1, _alice.Notifier.Count);
    }

    [Fact]
    public void An_unrefreshed_subscription_ends_with_a_last_word_and_leaves_nothing()
    {
        _alice.Subscribes("102");
        _alice.Passes(TimeSpan.FromSeconds(601));
        Assert.Equal("terminated;reason=timeout", _alice.LastState);
        NothingIsLeft();
    }

    [Fact]
    public void Expires_0_ends_it_and_a_fetch_gets_the_state_once()
    {
        var first = _alice.Subscribes("102");
        Assert.Equal(200, _alice.Subscribes("102", expires: 0, within: first).StatusCode);
        Assert.Equal("terminated;reason=timeout", _alice.LastState);
        Assert.Equal(481, _alice.Subscribes("102", within: first).StatusCode);

        _alice.CallIs("102", DialogPhase.Confirmed);
        Assert.Equal(200, _alice.Subscribes("102", expires: 0).StatusCode);
        Assert.Equal("terminated;reason=timeout", _alice.LastState);
        Assert.Contains("confirmed", _alice.LastBody, StringComparison.Ordinal);
        NothingIsLeft();
    }

    [Theory]
    [InlineData("presence", "102", 600, "", 489)]
    [InlineData("", "102", 600, "", 489)]
    [InlineData("dialog", "mayor", 600, "", 403)]
    [InlineData("message-summary", "103", 600, "", 404)]
    [InlineData("dialog", "102", 59, "", 423)]
    [InlineData("dialog", "102", 600, "Accept: application/pidf+xml", 406)]
    [InlineData("dialog", "102", 600, "Contact: *", 400)]
    public void What_cannot_be_watched_is_refused(string package, string extension, int expires, string header, int status)
    {
        var refusal = _alice.Subscribes(extension, package, expires, null, header.Length > 0 ? [header] : []);
        Assert.Equal(status, refusal.StatusCode);
        if (status == 489) Assert.Equal("dialog, message-summary", refusal.Text(SipHeaderName.AllowEvents));
        if (status == 423) Assert.Equal(60, refusal.Number(SipHeaderName.MinExpires));
        Assert.Empty(_alice.Notified);
        Assert.Equal(0, _alice.Notifier.Count);
    }

    [Theory]
    [InlineData(481)]
    [InlineData(404)]
    [InlineData(0)]
    public void A_peer_that_knows_it_no_more_or_is_silent_ends_it(int answer)
    {
        _alice.Answer = answer;
        _alice.Subscribes("102");
        _alice.Passes(TimeSpan.FromSeconds(40));
        Assert.Equal(1, _alice.Notifier.Failed);
        NothingIsLeft();
    }

    [Fact]
    public void Another_failure_costs_one_NOTIFY_only()
    {
        _alice.Answer = 500;
        _alice.Subscribes("102");
        _alice.Answer = 200;
        _alice.CallIs("102", DialogPhase.Early);
        _alice.Passes(TimeSpan.FromSeconds(2));
        Assert.Equal(2, _alice.Notified.Count);
        Assert.Equal(1, _alice.Notifier.Count);
    }

    [Fact]
    public void Only_one_NOTIFY_is_on_the_way_and_changes_meanwhile_become_one()
    {
        _alice.Answer = 0;
        _alice.Subscribes("102");
        foreach (var phase in new[] { DialogPhase.Trying, DialogPhase.Early, DialogPhase.Confirmed })
        {
            _alice.CallIs("102", phase);
            _alice.Passes(TimeSpan.FromSeconds(2));
        }
        Assert.Single(_alice.Notified);
        _alice.Answer = 200;
        _alice.Passes(TimeSpan.FromSeconds(5));
        Assert.Equal(2, _alice.Notified.Count);
        Assert.Equal(("1", "partial", "sip:102@10.0.0.2", "d1 confirmed"), Told());
    }

    [Fact]
    public void The_message_lamp_says_how_many_wait()
    {
        _alice.Subscribes("102", "message-summary;id=7");
        Assert.Equal("Messages-Waiting: no\r\nVoice-Message: 0/0 (0/0)\r\n", _alice.LastBody);
        Assert.Equal("message-summary;id=7", _alice.Last.Text(SipHeaderName.Event));
        _alice.Messages = new MessageSummary(2, 8, 1, 0, "sip:*98@example.org");
        _alice.Notifier.Changed(MessageSummaryPackage.PackageName, "102");
        _alice.Passes(TimeSpan.FromSeconds(2));
        Assert.Equal("Messages-Waiting: yes\r\nMessage-Account: sip:*98@example.org\r\nVoice-Message: 2/8 (1/0)\r\n", _alice.LastBody);
    }

    [Fact]
    public void A_right_that_is_lost_ends_it()
    {
        _alice.Subscribes("102");
        _alice.Notifier.Review();
        Assert.Equal(1, _alice.Notifier.Count);
        _alice.Revoked = true;
        _alice.Notifier.Review();
        _alice.Passes(TimeSpan.FromSeconds(1));
        Assert.Equal("terminated;reason=rejected", _alice.LastState);
        Assert.True(_alice.Last.Body.IsEmpty);
        NothingIsLeft();
    }

    [Fact]
    public void Subscriptions_of_one_subscriber_are_bounded()
    {
        _alice = new Watcher(new NotifierOptions { MostPerSubscriber = 2 });
        var first = _alice.Subscribes("101");
        Assert.Equal([200, 403], new[] { _alice.Subscribes("102"), _alice.Subscribes("103") }.Select(one => one.StatusCode));
        _alice.Subscribes("101", expires: 0, within: first);
        Assert.Equal(200, _alice.Subscribes("103").StatusCode);
    }

    [Fact]
    public void Other_requests_and_another_event_inside_its_dialog_are_refused()
    {
        var first = _alice.Subscribes("102");
        Assert.Equal(481, _alice.Subscribes("102", "dialog;id=9", within: first).StatusCode);
        Assert.Equal(423, _alice.Subscribes("102", expires: 10, within: first).StatusCode);
        Assert.Equal(1, _alice.Notifier.Count);
    }

    private void NothingIsLeft()
    {
        _alice.Passes(TimeSpan.FromSeconds(110));
        Assert.Equal((0, 0, 0), (_alice.Notifier.Count, _alice.ServerDialogs, _alice.Net.Wheel.Count));
    }

    // version, state, entity, and "id phase" of each dialog
    private (string, string, string, string) Told()
    {
        var root = XDocument.Parse(_alice.LastBody).Root!;
        var dialogs = root.Elements(Info + "dialog").Select(dialog => $"{(string)dialog.Attribute("id")!} {(string)dialog.Element(Info + "state")!}");
        return ((string)root.Attribute("version")!, (string)root.Attribute("state")!, (string)root.Attribute("entity")!, string.Join(", ", dialogs));
    }
}
