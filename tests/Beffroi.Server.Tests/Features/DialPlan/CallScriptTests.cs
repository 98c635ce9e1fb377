// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.DialPlan.Applications;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DialPlan.Routing;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.DirectNumbers.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Features.Forwarding.Contract;
using Beffroi.Server.Features.HuntGroups;
using Beffroi.Server.Features.Voicemail;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Features.WelcomeMessage.Contract;
using Beffroi.Server.Platform.Journal;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Beffroi.Server.Tests.Features.DialPlan;

/// <summary>What callers live through, told by the scripts that the router hands out.</summary>
public sealed class CallScriptTests : IAsyncLifetime
{
    private readonly FakeLines _lines = new();
    private TownHall _hall = null!;
    private CallPlanner _planner = null!;

    public async Task InitializeAsync()
    {
        _hall = await TownHall.OpenAsync();
        var s = _hall.Server;
        var desk = new HuntDesk(s.Service<IDirectory>(), s.Service<IForwardings>(), _lines, s.Service<ILiveCalls>(), s.Service<IJournal>());
        _planner = new CallPlanner(s.Service<DialPlanEngine>(), s.Service<IDirectory>(), s.Service<IDirectNumbers>(), s.Service<IEmergency>(), _lines, _lines, s.Service<PromptLibrary>(),
            s.Service<IWelcomeScripts>(), desk, s.Service<IVoicemailScripts>(), s.Service<PinCalls>(), s.App.Services.GetServices<IFeatureCodeService>());
        await _hall.HasDirectNumberAsync("0199001000", "600", "organisation");
        await _hall.HasDirectNumberAsync("0199001001", "1001");
    }

    public async Task DisposeAsync() => await _hall.DisposeAsync();

    private CallParty Party(string number) => new(PartyKind.Internal, number, "") { Person = Guid.Parse(_hall.Persons[number]) };

    private ScriptedCall From(CallParty caller, string dialled)
    {
        var request = new CallRequest { Caller = caller, Dialled = dialled, At = _hall.Clock.GetUtcNow(), FromTrunk = caller.Kind == PartyKind.External };
        return new ScriptedCall(_hall.Clock, caller, _planner.Route(request));
    }

    private ScriptedCall Citizen(string dialled) => From(new CallParty(PartyKind.External, "+33639980000", ""), dialled);

    private Task<System.Text.Json.JsonElement> GroupAsync(string strategy, object? overflow = null, int timeout = 20) => _hall.Admin.PostAsync("/api/v1/hunt-groups", new
    {
        organisationId = _hall.Town,
        number = "600",
        name = "Accueil",
        strategy,
        memberRingS = 10,
        timeoutS = timeout,
        members = new[] { new { extension = _hall.Extensions["1001"] }, new { extension = _hall.Extensions["1002"] } },
        overflow,
    });

    [Fact]
    public async Task A_colleague_answers()
    {
        var call = await From(Party("1001"), "1002").Rings(RingResult.Answered, 200).LiveAsync();
        Assert.Equal(["rings 1002 for 20 s"], call.Story);
        Assert.Equal(("Anne Petit", "1001"), (_lines.Shown.Name, _lines.Shown.Number.Reveal()));
    }

    [Fact]
    public async Task Nobody_answers_and_the_forwarding_rings_a_colleague()
    {
        await _hall.Admin.PutAsync($"/api/v1/forwardings/{_hall.Extensions["1002"]}", new { noAnswer = "1003", noAnswerAfterS = 12 });
        var call = await From(Party("1001"), "1002").Rings(RingResult.NoAnswer).Rings(RingResult.Busy, 486).LiveAsync();
        Assert.Equal(["rings 1002 for 12 s", "diverted by 1002 (NoAnswer)", "rings 1003 for 20 s", "ends 486 calls.busy"], call.Story);
    }

    [Fact]
    public async Task A_set_that_is_not_connected_is_unreachable_at_once()
    {
        _lines.Away.Add("1002");
        Assert.Equal(["ends 480 calls.unreachable"], (await From(Party("1001"), "1002").LiveAsync()).Story);
    }

