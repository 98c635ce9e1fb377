// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Storage;
using Beffroi.Sip.EventPackages;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>The do-not-disturb and forwarding keys of desk phones on the wire: what they set counts for calls, and what is set elsewhere shows on them.</summary>
public sealed class FeatureKeysTests(OpenTown open) : IClassFixture<OpenTown>
{
    private const string Package = FeatureKeyPackage.PackageName;

    private CallingTown Town => open.Town;

    [Fact]
    public async Task A_key_sets_do_not_disturb_for_calls_for_the_screen_and_for_the_other_telephone_and_a_code_dialled_there_puts_it_out()
    {
        var (caller, desk) = (await open.PhoneAsync("501"), await open.PhoneAsync("502"));
        var other = await Town.BesideAsync("502");
        using var key = new Lamp(Town, desk);
        using var beside = new Lamp(Town, other);
        await key.SubscribesAsync("502", Package);
        await key.NotifiedAsync("<forwardingType>forwardNoAns</forwardingType><forwardStatus>false");
        await beside.SubscribesAsync(other.Number, Package);
        await beside.NotifiedAsync("<doNotDisturbOn>false");

        Assert.Equal(200, await key.PressesAsync(Package, DoNotDisturb(true)));
        await key.NotifiedAsync("<doNotDisturbOn>true");
        await beside.NotifiedAsync("<doNotDisturbOn>true");
        Assert.True((await RulesAsync("502")).GetProperty("doNotDisturb").GetBoolean());
        Assert.Equal("telephone 502", Assert.Single(await AuditAsync("502")));
        caller.Dials("502", Town.Sip);
        await caller.SeesAsync("rejected 480");
        Assert.DoesNotContain(desk.Seen, happened => happened.StartsWith("invite", StringComparison.Ordinal));

        other.Dials("*79", Town.Sip);
        await other.SeesAsync("accepted");
        await key.NotifiedAsync("<doNotDisturbOn>false");
        await beside.NotifiedAsync("<doNotDisturbOn>false");
        caller.Dials("502", Town.Sip);
        await desk.SeesAsync("invite 501");
        caller.HangsUp();
        await open.FreeAsync("501", "502");
    }

    [Fact]
    public async Task What_is_set_on_the_screen_shows_on_the_telephone()
    {
        using var key = new Lamp(Town, await Town.PhoneAsync("512"));
        await key.SubscribesAsync("512", Package);
        await key.NotifiedAsync("forwardNoAns");
        await open.Admin.PutAsync(Rules("512"), new { doNotDisturb = true, immediate = "0639980001", busy = "voicemail", noAnswer = "513", noAnswerAfterS = 17 });
        await key.NotifiedAsync("<doNotDisturbOn>true");
        await key.NotifiedAsync("<forwardingType>forwardImmediate</forwardingType><forwardStatus>true</forwardStatus><forwardTo>+33639980001</forwardTo>");
        await key.NotifiedAsync("<forwardingType>forwardBusy</forwardingType><forwardStatus>true</forwardStatus><forwardTo>voicemail</forwardTo>");
        await key.NotifiedAsync("<forwardingType>forwardNoAns</forwardingType><forwardStatus>true</forwardStatus><forwardTo>513</forwardTo><ringCount>3</ringCount>");

        // What it was told it may say again as it stands, and nothing changes: neither the seconds nor the audit.
        var before = await RulesAsync("512");
        foreach (var (kind, to) in new[] { ("forwardImmediate", "+33639980001"), ("forwardBusy", "voicemail"), ("forwardNoAns", "513") })
        {
            Assert.Equal(200, await key.PressesAsync(Package, Forwarding(kind, true, to, 3)));
            await key.NotifiedAsync($"<forwardTo>{to}</forwardTo>");
        }

        Assert.Equal(before.GetRawText(), (await RulesAsync("512")).GetRawText());
        Assert.Single(await AuditAsync("512"));
    }

