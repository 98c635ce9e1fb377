// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media.Prompts;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DialPlan.Routing;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.DirectNumbers.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Features.WelcomeMessage.Contract;

namespace Beffroi.Server.Features.DialPlan.Applications;

/// <summary>Turns a <see cref="Way"/> into the script that walks it.</summary>
/// <remarks>Threading: any thread; holds no state of any call.</remarks>
internal sealed class CallPlanner(
    DialPlanEngine engine, IDirectory directory, IDirectNumbers directNumbers, IEmergency emergency, IExtensionPhones phones, ITrunkLines trunks, PromptLibrary prompts,
    IWelcomeScripts welcomes, IHuntGroupScripts groups, IVoicemailScripts voicemail, PinCalls pins, IEnumerable<IFeatureCodeService> services) : ICallRouter, IOnward
{
    private readonly Dictionary<FeatureAction, IFeatureCodeService> _services = services.SelectMany(s => s.Actions.Select(a => (a, s))).ToDictionary(p => p.a, p => p.s);

    public IExtensionPhones Phones => phones;

    public CallPlan Route(CallRequest request)
    {
        var way = engine.Resolve(request);
        var plan = Plan(way, null);
        return plan is CallPlan.Run run && request.FromTrunk ? run with { Caller = Known(request.Caller) } : plan;
    }

    public CallPlan To(Destination destination, Guid organisation, ICallContext call) =>
        Plan(engine.Resolve(destination, OriginOf(call, organisation)), null);

    /// <summary>The way on after an extension did not answer.</summary>
    public Way AfterRinging(Way.ToExtension way, RingResult result, ICallContext call) => engine.AfterRinging(way, result, OriginOf(call, way.Extension.OrganisationId));

    /// <summary>Goes on with the call as <paramref name="way"/> says.</summary>
    public Task ContinueAsync(ICallContext call, Way way) => way switch
    {
        Way.Refused refused => call.EndAsync(refused.Refusal),
        Way.Diverted diverted => call.ContinueAsync(Plan(diverted.Then, null), new Diversion(diverted.From, diverted.Reason)),
        _ => call.ContinueAsync(Plan(way, null)),
    };

    public CallParty PartyOf(Extension extension) => DialPlanEngine.PartyOf(extension, directory.Current);

    /// <summary>How a caller is shown to a colleague: an extension by name and number, a stranger by the number the network gave.</summary>
    public RingAs ShownInside(ICallContext call) => new(ShownInside(call.Caller), call.Caller, call.Called, call.Diversions);

    internal CallPlan Plan(Way way, RingSound? sound) => way switch
    {
        Way.Refused refused => new CallPlan.Refused(refused.Refusal, refused.Prompt),
        Way.ToExtension to => new CallPlan.Run(new ExtensionApplication(to, sound, this), PartyOf(to.Extension)),
        Way.ToGroup to => new CallPlan.Run(groups.Script(to.Group, sound, this, ShownInside), new CallParty(PartyKind.Service, to.Group.Number.Reveal(), to.Group.Name) { Site = to.Group.SiteId, Organisation = to.Group.OrganisationId }),
        Way.ToVoicemail to => new CallPlan.Run(voicemail.Deposit(to.Box), new CallParty(PartyKind.Service, to.Box.Number.Reveal(), to.Box.Name) { Person = OwnerOf(to.Box), Organisation = to.Box.OrganisationId }),
        Way.ToOutside to => Outside(to, null),
        Way.PinAsked asked => WithPin(asked),
        Way.ToEmergency to => Emergency(to),
        Way.Welcomed welcomed => Welcomed(welcomed),
        Way.Diverted diverted => new CallPlan.Run(new DivertedApplication(new Diversion(diverted.From, diverted.Reason), Plan(diverted.Then, sound)), diverted.From),
        Way.Service service => _services.TryGetValue(service.Code.Action, out var serves)
            ? serves.Plan(service.Code.Action, service.Argument, service.By)
            : new CallPlan.Refused(Refusals.NoSuchNumber, "number-unknown"),
        Way.Announced announced => new CallPlan.Run(new AnnouncementApplication(announced.Prompt, prompts), new CallParty(PartyKind.Service, announced.Prompt, "")),
        _ => throw new InvalidOperationException($"No script for {way.GetType().Name}."),
    };

    /// <param name="say">Given when the caller was answered already, and must be told what came of the call.</param>
    private CallPlan.Run Outside(Way.ToOutside to, PromptLibrary? say)
    {
        var called = new CallParty(PartyKind.External, to.Number.Number.Reveal(), "");
        var outside = new OutsideCall(to.Number.Number, new RingAs(to.Shown, CallParty.Unknown, called, []), to.Rights?.OrganisationId, to.Rights?.SiteId, null, false) { Only = to.Only };
        return new CallPlan.Run(new OutsideApplication("outside", outside, trunks, null, say), called);
    }

    private CallPlan.Run WithPin(Way.PinAsked asked)
    {
        var then = Outside(asked.Then, prompts);
        return then with { Application = pins.Script(asked.By, then) };
    }

    private CallPlan.Run Emergency(Way.ToEmergency to)
    {
        var called = new CallParty(PartyKind.External, to.Number.Number, to.Number.Fr);
        var outside = new OutsideCall(to.Sent, new RingAs(to.Shown, CallParty.Unknown, called, []), to.By?.OrganisationId, to.By?.SiteId, to.Trunk, true);
        var script = new OutsideApplication("emergency", outside, trunks, call => emergency.Alert(new EmergencyCall(
            call.CallId, call.Now, to.Number.Number, to.By?.Number ?? call.Caller.Number, call.Caller.Name, to.By?.OrganisationId, call.Caller.Site ?? to.By?.SiteId, to.Shown.Number)));
        return new CallPlan.Run(script, called) { Emergency = true };
    }

    private CallPlan.Run Welcomed(Way.Welcomed welcomed)
    {
        var whileRinging = welcomed is { Open: true, Welcome.Moment: WelcomeMoment.WhileRinging };
        var sound = whileRinging ? new RingSound(language => prompts.Find(welcomed.Prompt, language), !welcomed.Welcome.AnswerFirst) : null;
        var then = Plan(welcomed.Then, sound);
        var called = then is CallPlan.Run run ? run.Called : new CallParty(PartyKind.Service, welcomed.Welcome.Number.Reveal(), welcomed.Welcome.Name);
        return new CallPlan.Run(welcomes.Script(welcomed.Welcome, welcomed.Open, welcomed.Prompt, then), called);
    }

    private Guid? OwnerOf(VoicemailBox box) => box.Group is null && directory.Current.TryExtension(box.OrganisationId, box.Number.Reveal(), out var extension) ? extension.PersonId : null;

    private CallOrigin OriginOf(ICallContext call, Guid organisation)
    {
        var request = new CallRequest { Caller = call.Caller, Dialled = call.Dialled, At = call.Now, FromTrunk = call.FromTrunk, Diversions = call.Diversions };
        return engine.OriginOf(request) with { Organisation = organisation };
    }

    private CallerIdentity ShownInside(CallParty caller)
    {
        var now = directory.Current;
        if (CallOrigin.ExtensionOf(caller, now) is { } extension)
            return CallerPresentation.Inside(CallOrigin.NumbersOf(extension, false, now, directNumbers.Current));
        if (caller.Withheld || !PhoneNumber.TryParse(caller.Number, out var number)) return new CallerIdentity("", PhoneNumber.None, PhoneNumber.None, true);
        return new CallerIdentity(caller.Name, number, number, false);
    }

    /// <summary>A stranger's number in canonical form, so that the history and the directory know the same caller in every form an operator writes.</summary>
    private static CallParty Known(CallParty caller) =>
        NumberingPlan.French.NormaliseFromNetwork(caller.Number, out var number) == NumberFault.None ? caller with { Number = number.Number.Reveal() } : caller;
}