    [Fact]
    public async Task A_device_may_send_the_call_elsewhere_or_decline_it()
    {
        Assert.Equal(["rings 1002 for 20 s", "is routed to 1003 after 1002"], (await From(Party("1001"), "1002").Deflects("1003").LiveAsync()).Story);
        Assert.Equal("ends 486 calls.busy", (await From(Party("1001"), "1002").Rings(RingResult.Declined, 603).LiveAsync()).Story[^1]);
    }

    [Theory]
    [InlineData("0639980000")]
    [InlineData("33639980000")]
    [InlineData("+33639980000")]
    public void A_stranger_is_known_by_one_number_however_the_operator_writes_it(string presented)
    {
        var plan = _planner.Route(new CallRequest { Caller = new CallParty(PartyKind.External, presented, ""), Dialled = "33199001001", At = _hall.Clock.GetUtcNow(), FromTrunk = true });
        Assert.Equal("+33639980000", Assert.IsType<CallPlan.Run>(plan).Caller?.Number);
    }

    [Fact]
    public async Task The_second_trunk_is_tried_when_the_first_fails_and_every_channel_comes_back()
    {
        var call = await From(Party("1001"), "00639980001").Rings(RingResult.Unreachable, 503).Rings(RingResult.Busy, 486).LiveAsync();
        Assert.Equal(["rings trunk-1:+33639980001 for 180 s", "rings trunk-2:+33639980001 for 180 s", "ends 486 calls.busy"], call.Story);
        Assert.Equal(0, _lines.Channels);
        Assert.Equal("+33199001001", _lines.Outside!.As.Shown.Number.Reveal());
    }

    [Fact]
    public async Task A_busy_number_is_not_tried_again_on_another_trunk() =>
        Assert.Single((await From(Party("1001"), "00639980001").Rings(RingResult.Busy, 486).LiveAsync()).Story, s => s.StartsWith("rings", StringComparison.Ordinal));

    [Fact]
    public async Task An_emergency_call_takes_the_emergency_way()
    {
        var plan = Assert.IsType<CallPlan.Run>(_planner.Route(new CallRequest { Caller = Party("1003"), Dialled = "18", At = _hall.Clock.GetUtcNow() }));
        Assert.True(plan.Emergency);
        await From(Party("1003"), "18").Rings(RingResult.Answered, 200).LiveAsync();
        Assert.True(_lines.Outside!.Emergency);
        Assert.Equal("18", _lines.Outside.Number.Reveal());
    }

    [Theory]
    [InlineData(RingResult.Unreachable, 404)]
    [InlineData(RingResult.Unreachable, 484)]
    [InlineData(RingResult.Declined, 603)]
    [InlineData(RingResult.NoAnswer, 480)]
    public async Task An_emergency_call_goes_on_to_the_second_operator_whatever_the_first_one_says(RingResult said, int status)
    {
        var call = await From(Party("1003"), "18").Rings(said, status).Rings(RingResult.Answered, 200).LiveAsync();
        Assert.Equal(["rings trunk-1:18 for 180 s", "rings trunk-2:18 for 180 s"], call.Story);
    }

    [Fact]
    public async Task A_centre_that_is_busy_is_told_as_busy() =>
        Assert.Equal(["rings trunk-1:18 for 180 s", "ends 486 calls.busy"], (await From(Party("1003"), "18").Rings(RingResult.Busy, 600).LiveAsync()).Story);

    [Fact]
    public async Task Another_call_goes_on_from_an_operator_that_forbids_it_and_not_from_a_number_nobody_has()
    {
        Assert.Equal(2, (await From(Party("1001"), "00639980001").Rings(RingResult.Declined, 403).Rings(RingResult.Answered, 200).LiveAsync()).Story.Count);
        Assert.Equal(["rings trunk-1:+33639980001 for 180 s", "ends 404 calls.outside-refused"], (await From(Party("1001"), "00639980001").Rings(RingResult.Unreachable, 404).LiveAsync()).Story);
    }

