// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.Calendars.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Features.WelcomeMessage.Contract;

namespace Beffroi.Server.Features.DialPlan.Routing;

/// <summary>The explainer's words for the values it meets.</summary>
internal static class Words
{
    public static string Fr(HuntStrategy strategy) => strategy switch
    {
        HuntStrategy.RingAll => "tous ensemble",
        HuntStrategy.Serial => "l'un après l'autre",
        HuntStrategy.Circular => "à tour de rôle",
        _ => "le plus longtemps libre d'abord",
    };

    public static string En(HuntStrategy strategy) => strategy switch
    {
        HuntStrategy.RingAll => "all at once",
        HuntStrategy.Serial => "one after the other",
        HuntStrategy.Circular => "in turn",
        _ => "least recent first",
    };

    public static string Fr(NumberFault fault) => fault switch
    {
        NumberFault.TooShort or NumberFault.Empty => "incomplet",
        NumberFault.TooLong => "trop long",
        NumberFault.NotDigits => "ce ne sont pas des chiffres",
        _ => "tranche non attribuée",
    };

    public static string En(NumberFault fault) => fault switch
    {
        NumberFault.TooShort or NumberFault.Empty => "incomplete",
        NumberFault.TooLong => "too long",
        NumberFault.NotDigits => "not made of digits",
        _ => "range not assigned",
    };

    public static string Fr(ClassReason reason) => reason switch
    {
        ClassReason.Line => "la sienne",
        ClassReason.Organisation => "par défaut de l'organisation",
        ClassReason.Closed => "verrouillage de nuit : son calendrier est fermé",
        ClassReason.Pin => "avec code secret",
        _ => "rien n'est réglé",
    };

    public static string En(ClassReason reason) => reason switch
    {
        ClassReason.Line => "its own",
        ClassReason.Organisation => "the organisation's default",
        ClassReason.Closed => "night lock: its calendar is closed",
        ClassReason.Pin => "with PIN",
        _ => "nothing is set",
    };

    public static string Fr(WelcomeMoment moment) => moment == WelcomeMoment.BeforeRinging ? "avant la sonnerie" : "pendant la sonnerie";

    public static string En(WelcomeMoment moment) => moment == WelcomeMoment.BeforeRinging ? "before ringing" : "while ringing";

    public static string Fr(CalendarState state) => state.Cause switch
    {
        CalendarCause.PublicHoliday => $"jour férié, {state.Label}",
        CalendarCause.Exception => $"exception, {state.Label}",
        CalendarCause.ByHand => "par décision",
        _ => "horaires",
    };

    public static string En(CalendarState state) => state.Cause switch
    {
        CalendarCause.PublicHoliday => $"public holiday, {state.Label}",
        CalendarCause.Exception => $"exception, {state.Label}",
        CalendarCause.ByHand => "by hand",
        _ => "hours",
    };

    public static string Fr(DiversionReason reason) => reason switch
    {
        DiversionReason.Unconditional => "immédiat",
        DiversionReason.UserBusy => "occupation",
        DiversionReason.NoAnswer => "non-réponse",
        DiversionReason.Unavailable => "injoignable",
        DiversionReason.DoNotDisturb => "ne pas déranger",
        DiversionReason.TimeOfDay => "horaire",
        _ => "par l'appareil",
    };

    public static string En(DiversionReason reason) => reason switch
    {
        DiversionReason.Unconditional => "immediately",
        DiversionReason.UserBusy => "busy",
        DiversionReason.NoAnswer => "no answer",
        DiversionReason.Unavailable => "unreachable",
        DiversionReason.DoNotDisturb => "do not disturb",
        DiversionReason.TimeOfDay => "time of day",
        _ => "by the device",
    };

    public static string Fr(Destination destination) => destination.Kind switch
    {
        DestinationKind.Voicemail => $"la messagerie de {destination.Target}",
        DestinationKind.Announcement => $"le message « {destination.Target} »",
        DestinationKind.None => "nulle part",
        _ => destination.Target,
    };

    public static string En(Destination destination) => destination.Kind switch
    {
        DestinationKind.Voicemail => $"the voicemail of {destination.Target}",
        DestinationKind.Announcement => $"the message \"{destination.Target}\"",
        DestinationKind.None => "nowhere",
        _ => destination.Target,
    };
}
