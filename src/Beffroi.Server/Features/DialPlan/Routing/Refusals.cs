// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;

namespace Beffroi.Server.Features.DialPlan.Routing;

/// <summary>Why a call goes nowhere: codes, SIP statuses and Q.850 causes in one place.</summary>
internal static class Refusals
{
    public static Refusal NoSuchNumber { get; } = new("dial-plan.no-such-number", RefusalKind.NotFound, 404, "Nobody has this number.") { Cause = 1 };

    public static Refusal Incomplete { get; } = new("dial-plan.incomplete", RefusalKind.Invalid, 484, "The number is not complete.") { Cause = 28 };

    public static Refusal NotOurs { get; } = new("dial-plan.not-our-number", RefusalKind.NotFound, 404, "This number is not one of the town's, or leads nowhere.") { Cause = 1 };

    public static Refusal Barred { get; } = new("dial-plan.barred", RefusalKind.Forbidden, 403, "The calling class does not allow this number.") { Cause = 21 };

    public static Refusal NoPin { get; } = new("dial-plan.no-pin", RefusalKind.Forbidden, 403, "This extension has no calling class with PIN, or no PIN.") { Cause = 21 };

    public static Refusal WrongPin { get; } = new("dial-plan.wrong-pin", RefusalKind.Forbidden, 403, "The PIN was wrong, or none was given.") { Cause = 21 };

    public static Refusal PinLocked { get; } = new("dial-plan.pin-locked", RefusalKind.Forbidden, 403, "After too many wrong PINs the extension may not call with a PIN for a while.") { Cause = 21 };

    public static Refusal NobodyKnown { get; } = new("dial-plan.caller-unknown", RefusalKind.Forbidden, 403, "Only known extensions may call.") { Cause = 21 };

    public static Refusal InwardOnly { get; } =
        new("dial-plan.inward-only", RefusalKind.Forbidden, 403, "A call that came in by a trunk for internal calls goes out by no trunk again.") { Cause = 21 };

    public static Refusal Loop { get; } = new("forwarding.loop", RefusalKind.Conflict, 482, "The forwardings lead back to where the call has been.") { Cause = 25 };

    public static Refusal TooManyHops { get; } = new("forwarding.too-many-hops", RefusalKind.Conflict, 483, "The call was forwarded too many times.") { Cause = 25 };

    public static Refusal DoNotDisturb { get; } = new("forwarding.do-not-disturb", RefusalKind.Conflict, 480, "The person called does not want to be disturbed.") { Cause = 21 };

    public static Refusal Busy { get; } = new("calls.busy", RefusalKind.Conflict, 486, "The called party is on the phone.") { Cause = 17 };

    public static Refusal NoAnswer { get; } = new("calls.no-answer", RefusalKind.Conflict, 480, "Nobody answered.") { Cause = 19 };

    public static Refusal Unreachable { get; } = new("calls.unreachable", RefusalKind.Unavailable, 480, "No telephone of the called party is connected.") { Cause = 20 };

    public static Refusal NoBox { get; } = new("voicemail.no-such-box", RefusalKind.NotFound, 404, "There is no such voicemail box.") { Cause = 1 };

    public static Refusal Closed { get; } = new("welcome-message.closed", RefusalKind.Unavailable, 480, "The service is closed at this hour.") { Cause = 31 };

    public static Refusal Nowhere { get; } = new("dial-plan.leads-nowhere", RefusalKind.NotFound, 480, "The rule that was reached names no destination.") { Cause = 31 };

    public static Refusal Of(NumberFault fault) => fault is NumberFault.TooShort or NumberFault.Empty ? Incomplete : NoSuchNumber;
}