    [Fact]
    public async Task A_telephone_that_hides_its_number_hides_it_outside_unless_the_code_says_otherwise_and_never_from_those_who_help()
    {
        await From(Party("1001") with { Withheld = true }, "00639980001").Rings(RingResult.Answered, 200).LiveAsync();
        Assert.Equal((true, "", "+33199001001"), (_lines.Outside!.As.Shown.Withheld, _lines.Outside.As.Shown.Number.Reveal(), _lines.Outside.As.Shown.Asserted.Reveal()));
        await From(Party("1001") with { Withheld = true }, "*31#00639980001").Rings(RingResult.Answered, 200).LiveAsync();
        Assert.False(_lines.Outside.As.Shown.Withheld);
        await From(Party("1001") with { Withheld = true }, "18").Rings(RingResult.Answered, 200).LiveAsync();
        Assert.Equal((false, "+33199001001"), (_lines.Outside.As.Shown.Withheld, _lines.Outside.As.Shown.Number.Reveal()));
        await From(Party("1001") with { Withheld = true }, "1002").Rings(RingResult.Answered, 200).LiveAsync();
        Assert.Equal(("Anne Petit", "1001"), (_lines.Shown.Name, _lines.Shown.Number.Reveal()));
    }

    [Fact]
    public async Task A_group_rings_one_after_the_other_then_overflows()
    {
        await GroupAsync("serial", new { kind = "number", target = "1003" });
        var call = await Citizen("0199001000").Rings(RingResult.NoAnswer).Rings(RingResult.NoAnswer).Rings(RingResult.Answered, 200).LiveAsync();
        Assert.Equal(["rings 1001 for 10 s", "rings 1002 for 10 s", "diverted by 600 (NoAnswer)", "rings 1003 for 20 s"], call.Story);
        Assert.Equal("+33639980000", _lines.Shown.Number.Reveal());
    }

    [Fact]
    public async Task A_group_skips_who_is_not_disturbed_and_in_turn_begins_with_the_next()
    {
        await GroupAsync("circular");
        await Citizen("0199001000").Rings(RingResult.Answered, 200).LiveAsync();
        Assert.Equal("rings 1002 for 10 s", (await Citizen("0199001000").Rings(RingResult.Answered, 200).LiveAsync()).Story[0]);
        await _hall.Admin.PutAsync($"/api/v1/forwardings/{_hall.Extensions["1001"]}", new { doNotDisturb = true });
        Assert.Equal("rings 1002 for 10 s", (await Citizen("0199001000").Rings(RingResult.Answered, 200).LiveAsync()).Story[0]);
        await _hall.Admin.PutAsync($"/api/v1/forwardings/{_hall.Extensions["1002"]}", new { doNotDisturb = true });
        Assert.Equal(["ends 480 hunt-groups.no-answer"], (await Citizen("0199001000").LiveAsync()).Story);
    }

    [Theory]
    [InlineData("beforeRinging", false, "hears welcome-open|rings 1001+1002 for 20 s")]
    [InlineData("beforeRinging", true, "answered|hears welcome-open|rings 1001+1002 for 20 s")]
    [InlineData("whileRinging", false, "hears welcome-open again and again|rings 1001+1002 for 20 s with a message")]
    public async Task The_welcome_is_heard_before_or_while_the_phones_ring(string moment, bool answerFirst, string story)
    {
        await GroupAsync("ringAll");
        await _hall.Admin.PostAsync("/api/v1/welcome-messages", new { organisationId = _hall.Town, number = "0199001000", name = "Accueil", moment, answerFirst, openPrompt = "welcome-open" });
        var call = await Citizen("0199001000").Rings(RingResult.Answered, 200).LiveAsync();
        Assert.Equal(story, string.Join('|', call.Story));
        Assert.Equal(["welcome-message open welcome-open"], call.Deeds);
    }

