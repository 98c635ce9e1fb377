// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Identity;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Identity;

public sealed class PinTests
{
    private static readonly Guid Id = Guid.Parse("01900000-0000-7000-8000-000000000001");

    [Fact]
    public void A_pin_is_known_by_its_hash_alone()
    {
        var hash = Pin.Hash("4271");
        Assert.True(Pin.Verify("4271", hash));
        Assert.False(Pin.Verify("4272", hash));
        Assert.False(Pin.Verify("4271", null));
        Assert.False(Pin.Verify("4271", "1.zz.zz"));
        Assert.DoesNotContain("4271", hash, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1111", true)]
    [InlineData("1234", true)]
    [InlineData("8765", true)]
    [InlineData("1001", true)]
    [InlineData("4271", false)]
    public void A_pin_that_everybody_tries_first_is_too_easy(string pin, bool easy) => Assert.Equal(easy, Pin.IsTooEasy(pin, "1001"));

    [Fact]
    public void Five_wrong_pins_close_a_box_for_a_quarter_of_an_hour_then_for_longer()
    {
        var clock = new ManualTime();
        var locks = new PinLock(clock);
        for (var i = 1; i <= 5; i++) Assert.True(locks.TryTake(Id, out var last) && last == (i == 5));
        Assert.True(locks.IsLocked(Id));
        Assert.False(locks.IsLocked(Guid.NewGuid()));
        clock.Advance(TimeSpan.FromMinutes(15));
        Assert.False(locks.IsLocked(Id));
        for (var i = 0; i < 5; i++) locks.TryTake(Id, out _);
        clock.Advance(TimeSpan.FromMinutes(29));
        Assert.True(locks.IsLocked(Id));
        locks.Right(Id);
        Assert.False(locks.IsLocked(Id));
    }

    [Fact]
    public void A_try_at_what_is_closed_is_not_looked_at_and_does_not_open_it()
    {
        var clock = new ManualTime();
        var locks = new PinLock(clock, tries: 3);
        for (var i = 0; i < 3; i++) Assert.True(locks.TryTake(Id, out _));
        for (var i = 0; i < 7; i++) Assert.False(locks.TryTake(Id, out var closes) || closes);
        Assert.True(locks.IsLocked(Id));
        clock.Advance(TimeSpan.FromMinutes(15));
        Assert.True(locks.TryTake(Id, out var last) && !last);
    }
}
