// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Soak;

/// <summary>The telephones of one story, and the words in which stories are told.</summary>
/// <remarks>Threading: one story at a time; its continuations run on the pool.</remarks>
public sealed class Scene(string story, Telephones all, Telephone[] telephones, Random chance)
{
    /// <summary>Longer than a request that is lost again and again takes to give up (64·T1, 32 s), and than the mishap before it that it waits for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private readonly List<Leg> _legs = [];
    private readonly string[] _numbers = [.. telephones.Select(one => one.Number), .. telephones[0].OutsideForms];
    private Group? _group;

    public Telephone this[int index] => telephones[index];

    public Leg Dials(Telephone from, string number) => With(from.Dials(number));

    /// <summary>Somebody outside, at the operator: the same sound, no account.</summary>
    public Leg DialsIn(Telephone from, string number) => With(from.DialsIn(number));

    /// <summary>A group that nobody calls now; false when there is none.</summary>
    public bool TryTakeGroup([NotNullWhen(true)] out Group? group)
    {
        if (!all.TryTakeGroup(out group)) return false;
        _group = group;
        return true;
    }

    public Telephone SomeBox() => all.Boxes[chance.Next(all.Boxes.Count)];

    public void HasLeftAMessage() => all.CountMessage();

    /// <summary>Whoever of them is called first.</summary>
    public Task<(Telephone Who, InboundInvite Invite)> FirstCalledAsync(IReadOnlyList<Telephone> members, TimeSpan within) => Telephone.FirstCalledAsync(members, _numbers, within);

    public Task<Leg> RingsAsync(Telephone telephone) => RingsAsync(telephone, Patience);

    public async Task<Leg> RingsAsync(Telephone telephone, TimeSpan within) => Rings(telephone, await IsCalledAsync(telephone, within));

    public Leg Rings(Telephone telephone, InboundInvite invite) => With(telephone.Rings(invite));

    public Task<InboundInvite> IsCalledAsync(Telephone telephone, TimeSpan within) => telephone.IsCalledAsync(_numbers, within);

    public static Task SeesAsync(Leg leg, string what) => leg.SeesAsync(what, Patience);

    /// <summary>One calls another, who answers; both know it.</summary>
    public async Task<(Leg Caller, Leg Called)> TalkAsync(Telephone caller, Telephone called)
    {
        var calls = Dials(caller, called.Number);
        var rings = await RingsAsync(called);
        await PassesAsync(0, 1);
        await AnswersAsync(rings);
        await SeesAsync(calls, "accepted");
        return (calls, rings);
    }

    public static async Task AnswersAsync(Leg rings)
    {
        rings.Answers();
        await SeesAsync(rings, "ack");
    }

    /// <summary>Somebody hangs up, both are told. A BYE that crosses another one is as good.</summary>
    public async Task EndsAsync(Leg one, Leg other)
    {
        (chance.Next(2) == 0 ? one : other).HangsUp();
        await GoneAsync(one);
        await GoneAsync(other);
    }

    public static Task GoneAsync(Leg leg) => GoneAsync(leg, Patience);

    public static async Task GoneAsync(Leg leg, TimeSpan within)
    {
        try { await leg.Ended.WaitAsync(within); }
        catch (TimeoutException) { throw new StoryException("is not told that the call is over"); }
    }

    /// <summary>Some time, in seconds, evenly between the two.</summary>
    public Task PassesAsync(double least, double most) => Task.Delay(TimeSpan.FromSeconds(least + (most - least) * chance.NextDouble()), TimeProvider.System);

    public bool Perhaps() => chance.Next(2) == 0;

    public int Choose(int count) => chance.Next(count);

    /// <summary>Whatever happened: nobody stays in a call, and the telephones are free for another story.</summary>
    /// <returns>How many legs were not over by themselves.</returns>
    public async Task<int> ClearAsync(bool failed)
    {
        var open = 0;
        foreach (var leg in _legs)
        {
            if (leg.Ended.IsCompleted) continue;
            open++;
            leg.HangsUp();
        }
        try { await Task.WhenAll(_legs.Select(leg => leg.Ended)).WaitAsync(Patience); }
        catch (TimeoutException) { }
        // After a failure a fork of the server may still be on its way to somebody.
        if (failed) await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
        foreach (var telephone in telephones) telephone.GiveBack();
        if (_group is not null) all.GiveBack(_group);
        return open;
    }

    private Leg With(Leg leg)
    {
        leg.Story = story;
        _legs.Add(leg);
        return leg;
    }
}