    [Fact]
    public async Task A_key_forwards_with_the_rights_of_its_extension_and_goes_out_where_it_may_not()
    {
        var (caller, colleague) = (await open.PhoneAsync("521"), await open.PhoneAsync("523"));
        using var key = new Lamp(Town, await Town.PhoneAsync("522"));
        Assert.Equal(200, await key.SubscribesAsync("522", Package, body: Forwarding("forwardNoAns", true, "523", 2)));
        await key.NotifiedAsync("<forwardTo>523</forwardTo><ringCount>2</ringCount>");
        Assert.Equal("00:00:10", (await RulesAsync("522")).Text("noAnswerAfter"));
        await key.PressesAsync(Package, Forwarding("forwardImmediate", true, "0899123456"));
        await key.NotifiedAsync("<forwardingType>forwardImmediate</forwardingType><forwardStatus>false");
        await key.PressesAsync(Package, Forwarding("forwardImmediate", true, ""));
        await key.NotifiedAsync("<forwardingType>forwardImmediate</forwardingType><forwardStatus>false");
        Assert.False((await RulesAsync("522")).TryGetProperty("immediate", out _));

        await key.PressesAsync(Package, Forwarding("forwardImmediate", true, "sip:523@127.0.0.1"));
        await key.NotifiedAsync("<forwardTo>523</forwardTo>");
        caller.Dials("522", Town.Sip);
        await colleague.SeesAsync("invite 521");
        caller.HangsUp();
        await open.FreeAsync("521", "523");
        await key.PressesAsync(Package, Forwarding("forwardImmediate", false, "523"));
        await key.NotifiedAsync("<forwardingType>forwardImmediate</forwardingType><forwardStatus>false");
        await key.PressesAsync(Package, Forwarding("forwardNoAns", false, ""));
        await key.NotifiedAsync("<forwardingType>forwardNoAns</forwardingType><forwardStatus>false</forwardStatus><ringCount>2");
    }

    [Fact]
    public async Task A_telephone_neither_sees_nor_changes_the_keys_of_another_extension()
    {
        var (thief, owner) = (await Town.PhoneAsync("531"), await Town.PhoneAsync("532"));
        using var outside = new Lamp(Town, thief);
        Assert.Equal(403, await outside.SubscribesAsync("532", Package, expected: 0));
        Assert.Equal(403, await outside.SubscribesAsync("532", Package, expected: 0, DoNotDisturb(true)));
        using var inside = new Lamp(Town, owner);
        await inside.SubscribesAsync("532", Package);
        await inside.NotifiedAsync("forwardNoAns");
        Assert.Equal(403, await inside.PressesAsync(Package, DoNotDisturb(true), by: thief));
        Assert.Equal(400, await inside.PressesAsync(Package, "<!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]><SetDoNotDisturb><doNotDisturbOn>&y;</doNotDisturbOn></SetDoNotDisturb>"));
        Assert.False((await RulesAsync("532")).GetProperty("doNotDisturb").GetBoolean());
        Assert.Empty(await AuditAsync("532"));
    }

    private string Rules(string number) => $"/api/v1/forwardings/{open.Extension(number).Id}";

    private Task<JsonElement> RulesAsync(string number) => open.Admin.GetAsync(Rules(number));

    private async Task<string[]> AuditAsync(string number)
    {
        await using var db = await Town.Server.Service<Store>().ReadAsync(default);
        return [.. db.Set<AuditEntry>().Where(a => a.SubjectName == number && a.Action.StartsWith("forwarding.")).Select(a => a.AccountName)];
    }

    private static string DoNotDisturb(bool on) =>
        $"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><SetDoNotDisturb xmlns=\"http://www.ecma-international.org/standards/ecma-323/csta/ed3\"><device>1</device><doNotDisturbOn>{(on ? "true" : "false")}</doNotDisturbOn></SetDoNotDisturb>";

    private static string Forwarding(string kind, bool on, string to, int? rings = null) =>
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><SetForwarding xmlns=\"http://www.ecma-international.org/standards/ecma-323/csta/ed3\"><device>1</device>" +
        $"<activateForward>{(on ? "true" : "false")}</activateForward><forwardingType>{kind}</forwardingType><forwardDN>{to}</forwardDN><ringCount>{rings}</ringCount></SetForwarding>";
}
