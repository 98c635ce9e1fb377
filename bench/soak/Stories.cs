// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Soak;

/// <summary>A kind of call.</summary>
/// <param name="Name">For the table and for <c>--only</c>.</param>
/// <param name="Share">Of all stories, in percent.</param>
/// <param name="Telephones">How many take part.</param>
public sealed record Story(string Name, double Share, int Telephones, Func<Scene, Task> PlayAsync)
{
    /// <summary>By which way each of them speaks; UDP through the rough network for those not named.</summary>
    public IReadOnlyList<SipTransportKind> Over { get; init; } = [];

    /// <summary>Begun only when so much of the run is left: waiting for it at the end shows nothing more.</summary>
    public TimeSpan NotInTheLast { get; init; }
}

/// <summary>What people do with telephones, told once for each kind. Whatever goes otherwise throws <see cref="StoryException"/>.</summary>
public static class Stories
{
    private static readonly TimeSpan ForwardRings = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan NoticedWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan NoticedByTimer = TimeSpan.FromSeconds(180);

    /// <summary>The usual mix.</summary>
    public static IReadOnlyList<Story> All { get; } =
    [
        new("plain", 21.5, 2, PlainAsync),
        new("cancelled", 12, 2, CancelledAsync),
        new("busy", 8, 2, BusyAsync),
        new("wrong number", 3, 1, WrongNumberAsync),
        new("outside line", 5, 2, OutsideAsync),
        new("hold and retrieve", 8, 2, HoldAsync),
        new("blind transfer", 7, 3, BlindTransferAsync),
        new("attended transfer", 5, 3, AttendedTransferAsync),
        new("pickup", 6, 3, PickupAsync),
        new("park and retrieve", 3, 3, ParkAsync),
        new("forwarded", 3, 3, ForwardedAsync),
        new("gone while talking", 2, 2, GoneWhileTalkingAsync),
        new("gone while ringing", 1, 2, GoneWhileRingingAsync),
        new("gone before the answer", 1, 2, GoneBeforeTheAnswerAsync),
        new("gone on hold", 0.5, 2, GoneOnHoldAsync) { NotInTheLast = TimeSpan.FromSeconds(80) },
        new("long", 0.5, 2, LongAsync) { NotInTheLast = TimeSpan.FromSeconds(30) },
        new("watch a lamp", 2, 2, WatchAsync),
        new("called while moving", 1, 2, MovingAsync),
        new("from outside", 4, 2, FromOutsideAsync),
        new("hunt group", 2, 1, HuntGroupAsync),
        new("voicemail", 1, 1, VoicemailAsync),
        new("by TCP", 1.5, 2, ByConnectionAsync) { Over = [SipTransportKind.Tcp, SipTransportKind.Tcp] },
        new("by TLS", 1.5, 2, ByConnectionAsync) { Over = [SipTransportKind.Tls, SipTransportKind.Tls] },
        new("between UDP and TLS", 0.5, 2, ByConnectionAsync) { Over = [SipTransportKind.Udp, SipTransportKind.Tls] },
    ];

    private static async Task PlainAsync(Scene scene)
    {
        var (alice, bob) = await scene.TalkAsync(scene[0], scene[1]);
        await scene.PassesAsync(1, 5);
        await scene.EndsAsync(alice, bob);
    }

    /// <summary>At any moment, before the ringing too.</summary>
    private static async Task CancelledAsync(Scene scene)
    {
        var alice = scene.Dials(scene[0], scene[1].Number);
        if (scene.Perhaps())
        {
            var bob = await scene.RingsAsync(scene[1]);
            await scene.PassesAsync(0, 2);
            alice.HangsUp();
            await Scene.GoneAsync(bob);
        }
        else
        {
            await scene.PassesAsync(0, 0.2);
            alice.HangsUp();
        }
        await Scene.GoneAsync(alice);
    }

    private static async Task BusyAsync(Scene scene)
    {
        var alice = scene.Dials(scene[0], scene[1].Number);
        var invite = await scene.IsCalledAsync(scene[1], NoticedWithin);
        invite.Respond(SipStatus.BusyHere);
        await Scene.SeesAsync(alice, "rejected 486");
        await Scene.GoneAsync(alice);
    }

