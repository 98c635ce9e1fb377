// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Xunit;

namespace Beffroi.Server.Tests.Features.DialPlan;

public sealed class FeatureCodesTests
{
    [Theory]
    [InlineData("*8", FeatureAction.PickupGroup, "")]
    [InlineData("*81001", FeatureAction.PickupDirected, "1001")]
    [InlineData("*68", FeatureAction.Park, "")]
    [InlineData("*6970", FeatureAction.Retrieve, "70")]
    [InlineData("*21*0639980001#", FeatureAction.ForwardImmediateSet, "0639980001")]
    [InlineData("*21*0639980001", FeatureAction.ForwardImmediateSet, "0639980001")]
    [InlineData("*21*+33639980001#", FeatureAction.ForwardImmediateSet, "+33639980001")]
    [InlineData("#21#", FeatureAction.ForwardImmediateClear, "")]
    [InlineData("#21", FeatureAction.ForwardImmediateClear, "")]
    [InlineData("*61*1002#", FeatureAction.ForwardNoAnswerSet, "1002")]
    [InlineData("*67*1002#", FeatureAction.ForwardBusySet, "1002")]
    [InlineData("*62*1002#", FeatureAction.ForwardUnreachableSet, "1002")]
    [InlineData("##002#", FeatureAction.ForwardAllClear, "")]
    [InlineData("*78", FeatureAction.DoNotDisturbOn, "")]
    [InlineData("*79", FeatureAction.DoNotDisturbOff, "")]
    [InlineData("*50", FeatureAction.GroupLogIn, "")]
    [InlineData("*51600", FeatureAction.GroupLogOut, "600")]
    [InlineData("*98", FeatureAction.VoicemailConsult, "")]
    [InlineData("*98600", FeatureAction.VoicemailConsult, "600")]
    [InlineData("888", FeatureAction.VoicemailConsult, "")]
    [InlineData("*971001", FeatureAction.VoicemailDeposit, "1001")]
    [InlineData("*440199001000", FeatureAction.CallWithPin, "0199001000")]
    [InlineData("#31#0199001000", FeatureAction.WithholdNumber, "0199001000")]
    public void A_code_is_known_with_what_was_dialled_after_it(string dialled, FeatureAction action, string argument)
    {
        Assert.True(FeatureCodes.Default.TryMatch(dialled, out var code, out var found));
        Assert.Equal(action, code.Action);
        Assert.Equal(argument, found);
    }

    [Theory]
    [InlineData("1001")]
    [InlineData("8881")]
    [InlineData("*21*#")]
    [InlineData("*99")]
    [InlineData("#")]
    [InlineData("*21*12a4#")]
    public void Other_digits_are_no_code(string dialled) => Assert.False(FeatureCodes.Default.TryMatch(dialled, out _, out _));

    [Theory]
    [InlineData("*8{extension}", true)]
    [InlineData("*21*{number}#", true)]
    [InlineData("888", true)]
    [InlineData("{number}", false)]
    [InlineData("", false)]
    [InlineData("*a", false)]
    [InlineData("*1{x}2", false)]
    public void A_pattern_is_checked_before_it_is_stored(string pattern, bool valid) => Assert.Equal(valid, FeatureCode.IsValid(pattern));
}
