// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Tests.Features.CallControl;
using Beffroi.Sip.Messages;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.HuntGroups;

/// <summary>Hunt groups on the wire.</summary>
public sealed class GroupCallTests(OpenTown open) : IClassFixture<OpenTown>
{
    private CallingTown Town => open.Town;

    [Fact]
    public async Task A_302_of_one_member_is_that_members_no_and_the_others_go_on_ringing()
    {
        var (caller, anne, bruno, elsewhere) = (await open.PhoneAsync("150"), await open.PhoneAsync("151"), await open.PhoneAsync("152"), await open.PhoneAsync("153"));
        await open.GroupAsync("611", "ringAll", new { kind = "announcement", target = "no-answer" }, "151", "152");
        caller.Dials("611", Town.Sip);
        await anne.SeesAsync("invite 150");
        await bruno.SeesAsync("invite 150");
        bruno.Rings();
        anne.Refuses(302, new SipHeader(SipHeaderName.Contact, "<sip:153@127.0.0.1>"));
        await open.LegsAsync(legs => legs.Contains("152") && !legs.Contains("151"));
        bruno.AnswersRinging();
        await caller.SeesAsync("accepted");
        await caller.SpeaksToAsync(bruno);
        caller.HangsUp();
        await bruno.SeesAsync("ended Bye");
        Assert.DoesNotContain(elsewhere.Seen, happened => happened.StartsWith("invite", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_caller_rings_too_while_the_whole_group_rings_for_the_first()
    {
        var (first, second, anne) = (await open.PhoneAsync("160"), await open.PhoneAsync("161"), await open.PhoneAsync("162"));
        await open.GroupAsync("616", "ringAll", new { kind = "announcement", target = "no-answer" }, "162");
        first.Dials("616", Town.Sip);
        await anne.SeesAsync("invite 160");
        anne.Rings();
        await first.SeesAsync("progress 180");
        second.Dials("616", Town.Sip);
        await anne.SeesAsync("invite 161");
        anne.Rings();
        await second.SeesAsync("progress 180");
        anne.AnswersRinging();
        await second.SeesAsync("accepted");
        first.HangsUp();
        second.HangsUp();
        await open.FreeAsync("160", "161", "162");
    }

    [Fact]
    public async Task The_least_recent_member_is_rung_first_call_after_call()
    {
        var (caller, anne, bruno, chloe) = (await open.PhoneAsync("120"), await open.PhoneAsync("121"), await open.PhoneAsync("122"), await open.PhoneAsync("123"));
        await open.GroupAsync("612", "leastRecent", null, "121", "122", "123");
        await CallAsync(caller, anne);
        await CallAsync(caller, chloe, declines: bruno);
        await CallAsync(caller, bruno);                             // she alone has never answered, though another was rung last
        await CallAsync(caller, anne);
    }

    /// <summary>The group's call is answered by whoever is rung first, or second after one who declines.</summary>
    private async Task CallAsync(Phone caller, Phone answers, Phone? declines = null)
    {
        caller.Dials("612", Town.Sip);
        if (declines is not null)
        {
            await declines.SeesAsync("invite 120");
            declines.Refuses(486);
        }

        await answers.SeesAsync("invite 120");
        answers.Answers();
        await caller.SeesAsync("accepted");
        caller.HangsUp();
        await answers.SeesAsync("ended Bye");
        await open.FreeAsync("120", answers.Number);
    }

    [Fact]
    public async Task Members_leave_and_join_by_code_and_by_the_api()
    {
        var (caller, anne, bruno) = (await open.PhoneAsync("130"), await open.PhoneAsync("131"), await open.PhoneAsync("132"));
        var group = await open.GroupAsync("613", "ringAll", null, "131", "132");
        var membership = $"/api/v1/hunt-groups/{group}/members/{open.Extension("131").Id}";
        await RingsAsync(caller, "131", "132");
        await DialsAsync(anne, "*51613");
        await RingsAsync(caller, "132");
        await DialsAsync(anne, "*50613");
        await RingsAsync(caller, "131", "132");
        await open.Admin.PutAsync(membership, new { loggedIn = false });
        await RingsAsync(caller, "132");
        await DialsAsync(anne, "*50");
        await RingsAsync(caller, "131", "132");
        await DialsAsync(bruno, "*51");
        await RingsAsync(caller, "131");
        Assert.Contains("logged-in", await open.StepsAsync("*50613"), StringComparison.Ordinal);
    }

    /// <summary>The code is served: the telephone is told so and the call ends.</summary>
    private async Task DialsAsync(Phone phone, string code)
    {
        phone.Dials(code, Town.Sip);
        await phone.SeesAsync("accepted");
        phone.HangsUp();
        await open.FreeAsync(phone.Number);
    }

    /// <summary>Exactly these members are rung.</summary>
    private async Task RingsAsync(Phone caller, params string[] members)
    {
        caller.Dials("613", Town.Sip);
        await open.LegsAsync(legs => legs.Contains("130") && legs.Where(l => l is "131" or "132").Order().SequenceEqual(members));
        caller.HangsUp();
        await open.FreeAsync("130", "131", "132");
    }

    [Fact]
    public async Task A_group_where_nobody_is_overflows_to_its_voicemail_or_to_an_announcement()
    {
        var caller = await open.PhoneAsync("140");
        await Town.PhoneAsync("141");
        await open.GroupAsync("614", "ringAll", new { kind = "voicemail", target = "614" }, "141");
        await open.BoxAsync("614");
        caller.Dials("614", Town.Sip);
        await caller.SeesAsync("accepted");
        await caller.HearsSomethingAsync();
        caller.HangsUp();
        await open.FreeAsync("140");
        Assert.Contains("overflowed", await open.StepsAsync("614"), StringComparison.Ordinal);

        await open.GroupAsync("615", "serial", new { kind = "announcement", target = "no-answer" }, "141");
        caller.Dials("615", Town.Sip);
        await caller.SeesAsync("accepted");
        caller.Drain();
        await caller.HearsSomethingAsync();
        await caller.SeesAsync("ended Bye");
    }
}
