// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using System.Xml.Linq;
using Beffroi.Sip.EventPackages;
using Beffroi.Sip.Messages;
using Xunit;

namespace Beffroi.Sip.Tests.EventPackages;

/// <summary>The keys of a telephone kept as the server has them: as-feature-event on the wire.</summary>
public sealed class FeatureKeyPackageTests
{
    private const string Type = "application/x-as-feature-event+xml";
    private const string Both = "Accept: " + Type + ", multipart/mixed";
    private static readonly XNamespace Csta = "http://www.ecma-international.org/standards/ecma-323/csta/ed3";

    private readonly Watcher _alice;
    private readonly List<FeatureKeyWish> _wishes = [];
    private FeatureKeyState _state = new("102", false, new(FeatureForwardKind.Immediate, null), new(FeatureForwardKind.Busy, "103"), new(FeatureForwardKind.NoAnswer, null, 4));
    private Action? _late;
    private bool _isSlow;
    private bool _follows = true;
    private bool _proves = true;

    public FeatureKeyPackageTests() => _alice = new Watcher(null, new FeatureKeyPackage(resource => resource == "102" ? _state : null, Change, (_, resource) => resource != "mayor", (transaction, _) =>
    {
        if (!_proves) transaction.Respond(SipStatus.Unauthorized);
        return _proves;
    }));