    /// <summary>By the trunk: answered, refused, or given up while it rings.</summary>
    private static async Task OutsideAsync(Scene scene)
    {
        var alice = scene.Dials(scene[0], scene[1].OutsideNumber);
        var invite = await scene.IsCalledAsync(scene[1], NoticedWithin);
        switch (scene.Choose(4))
        {
            case 0:
                invite.Respond(SipStatus.BusyHere);
                await Scene.GoneAsync(alice);
                break;
            case 1:
                var rings = scene.Rings(scene[1], invite);
                await scene.PassesAsync(0, 1);
                alice.HangsUp();
                await Scene.GoneAsync(alice);
                await Scene.GoneAsync(rings);
                break;
            default:
                var bob = scene.Rings(scene[1], invite);
                await scene.PassesAsync(0, 1);
                await Scene.AnswersAsync(bob);
                await Scene.SeesAsync(alice, "accepted");
                await scene.PassesAsync(1, 4);
                await scene.EndsAsync(alice, bob);
                break;
        }
    }

    /// <summary>By the operator, to a direct number: answered, busy, or given up while it rings.</summary>
    private static async Task FromOutsideAsync(Scene scene)
    {
        var resident = scene.DialsIn(scene[0], scene[1].DirectNumber);
        var invite = await scene.IsCalledAsync(scene[1], NoticedWithin);
        if (scene.Choose(4) == 0)
        {
            invite.Respond(SipStatus.BusyHere);
            await Scene.GoneAsync(resident);
            return;
        }
        var rings = scene.Rings(scene[1], invite);
        await scene.PassesAsync(0, 1);
        if (scene.Choose(4) == 0)
        {
            resident.HangsUp();
            await Scene.GoneAsync(resident);
            await Scene.GoneAsync(rings);
            return;
        }
        await Scene.AnswersAsync(rings);
        await Scene.SeesAsync(resident, "accepted");
        await scene.PassesAsync(1, 4);
        await scene.EndsAsync(resident, rings);
    }

    /// <summary>From inside or outside, to a group of two: who rings first answers, or the caller gives up.</summary>
    private static async Task HuntGroupAsync(Scene scene)
    {
        if (!scene.TryTakeGroup(out var group)) return;
        var caller = scene.Perhaps() ? scene.DialsIn(scene[0], group.DirectNumber) : scene.Dials(scene[0], group.Number);
        var (first, invite) = await scene.FirstCalledAsync(group.Members, NoticedWithin);
        var rings = scene.Rings(first, invite);
        var other = group.RingsAll ? await scene.RingsAsync(group.Members.Single(member => member != first)) : null;
        await scene.PassesAsync(0, 1);
        if (scene.Choose(4) == 0)
        {
            caller.HangsUp();
            await Scene.GoneAsync(caller);
            await Scene.GoneAsync(rings);
        }
        else
        {
            await Scene.AnswersAsync(rings);
            await Scene.SeesAsync(caller, "accepted");
            if (other is not null) await Scene.GoneAsync(other);
            await scene.PassesAsync(0.5, 3);
            await scene.EndsAsync(caller, rings);
        }
        if (other is not null) await Scene.GoneAsync(other);
    }

    /// <summary>Somebody busy has a box: the greeting (5 s), the beep, some seconds of sound.</summary>
    private static async Task VoicemailAsync(Scene scene)
    {
        var box = scene.SomeBox();
        var caller = scene.Perhaps() ? scene.DialsIn(scene[0], box.DirectNumber) : scene.Dials(scene[0], box.Number);
        caller.Story = "";
        await Scene.SeesAsync(caller, "accepted");
        await scene.PassesAsync(8.5, 10);
        if (caller.Ended.IsCompleted) throw new StoryException("the box ends the call");
        caller.HangsUp();
        await Scene.GoneAsync(caller);
        scene.HasLeftAMessage();
    }

    /// <summary>Over connections nothing is lost; a call, a hold, or a call that is given up.</summary>
    private static Task ByConnectionAsync(Scene scene) => scene.Choose(3) switch
    {
        0 => CancelledAsync(scene),
        1 => HoldAsync(scene),
        _ => PlainAsync(scene),
    };