    [Fact]
    public async Task The_welcome_goes_on_over_the_turns_of_a_group_in_the_language_of_the_call()
    {
        await GroupAsync("serial", new { kind = "announcement", target = "no-answer" });
        await _hall.Admin.PostAsync("/api/v1/welcome-messages", new { organisationId = _hall.Town, number = "0199001000", name = "Accueil", moment = "whileRinging", openPrompt = "welcome-open" });
        var (french, english) = (Citizen("0199001000"), Citizen("0199001000"));
        english.Language = "en";
        foreach (var call in new[] { french, english }) await call.Rings(RingResult.NoAnswer).Rings(RingResult.NoAnswer).LiveAsync();
        Assert.Equal(["hears welcome-open again and again", "rings 1001 for 10 s with a message", "rings 1002 for 10 s with a message", "hears nothing",
            "diverted by 600 (NoAnswer)", "answered", "hears no-answer", "ends"], english.Story);
        Assert.NotEqual(french.Heard["welcome-open"], english.Heard["welcome-open"]);
    }

    [Fact]
    public async Task A_group_rings_for_all_its_time_whoever_has_no_telephone_or_declines()
    {
        await GroupAsync("serial");
        _lines.Away.Add("1002");
        var alone = await Citizen("0199001000").Rings(RingResult.NoAnswer).Rings(RingResult.NoAnswer).Rings(RingResult.NoAnswer).LiveAsync();
        Assert.Equal(["rings 1001 for 10 s", "rings 1001 for 10 s", "ends 480 hunt-groups.no-answer"], alone.Story);
        _lines.Away.Clear();
        var declined = await Citizen("0199001000").Rings(RingResult.Declined, 603).Rings(RingResult.NoAnswer).Rings(RingResult.NoAnswer).Rings(RingResult.NoAnswer).LiveAsync();
        Assert.Equal(["rings 1001 for 10 s", "rings 1002 for 10 s", "rings 1002 for 10 s", "ends 480 hunt-groups.no-answer"], declined.Story);
        var all = await Citizen("0199001000").Rings(RingResult.Declined, 603).Rings(RingResult.Busy, 486).LiveAsync();
        Assert.Equal(["rings 1001 for 10 s", "rings 1002 for 10 s", "ends 480 hunt-groups.no-answer"], all.Story);
    }

    [Fact]
    public async Task The_last_turn_of_a_group_ends_with_its_time_and_who_plugs_in_meanwhile_is_rung()
    {
        await GroupAsync("serial", timeout: 25);
        _lines.Away.Add("1002");
        var call = Citizen("0199001000").Rings(RingResult.NoAnswer).Rings(RingResult.NoAnswer).Rings(RingResult.NoAnswer);
        call.Ringing = () => _lines.Away.Clear();
        Assert.Equal(["rings 1001 for 10 s", "rings 1002 for 10 s", "rings 1001 for 5 s", "ends 480 hunt-groups.no-answer"], (await call.LiveAsync()).Story);
    }

