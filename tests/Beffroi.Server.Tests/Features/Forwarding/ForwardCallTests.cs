// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Tests.Features.CallControl;
using Xunit;

namespace Beffroi.Server.Tests.Features.Forwarding;

/// <summary>Forwardings, direct numbers and a person's several telephones on the wire.</summary>
public sealed class ForwardCallTests(OpenTown open) : IClassFixture<OpenTown>
{
    private CallingTown Town => open.Town;

    private Task ForwardAsync(string number, object rules) => open.Admin.PutAsync($"/api/v1/forwardings/{open.Extension(number).Id}", rules);

    [Fact]
    public async Task An_unplugged_telephone_forwards_to_a_colleague_and_says_so()
    {
        var (caller, colleague) = (await open.PhoneAsync("301"), await open.PhoneAsync("303"));
        await Town.PhoneAsync("302");                                       // never connected
        await ForwardAsync("302", new { unreachable = "303" });
        caller.Dials("302", Town.Sip);
        Assert.Contains("<sip:302@127.0.0.1>;reason=unavailable", await colleague.SeesAsync("invite 301"), StringComparison.Ordinal);
        colleague.Answers();
        await caller.SeesAsync("accepted");
        await caller.SpeaksToAsync(colleague);
        caller.HangsUp();
        await colleague.SeesAsync("ended Bye");
    }

    [Theory]
    [InlineData("312", false)]
    [InlineData("322", true)]
    public async Task A_telephone_that_is_unplugged_or_was_unregistered_forwards_to_the_voicemail(string number, bool wasThere)
    {
        var caller = await open.PhoneAsync(number[..2] + "1");
        var phone = await Town.PhoneAsync(number);
        if (wasThere)
        {
            await phone.RegistersAsync(Town.Sip);
            await phone.RegistersAsync(Town.Sip, 0);
        }

        await open.BoxAsync(number);
        await ForwardAsync(number, new { unreachable = "voicemail" });
        await LeavesMessageAsync(caller, number, number);
    }

    [Fact]
    public async Task A_forwarding_of_all_calls_to_voicemail_by_its_word_rings_no_telephone()
    {
        var (caller, owner) = (await open.PhoneAsync("331"), await open.PhoneAsync("332"));
        await open.BoxAsync("332");
        await ForwardAsync("332", new { immediate = "voicemail" });
        await LeavesMessageAsync(caller, "332", "332");
        Assert.DoesNotContain(owner.Seen, happened => happened.StartsWith("invite", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_direct_number_may_lead_to_a_voicemail_or_to_an_announcement()
    {
        await Town.PhoneAsync("342");
        await open.BoxAsync("342");
        await open.DirectNumberAsync("0199003001", new { kind = "voicemail", target = "342" });
        await open.DirectNumberAsync("0199003002", new { kind = "announcement", target = "welcome-closed" });
        await LeavesMessageAsync(open.Resident, "+33199003001", "342");
        open.Resident.Dials("+33199003002", Town.Sip);
        await open.Resident.SeesAsync("accepted");
        open.Resident.Drain();
        await open.Resident.HearsSomethingAsync();
        open.Resident.HangsUp();
        await open.FreeAsync(open.Resident.Number);
    }

    [Fact]
    public async Task All_telephones_of_an_extension_ring_and_those_that_were_slower_learn_that_the_call_was_taken()
    {
        var (caller, desk) = (await open.PhoneAsync("351"), await open.PhoneAsync("352"));
        var soft = await Town.BesideAsync("352");
        caller.Dials("352", Town.Sip);
        await desk.SeesAsync("invite 351");
        await soft.SeesAsync("invite 351");
        desk.Rings();
        soft.Rings();
        await caller.SeesAsync("progress 180");
        soft.AnswersRinging();
        await caller.SeesAsync("accepted");
        Assert.Contains("SIP;cause=200;text=\"Call completed elsewhere\"", await desk.SeesAsync("cancelled"), StringComparison.Ordinal);
        await caller.SpeaksToAsync(soft);
        caller.HangsUp();
        await soft.SeesAsync("ended Bye");
    }

    /// <summary>The caller hears a greeting, speaks after the beep and hangs up; the box has the message then.</summary>
    private async Task LeavesMessageAsync(Beffroi.TestKit.Phone caller, string dialled, string box)
    {
        caller.Dials(dialled, Town.Sip);
        await caller.SeesAsync("accepted");
        caller.Drain();
        await caller.HearsSomethingAsync();
        await open.RecordsAsync(caller, TimeSpan.FromSeconds(1.5));
        caller.HangsUp();
        await open.FreeAsync(caller.Number);
        await OpenTown.UntilAsync(async () => await open.NewMessagesAsync(box) == 1);
        await OpenTown.UntilAsync(async () => (await open.StepsAsync(dialled)).Contains("\"deposited\"", StringComparison.Ordinal));
    }
}