    private static async Task WrongNumberAsync(Scene scene)
    {
        var alice = scene.Dials(scene[0], "39999");
        await Scene.GoneAsync(alice);
    }

    private static async Task HoldAsync(Scene scene)
    {
        var (alice, bob) = await scene.TalkAsync(scene[0], scene[1]);
        await scene.PassesAsync(0.5, 1);
        for (var times = 1 + scene.Choose(2); times > 0; times--)
        {
            alice.Holds();
            await Scene.SeesAsync(alice, "answer");
            await scene.PassesAsync(0.5, 2);
            alice.Retrieves();
            await Scene.SeesAsync(alice, "answer");
            await scene.PassesAsync(0, 1);
        }
        await scene.EndsAsync(alice, bob);
    }

    private static async Task BlindTransferAsync(Scene scene)
    {
        var (alice, bob) = await scene.TalkAsync(scene[0], scene[1]);
        await scene.PassesAsync(0.5, 1.5);
        var (by, stays) = scene.Perhaps() ? (alice, bob) : (bob, alice);
        by.Session.Refer(new NameAddress(SipUri.Of(scene[2].Number, "127.0.0.1")), null);
        var carol = await scene.RingsAsync(scene[2]);
        await scene.PassesAsync(0, 1);
        await Scene.AnswersAsync(carol);
        await Scene.GoneAsync(by);
        await scene.PassesAsync(0.5, 2);
        await scene.EndsAsync(stays, carol);
    }

    private static async Task AttendedTransferAsync(Scene scene)
    {
        var (alice, bob) = await scene.TalkAsync(scene[0], scene[1]);
        await scene.PassesAsync(0.5, 1);
        bob.Holds();
        await Scene.SeesAsync(bob, "answer");
        var (consults, carol) = await scene.TalkAsync(scene[1], scene[2]);
        await scene.PassesAsync(0.5, 1);
        var replaces = $"{consults.Session.CallId};to-tag={consults.Session.RemoteTag};from-tag={consults.Session.LocalTag}";
        if (!NameAddress.TryParse($"<sip:{scene[2].Number}@127.0.0.1?Replaces={Uri.EscapeDataString(replaces)}>", out var target)) throw new StoryException("has no dialog to name");
        bob.Session.Refer(target, null);
        await Scene.GoneAsync(bob);
        await Scene.GoneAsync(consults);
        await scene.PassesAsync(0.5, 2);
        await scene.EndsAsync(alice, carol);
    }

    private static async Task PickupAsync(Scene scene)
    {
        var alice = scene.Dials(scene[0], scene[1].Number);
        var bob = await scene.RingsAsync(scene[1]);
        await Scene.SeesAsync(alice, "progress 180");
        await scene.PassesAsync(0, 1);
        var carol = scene.Dials(scene[2], "*8" + scene[1].Number);
        await Scene.SeesAsync(carol, "accepted");
        await Scene.SeesAsync(alice, "accepted");
        await Scene.GoneAsync(bob);
        await scene.PassesAsync(0.5, 2);
        await scene.EndsAsync(alice, carol);
    }

    private static async Task ParkAsync(Scene scene)
    {
        var (alice, bob) = await scene.TalkAsync(scene[0], scene[1]);
        await scene.PassesAsync(0.5, 1);
        bob.Session.Refer(new NameAddress(SipUri.Of("*68", "127.0.0.1")), null);
        await Scene.GoneAsync(bob);
        await scene.PassesAsync(0.5, 2);
        var carol = scene.Dials(scene[2], "*69" + scene[1].Number);
        await Scene.SeesAsync(carol, "accepted");
        await scene.PassesAsync(0.5, 2);
        await scene.EndsAsync(alice, carol);
    }