    [Fact]
    public async Task A_welcome_whose_recording_is_gone_is_a_beep_the_phones_ring_all_the_same_and_health_names_it()
    {
        await GroupAsync("ringAll");
        await _hall.Admin.PostAsync("/api/v1/welcome-messages", new { organisationId = _hall.Town, number = "0199001000", name = "Accueil", moment = "beforeRinging", openPrompt = "accueil-mairie" });
        var recording = Path.Combine(_hall.Server.Folder, "prompts", "fr", "accueil-mairie.wav");
        Media.Codecs.WavFile.Write(recording, new short[8000], 8000);
        Assert.Equal(["hears accueil-mairie", "rings 1001+1002 for 20 s"], (await Citizen("0199001000").Rings(RingResult.Answered, 200).LiveAsync()).Story);
        File.Delete(recording);
        _hall.Server.Service<PromptLibrary>().Reload();
        var story = (await Citizen("0199001000").Rings(RingResult.Answered, 200).LiveAsync()).Story;
        Assert.Equal(2, story.Count);
        Assert.Equal("rings 1001+1002 for 20 s", story[1]);
        Assert.Contains("The prompt accueil-mairie is missing.", (await _hall.Server.Anybody().GetAsync("/health/ready")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_there_has_a_voicemail_and_its_owner_hears_it_with_the_pin()
    {
        var box = (await _hall.Admin.PostAsync("/api/v1/voicemail/boxes", new { organisationId = _hall.Town, number = "1001" })).Id();
        await _hall.Admin.PutAsync($"/api/v1/voicemail/boxes/{box}/pin", new { pin = "4271" }, System.Net.HttpStatusCode.NoContent);
        var left = await Citizen("0199001001").Rings(RingResult.Busy, 486).LiveAsync();
        Assert.Equal(["rings 1001 for 20 s", "diverted by 1001 (UserBusy)", "answered", "hears voicemail-greeting-busy", "hears beep", "speaks 3 s of 180", "hears goodbye", "ends"], left.Story);

        var heard = await From(Party("1001"), "*98").Dials("0000", "4271", "1", "2").LiveAsync();
        Assert.Equal(["answered", "hears voicemail-enter-pin", "hears voicemail-pin-wrong", "hears voicemail-enter-pin", "hears voicemail-you-have",
            "hears from-number", "hears ", "hears voicemail-menu", "hears from-number", "hears ", "hears voicemail-menu", "hears voicemail-message-deleted",
            "hears voicemail-end-of-messages", "hears goodbye", "ends"], heard.Story);
        Assert.Equal(new MessageCount(0, 0), _hall.Server.Service<IMessageCounts>().Of(_hall.Extension("1001")));
    }

    [Fact]
    public async Task Five_wrong_pins_close_the_box_even_to_the_right_one()
    {
        var box = (await _hall.Admin.PostAsync("/api/v1/voicemail/boxes", new { organisationId = _hall.Town, number = "1001" })).Id();
        await _hall.Admin.PutAsync($"/api/v1/voicemail/boxes/{box}/pin", new { pin = "4271" }, System.Net.HttpStatusCode.NoContent);
        await From(Party("1002"), "*98").Dials("1001", "0001", "0002", "0003").LiveAsync();
        var locked = await From(Party("1001"), "888").Dials("0004", "0005", "4271").LiveAsync();
        Assert.Equal(3, locked.Story.Count(s => s == "hears voicemail-pin-wrong"));
        Assert.DoesNotContain("hears voicemail-no-messages", (await From(Party("1001"), "888").Dials("4271", "4271", "4271").LiveAsync()).Story);
        _hall.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Contains("hears voicemail-no-messages", (await From(Party("1001"), "888").Dials("4271").LiveAsync()).Story);
    }

    [Fact]
    public async Task A_groups_box_is_heard_by_its_code_at_a_members_set_although_the_member_has_a_box_too()
    {
        await GroupAsync("ringAll");
        var (own, shared) = ((await BoxAsync("1001")).Id(), (await BoxAsync("600")).Id());
        Assert.Contains("hears voicemail-no-messages", (await From(Party("1001"), "*98600").LiveAsync()).Story);
        Assert.Contains("hears voicemail-no-messages", (await From(Party("1001"), "*981001").LiveAsync()).Story);
        // No PIN was chosen: from a set that is no member's nobody gets in, whatever is typed.
        Assert.Equal(3, (await From(Party("1003"), "*98600").Dials("0000", "1234", "4271").LiveAsync()).Story.Count(s => s == "hears voicemail-pin-wrong"));
        Assert.Equal(3, (await From(Party("1002"), "*981001").Dials("0000", "1234", "4271").LiveAsync()).Story.Count(s => s == "hears voicemail-pin-wrong"));
        await _hall.Admin.PutAsync($"/api/v1/voicemail/boxes/{shared}/pin", new { pin = "4271" }, System.Net.HttpStatusCode.NoContent);
        await _hall.Admin.PutAsync($"/api/v1/voicemail/boxes/{own}/pin", new { pin = "8264" }, System.Net.HttpStatusCode.NoContent);
        Assert.Equal("hears voicemail-enter-pin", (await From(Party("1001"), "*98600").LiveAsync()).Story[1]);
        Assert.Contains("hears voicemail-no-messages", (await From(Party("1003"), "*98600").Dials("4271").LiveAsync()).Story);
        Assert.Contains("hears voicemail-no-messages", (await From(Party("1001"), "*98").Dials("8264").LiveAsync()).Story);
    }

    private Task<System.Text.Json.JsonElement> BoxAsync(string number) => _hall.Admin.PostAsync("/api/v1/voicemail/boxes", new { organisationId = _hall.Town, number });

    [Fact]
    public async Task A_box_takes_so_many_messages_and_no_more()
    {
        await _hall.Admin.PostAsync("/api/v1/voicemail/boxes", new { organisationId = _hall.Town, number = "1001", quotaMessages = 2 });
        for (var i = 0; i < 2; i++) Assert.Contains("speaks 3 s of 180", (await Citizen("0199001001").LiveAsync()).Story);
        var full = await Citizen("0199001001").LiveAsync();
        Assert.Equal(["diverted by 1001 (Unavailable)", "answered", "hears voicemail-full", "ends"], full.Story[^4..]);
        Assert.Equal(["voicemail full 1001"], full.Deeds);
        await From(Party("1001"), "*98").Dials("2").LiveAsync();                                      // one deleted makes room for one
        Assert.Contains("speaks 3 s of 180", (await Citizen("0199001001").LiveAsync()).Story);
    }

    [Fact]
    public async Task A_full_box_and_a_silent_caller_leave_nothing()
    {
        var box = Guid.Parse((await _hall.Admin.PostAsync("/api/v1/voicemail/boxes", new { organisationId = _hall.Town, number = "1001", quotaSeconds = 60, longestS = 50 })).Id());
        var store = _hall.Server.Service<VoicemailStore>();
        var silent = Citizen("0199001001");
        silent.Speaks = TimeSpan.FromSeconds(0.5);
        await silent.LiveAsync();
        Assert.Empty(await store.ListAsync(box, default));
        foreach (var (speaks, most) in new[] { (50, 50), (10, 10) })
        {
            var call = Citizen("0199001001");
            call.Speaks = TimeSpan.FromSeconds(speaks);
            Assert.Contains($"speaks {speaks} s of {most}", (await call.LiveAsync()).Story);
        }

        Assert.Contains("hears voicemail-full", (await Citizen("0199001001").LiveAsync()).Story);
        Assert.Empty(System.IO.Directory.EnumerateFiles(Path.Combine(_hall.Server.Folder, "voicemail", "recording")));
    }

    [Theory]
    [InlineData("*21*1002#", "hears forward-set")]
    [InlineData("*21*00899123456#", "hears not-allowed")]
    [InlineData("*21*019#", "hears number-unknown")]
    [InlineData("#21#", "hears forward-cancelled")]
    [InlineData("*78", "hears do-not-disturb-on")]
    [InlineData("*50", "hears not-allowed")]
    [InlineData("*6970", "hears park-none")]
    [InlineData("*81002", "hears pickup-none")]
    [InlineData("*68", "hears park-none")]
    public async Task A_code_says_what_came_of_it(string dialled, string heard) =>
        Assert.Equal(["answered", heard, "ends"], (await From(Party("1001"), dialled).LiveAsync()).Story);

    [Fact]
    public async Task A_call_transferred_to_the_park_waits_under_the_number_of_who_parked_it()
    {
        var citizen = new CallParty(PartyKind.External, "+33639980000", "");
        var plan = _planner.Route(new CallRequest { Caller = citizen, Dialled = "*68", At = _hall.Clock.GetUtcNow(), OnBehalfOf = Party("1001") });
        Assert.Equal(["parked at 1001", "is routed to 1001 for 1001"], (await new ScriptedCall(_hall.Clock, citizen, plan).LiveAsync()).Story);
    }

    private async Task PinOpensAsync(string number)
    {
        var nothing = await _hall.Admin.PostAsync("/api/v1/dial-plan/calling-classes", new { organisationId = _hall.Town, name = "Interne", allowedByDefault = false, rules = Array.Empty<object>() });
        var everything = await _hall.Admin.PostAsync("/api/v1/dial-plan/calling-classes", new { organisationId = _hall.Town, name = "Tout", allowedByDefault = true, rules = Array.Empty<object>() });
        var line = $"/api/v1/dial-plan/lines/{_hall.Extensions[number]}";
        await _hall.Admin.PutAsync(line, new { callingClass = nothing.Id(), pinClass = everything.Id() });
        await _hall.Admin.PutAsync($"{line}/pin", new { pin = "4271" }, System.Net.HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task The_right_pin_opens_a_number_that_is_barred_otherwise()
    {
        await PinOpensAsync("1002");
        Assert.Equal("dial-plan.barred", Assert.IsType<CallPlan.Refused>(_planner.Route(new CallRequest { Caller = Party("1002"), Dialled = "00639980001", At = _hall.Clock.GetUtcNow() })).Refusal.Code);
        var call = await From(Party("1002"), "*4400639980001").Dials("0001", "4271").Rings(RingResult.Answered, 200).LiveAsync();
        Assert.Equal(["answered", "hears voicemail-enter-pin", "hears voicemail-pin-wrong", "hears voicemail-enter-pin", "rings trunk-1:+33639980001 for 180 s"], call.Story);
        Assert.Equal("+33639980001", call.Called.Number);
        Assert.Equal(["barring wrong-pin 1002", "barring right-pin 1002"], call.Deeds);
    }

    [Fact]
    public async Task Who_called_with_a_pin_is_told_why_the_call_did_not_come_about()
    {
        await PinOpensAsync("1002");
        Assert.Equal(["hears busy", "ends 486 calls.busy"], (await From(Party("1002"), "*4400639980001").Dials("4271").Rings(RingResult.Busy, 486).LiveAsync()).Story[^2..]);
        Assert.Equal(["answered", "hears voicemail-enter-pin", "hears not-allowed", "ends 403 dial-plan.wrong-pin"], (await From(Party("1002"), "*4400639980001").LiveAsync()).Story);
    }

    [Fact]
    public async Task Three_wrong_pins_close_the_line_to_such_calls_for_a_while_and_no_other_line()
    {
        await PinOpensAsync("1002");
        var call = await From(Party("1002"), "*4400639980001").Dials("0001", "0002", "0003", "4271").LiveAsync();
        Assert.Equal(["hears pin-locked", "ends 403 dial-plan.pin-locked"], call.Story[^2..]);
        Assert.Equal(["barring wrong-pin 1002", "barring wrong-pin 1002", "barring locked 1002"], call.Deeds);
        Assert.Equal(["hears pin-locked", "ends 403 dial-plan.pin-locked"], (await From(Party("1002"), "*4400639980001").Dials("4271").LiveAsync()).Story);
        Assert.False(_hall.Server.Service<PinCalls>().Lock.IsLocked(Guid.Parse(_hall.Extensions["1001"])));
        _hall.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Contains("rings trunk-1:+33639980001 for 180 s", (await From(Party("1002"), "*4400639980001").Dials("4271").Rings(RingResult.Answered, 200).LiveAsync()).Story);
    }

    [Fact]
    public async Task A_new_pin_opens_a_line_that_wrong_ones_have_closed()
    {
        await PinOpensAsync("1002");
        await From(Party("1002"), "*4400639980001").Dials("0001", "0002", "0003").LiveAsync();
        await _hall.Admin.PutAsync($"/api/v1/dial-plan/lines/{_hall.Extensions["1002"]}/pin", new { pin = "8264" }, System.Net.HttpStatusCode.NoContent);
        Assert.Contains("rings trunk-1:+33639980001 for 180 s", (await From(Party("1002"), "*4400639980001").Dials("8264").Rings(RingResult.Answered, 200).LiveAsync()).Story);
    }

    [Fact]
    public void A_line_without_a_pin_hears_that_it_has_none()
    {
        var refused = Assert.IsType<CallPlan.Refused>(_planner.Route(new CallRequest { Caller = Party("1002"), Dialled = "*4400639980001", At = _hall.Clock.GetUtcNow() }));
        Assert.Equal(("dial-plan.no-pin", "pin-not-set"), (refused.Refusal.Code, refused.Prompt));
    }
}