    [Fact]
    public void All_keys_are_told_together_to_who_reads_several_parts()
    {
        Assert.Equal(200, _alice.Subscribes("102", FeatureKeyPackage.PackageName, 600, null, Both).StatusCode);
        Assert.Single(_alice.Notified);
        Assert.Equal("multipart/mixed;boundary=beffroi-feature-keys", _alice.Last.Text(SipHeaderName.ContentType));
        var parts = _alice.LastBody.Split("--beffroi-feature-keys", StringSplitOptions.None);
        Assert.Equal(("", "--\r\n"), (parts[0], parts[^1]));
        Assert.Equal(["dnd false", "forwardImmediate false", "forwardBusy true 103", "forwardNoAns false 4"], parts[1..^1].Select(part =>
        {
            var (head, body) = (part[..part.IndexOf("\r\n\r\n", StringComparison.Ordinal)], part[(part.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..^2]);
            Assert.Contains("\r\nContent-Type: " + Type, head, StringComparison.Ordinal);
            Assert.EndsWith($"Content-Length: {body.Length}", head, StringComparison.Ordinal);
            return Told(body);
        }));
    }

    [Fact]
    public void All_keys_are_told_one_after_the_other_to_who_reads_one_part_and_a_refresh_tells_them_again()
    {
        var first = _alice.Subscribes("102", FeatureKeyPackage.PackageName, 600, null, "Accept: " + Type);
        string[] all = ["dnd false", "forwardImmediate false", "forwardBusy true 103", "forwardNoAns false 4"];
        _alice.Passes(TimeSpan.FromSeconds(0.1));
        _alice.Passes(TimeSpan.FromSeconds(0.1));
        _alice.Passes(TimeSpan.FromSeconds(0.1));
        _alice.Passes(TimeSpan.FromSeconds(0.1));
        Assert.Equal(all, _alice.Notified.Select(Told));
        Assert.All(_alice.Notified, notify => Assert.Equal((Type, "active;expires=600"), (notify.Text(SipHeaderName.ContentType), notify.Text(SipHeaderName.SubscriptionState))));
        _alice.Notified.Clear();
        _alice.Subscribes("102", FeatureKeyPackage.PackageName, within: first);
        for (var n = 0; n < 4; n++) _alice.Passes(TimeSpan.FromSeconds(0.1));
        Assert.Equal(all, _alice.Notified.Select(Told));
    }

    [Fact]
    public void What_has_changed_is_told_alone_and_what_has_not_is_not()
    {
        Subscribed();
        _state = _state with { DoNotDisturb = true };
        _alice.Notifier.Changed(FeatureKeyPackage.PackageName, "102");
        _alice.Passes(TimeSpan.FromSeconds(2));
        Assert.Equal(["dnd true"], _alice.Notified.Select(Told));
        _alice.Notifier.Changed(FeatureKeyPackage.PackageName, "102");
        _alice.Passes(TimeSpan.FromSeconds(2));
        Assert.Single(_alice.Notified);
        _state = _state with { DoNotDisturb = false };
        _alice.Notifier.Changed(FeatureKeyPackage.PackageName, "102");
        _alice.Passes(TimeSpan.FromSeconds(2));
        Assert.Equal("dnd false", Told(_alice.Last));
    }

    [Fact]
    public void A_key_inside_the_subscription_changes_the_state_and_is_told_what_came_of_it_alone()
    {
        var first = Subscribed();
        Assert.Equal(200, Asks(DoNotDisturb("true"), first).StatusCode);
        Assert.Equal(new FeatureKeyWish.DoNotDisturb(true), Assert.Single(_wishes));
        Assert.Equal(["dnd true"], _alice.Notified.Select(Told));
        _follows = false;
        Assert.Equal(200, Asks(Forwarding("true", "forwardImmediate", "0899123456"), first).StatusCode);
        Assert.Equal("forwardImmediate false", Told(_alice.Last));                 // refused: the lamp goes back
        Assert.Equal(2, _alice.Notified.Count);
    }

    [Fact]
    public void A_key_outside_any_subscription_makes_one_that_begins_with_what_came_of_it()
    {
        Assert.Equal(200, _alice.Asks("102", FeatureKeyPackage.PackageName, DoNotDisturb("true"), 600, null, Both, "Content-Type: " + Type).StatusCode);
        Assert.Single(_alice.Notified);
        Assert.Contains("<doNotDisturbOn>true</doNotDisturbOn>", _alice.LastBody, StringComparison.Ordinal);
        Assert.Contains("forwardNoAns", _alice.LastBody, StringComparison.Ordinal);
        Assert.Equal(1, _alice.Notifier.Count);
    }

    [Fact]
    public void Nothing_is_told_while_a_wish_is_under_way_and_all_of_it_afterwards()
    {
        var first = Subscribed();
        _isSlow = true;
        Asks(DoNotDisturb("true"), first);
        _state = _state with { Busy = new(FeatureForwardKind.Busy, "104") };
        _alice.Notifier.Changed(FeatureKeyPackage.PackageName, "102");
        _alice.Passes(TimeSpan.FromSeconds(3));
        Assert.Empty(_alice.Notified);
        _late!();
        _alice.Passes(TimeSpan.FromSeconds(0.1));
        Assert.Contains("<doNotDisturbOn>true</doNotDisturbOn>", _alice.LastBody, StringComparison.Ordinal);
        Assert.Contains("<forwardTo>104</forwardTo>", _alice.LastBody, StringComparison.Ordinal);
        Assert.Single(_alice.Notified);
    }

    [Fact]
    public void A_key_with_no_time_at_all_is_followed_and_leaves_no_subscription()
    {
        _isSlow = true;
        Assert.Equal(200, _alice.Asks("102", FeatureKeyPackage.PackageName, DoNotDisturb("true"), 0, null, Both, "Content-Type: " + Type).StatusCode);
        Assert.Empty(_alice.Notified);
        _late!();
        _alice.Passes(TimeSpan.FromSeconds(0.1));
        Assert.Equal("terminated;reason=timeout", _alice.LastState);
        Assert.Contains("<doNotDisturbOn>true</doNotDisturbOn>", _alice.LastBody, StringComparison.Ordinal);
        _alice.Passes(TimeSpan.FromSeconds(110));
        Assert.Equal((0, 0, 0), (_alice.Notifier.Count, _alice.ServerDialogs, _alice.Net.Wheel.Count));
    }

    [Fact]
    public void A_change_inside_the_dialog_must_be_proved_and_a_refresh_need_not()
    {
        var first = Subscribed();
        _proves = false;
        Assert.Equal(401, Asks(DoNotDisturb("true"), first).StatusCode);
        Assert.Empty(_wishes);
        Assert.Equal(200, _alice.Subscribes("102", FeatureKeyPackage.PackageName, within: first).StatusCode);
    }

    [Theory]
    [InlineData("mayor", Type, 403)]
    [InlineData("103", Type, 404)]
    [InlineData("102", "text/plain", 415)]
    public void Who_may_not_keep_it_changes_nothing(string extension, string type, int status)
    {
        var refusal = _alice.Asks(extension, FeatureKeyPackage.PackageName, DoNotDisturb("true"), 600, null, "Content-Type: " + type);
        Assert.Equal(status, refusal.StatusCode);
        if (status == 415) Assert.Equal(Type, refusal.Text(SipHeaderName.Accept));
        Assert.Equal((0, 0), (_wishes.Count, _alice.Notifier.Count));
    }

    [Theory]
    [InlineData("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><SetDoNotDisturb xmlns=\"http://www.ecmainternational.org/standards/ecma-323/csta/ed3\"><device/><doNotDisturbOn> TRUE </doNotDisturbOn></SetDoNotDisturb>", "DoNotDisturb { On = True }")]
    [InlineData("<c:SetDoNotDisturb xmlns:c=\"x\"><c:doNotDisturbOn>0</c:doNotDisturbOn></c:SetDoNotDisturb>\r\n", "DoNotDisturb { On = False }")]
    [InlineData("\r\n<SetForwarding><device>1&amp;2</device><forwardDN>sip:0639 980001@h;x=1</forwardDN><forwardingType>forwardNoAns</forwardingType><activateForward>true</activateForward><ringCount>3</ringCount></SetForwarding>", "Forward { Kind = NoAnswer, On = True, To = 0639980001, RingCount = 3 }")]
    [InlineData("<SetForwarding><forwardingType>forwardBusy</forwardingType><activateForward>false</activateForward><!-- x --><forwardDN/><ringCount></ringCount></SetForwarding>", "Forward { Kind = Busy, On = False, To = , RingCount =  }")]
    public void What_telephones_write_is_read(string body, string wish)
    {
        Assert.True(FeatureKeyXml.TryRead(Encoding.UTF8.GetBytes(body), out var read));
        Assert.Equal(wish, read.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("do not disturb")]
    [InlineData("<SetDoNotDisturb/>")]
    [InlineData("<SetDoNotDisturb></SetDoNotDisturb>")]
    [InlineData("<SetDoNotDisturb><doNotDisturbOn>true</doNotDisturbOn>")]
    [InlineData("<SetDoNotDisturb><doNotDisturbOn>maybe</doNotDisturbOn></SetDoNotDisturb>")]
    [InlineData("<SetDoNotDisturb><doNotDisturbOn>true</doNotDisturbOn><doNotDisturbOn>false</doNotDisturbOn></SetDoNotDisturb>")]
    [InlineData("<SetDoNotDisturb><doNotDisturbOn><b>true</b></doNotDisturbOn></SetDoNotDisturb>")]
    [InlineData("<SetDoNotDisturb><doNotDisturbOn>true</doNotDisturbOn></SetDoNotDisturb><SetDoNotDisturb/>")]
    [InlineData("<SetForwarding><forwardingType>forwardSometimes</forwardingType><activateForward>true</activateForward></SetForwarding>")]
    [InlineData("<SetForwarding><forwardingType>forwardBusy</forwardingType></SetForwarding>")]
    [InlineData("<SetForwarding><forwardingType>forwardNoAns</forwardingType><activateForward>true</activateForward><ringCount>-1</ringCount></SetForwarding>")]
    [InlineData("<SetForwarding><forwardingType>forwardBusy</forwardingType><activateForward>true</activateForward><forwardDN>é\u0085</forwardDN></SetForwarding>")]
    [InlineData("<SetAgentState><doNotDisturbOn>true</doNotDisturbOn></SetAgentState>")]
    [InlineData("<!DOCTYPE a [<!ENTITY e \"true\">]><SetDoNotDisturb><doNotDisturbOn>&e;</doNotDisturbOn></SetDoNotDisturb>")]
    [InlineData("<!DOCTYPE a SYSTEM \"http://127.0.0.1/\"><SetDoNotDisturb><doNotDisturbOn>true</doNotDisturbOn></SetDoNotDisturb>")]
    [InlineData("<SetDoNotDisturb><doNotDisturbOn>&true;</doNotDisturbOn></SetDoNotDisturb>")]
    public void Garbage_is_no_wish(string body)
    {
        Assert.False(FeatureKeyXml.TryRead(Encoding.UTF8.GetBytes(body), out _));
        if (body.Length > 0) Assert.Equal(400, _alice.Asks("102", FeatureKeyPackage.PackageName, body, 600, null, "Content-Type: " + Type).StatusCode);
        Assert.Empty(_wishes);
    }

    [Fact]
    public void A_body_that_is_too_long_or_too_deep_is_no_wish_and_no_bytes_break_the_reader()
    {
        Assert.False(FeatureKeyXml.TryRead(Encoding.UTF8.GetBytes(DoNotDisturb("true") + new string(' ', 4096)), out _));
        Assert.False(FeatureKeyXml.TryRead(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<a>", 1300))), out _));
        Assert.False(FeatureKeyXml.TryRead([0xFF, 0xFE, 0x3C, 0x00, 0x61, 0x00], out _));
        var valid = Encoding.UTF8.GetBytes(Forwarding("true", "forwardNoAns", "1002"));
        var random = new Random(15);
        for (var n = 0; n < 5000; n++)
        {
            var bytes = valid.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            FeatureKeyXml.TryRead(bytes.AsSpan(0, random.Next(bytes.Length + 1)), out _);
        }
    }

    [Fact]
    public void What_is_written_holds_no_markup_of_others()
    {
        var body = FeatureKeyXml.Forwarding(_state with { Device = "<&\u0001>" }, new FeatureForward(FeatureForwardKind.Busy, "\"</forwardTo>"));
        var root = XDocument.Parse(body).Root!;
        Assert.Equal(("<&?>", "\"</forwardTo>"), ((string)root.Element(Csta + "device")!, (string)root.Element(Csta + "forwardTo")!));
    }

    private SipMessage Subscribed()
    {
        var first = _alice.Subscribes("102", FeatureKeyPackage.PackageName, 600, null, Both);
        Assert.Equal(200, first.StatusCode);
        _alice.Passes(TimeSpan.FromSeconds(2));
        _alice.Notified.Clear();
        return first;
    }

    private SipMessage Asks(string body, SipMessage within) => _alice.Asks("102", FeatureKeyPackage.PackageName, body, 600, within, "Content-Type: " + Type);

    private void Change(SubscriptionView view, FeatureKeyWish wish, Action done)
    {
        _wishes.Add(wish);
        if (_isSlow) _late = Do;
        else Do();

        void Do()
        {
            if (_follows && wish is FeatureKeyWish.DoNotDisturb { On: var on }) _state = _state with { DoNotDisturb = on };
            done();
        }
    }

    private static string DoNotDisturb(string on) => $"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\r\n<SetDoNotDisturb xmlns=\"{Csta}\">\r\n <device>102</device>\r\n <doNotDisturbOn>{on}</doNotDisturbOn>\r\n</SetDoNotDisturb>\r\n";

    private static string Forwarding(string on, string type, string to) =>
        $"<SetForwarding xmlns=\"{Csta}\"><device>102</device><activateForward>{on}</activateForward><forwardingType>{type}</forwardingType><forwardDN>{to}</forwardDN></SetForwarding>";

    private static string Told(SipMessage notify) => Told(Encoding.UTF8.GetString(notify.Body));

    // "dnd true", or "type status to rings"
    private static string Told(string body)
    {
        var root = XDocument.Parse(body).Root!;
        Assert.Equal("102", (string)root.Element(Csta + "device")!);
        return root.Name == Csta + "DoNotDisturbEvent"
            ? $"dnd {(string)root.Element(Csta + "doNotDisturbOn")!}"
            : string.Join(' ', new[] { "forwardingType", "forwardStatus", "forwardTo", "ringCount" }.Select(name => (string?)root.Element(Csta + name)).Where(value => value is not null));
    }
}