    /// <summary>Sets a forward by feature code, is called, takes it back: at once, when busy or when nobody answers (20 s).</summary>
    private static async Task ForwardedAsync(Scene scene)
    {
        var code = scene.Choose(3) switch { 0 => "21", 1 => "67", _ => "61" };
        await ServedAsync(scene, $"*{code}*{scene[2].Number}#");
        var alice = scene.Dials(scene[0], scene[1].Number);
        var bob = code == "61" ? await scene.RingsAsync(scene[1]) : null;
        if (code == "67") (await scene.IsCalledAsync(scene[1], NoticedWithin)).Respond(SipStatus.BusyHere);
        var carol = await scene.RingsAsync(scene[2], ForwardRings);
        if (bob is not null) await Scene.GoneAsync(bob);
        await scene.PassesAsync(0, 1);
        await Scene.AnswersAsync(carol);
        await Scene.SeesAsync(alice, "accepted");
        await scene.PassesAsync(0.5, 2);
        await scene.EndsAsync(alice, carol);
        await ServedAsync(scene, $"#{code}#");
    }

    private static async Task ServedAsync(Scene scene, string code)
    {
        var asks = scene.Dials(scene[1], code);
        asks.Story = "";
        await Scene.SeesAsync(asks, "accepted");
        await Scene.GoneAsync(asks);
    }

    /// <summary>The sound stops and no BYE comes: the media timeout ends the call.</summary>
    private static async Task GoneWhileTalkingAsync(Scene scene)
    {
        var (alice, bob) = await scene.TalkAsync(scene[0], scene[1]);
        await scene.PassesAsync(1, 2);
        alice.Vanishes();
        await Scene.GoneAsync(bob, NoticedWithin);
        alice.HangsUp();
        await Scene.GoneAsync(alice);
    }

    /// <summary>The called telephone rings and is gone: the caller hangs up, the CANCEL is never answered.</summary>
    private static async Task GoneWhileRingingAsync(Scene scene)
    {
        var alice = scene.Dials(scene[0], scene[1].Number);
        var bob = await scene.RingsAsync(scene[1]);
        bob.Vanishes();
        await scene.PassesAsync(0, 2);
        alice.HangsUp();
        await Scene.GoneAsync(alice);
        bob.HangsUp();
        await Scene.GoneAsync(bob);
    }

    /// <summary>The caller goes while it rings; its 200 is never acknowledged.</summary>
    private static async Task GoneBeforeTheAnswerAsync(Scene scene)
    {
        var alice = scene.Dials(scene[0], scene[1].Number);
        var bob = await scene.RingsAsync(scene[1]);
        await Scene.SeesAsync(alice, "progress 180");
        alice.Vanishes();
        await Scene.AnswersAsync(bob);
        await Scene.GoneAsync(bob, NoticedWithin);
        alice.HangsUp();
        await Scene.GoneAsync(alice, NoticedWithin);
    }

    /// <summary>Nobody misses the sound of a held call: the session timer finds out (RFC 4028).</summary>
    private static async Task GoneOnHoldAsync(Scene scene)
    {
        var (alice, bob) = await scene.TalkAsync(scene[0], scene[1]);
        await scene.PassesAsync(0.5, 1);
        bob.Holds();
        await Scene.SeesAsync(bob, "answer");
        alice.Vanishes();
        await Scene.GoneAsync(bob, NoticedByTimer);
        alice.HangsUp();
        await Scene.GoneAsync(alice);
    }

    /// <summary>Long enough for a session refresh.</summary>
    private static async Task LongAsync(Scene scene)
    {
        var (alice, bob) = await scene.TalkAsync(scene[0], scene[1]);
        await scene.PassesAsync(50, 70);
        if (alice.Ended.IsCompleted || bob.Ended.IsCompleted) throw new StoryException("a long call ends by itself");
        await scene.EndsAsync(alice, bob);
    }

    private static async Task WatchAsync(Scene scene)
    {
        if (await scene[0].WatchAsync(scene[1].Number) is var status and not (>= 200 and < 300)) throw new StoryException($"a lamp is refused with {status}");
    }

    /// <summary>Unregisters, is called in vain, registers.</summary>
    private static async Task MovingAsync(Scene scene)
    {
        if (await scene[1].RegisterAsync(0) is var gone and not 200) throw new StoryException($"unregistering gets {gone}");
        var alice = scene.Dials(scene[0], scene[1].Number);
        await Scene.GoneAsync(alice);
        if (await scene[1].RegisterAsync(3600) is var back and not 200) throw new StoryException($"registering gets {back}");
    }
}
