// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Calls;
using Beffroi.Server.Features.History.Contract;

namespace Beffroi.Server.Features.History;

/// <summary>The words of the export in one language.</summary>
internal sealed class HistoryWords
{
    private static readonly Dictionary<string, (string Fr, string En)> Causes = new(StringComparer.Ordinal)
    {
        ["caller-hung-up"] = ("l'appelant a raccroché", "the caller hung up"),
        ["callee-hung-up"] = ("l'appelé a raccroché", "the called party hung up"),
        ["hung-up"] = ("raccroché", "hung up"),
        ["answered-elsewhere"] = ("répondu ailleurs", "answered elsewhere"),
        ["no-answer"] = ("pas de réponse", "no answer"),
        ["busy"] = ("occupé", "busy"),
        ["transferred"] = ("transféré", "transferred"),
        ["picked-up"] = ("intercepté", "picked up"),
        ["picked-up-another"] = ("a intercepté un autre appel", "picked up another call"),
        ["caller-did-not-answer"] = ("l'appelant n'a pas décroché", "the caller did not answer"),
        ["media-timeout"] = ("plus de son reçu", "no sound came any more"),
        ["max-duration"] = ("durée maximale atteinte", "longest duration reached"),
        ["server-stopping"] = ("arrêt du serveur", "the server stopped"),
        ["interrupted"] = ("interrompu par l'arrêt du serveur", "cut off by the end of the server"),
    };

    private readonly bool _french;

    private HistoryWords(bool french) => _french = french;

    public static HistoryWords French { get; } = new(true);

    public static HistoryWords English { get; } = new(false);

    public string FileName => _french ? "appels.csv" : "calls.csv";

    public IReadOnlyList<string> CallColumns => _french
        ? ["début", "sens", "appelant", "nom appelant", "composé", "appelé", "nom appelé", "répondu par", "nom", "issue", "cause", "attente (s)", "conversation (s)", "durée (s)", "renvois", "transferts", "MOS"]
        : ["began", "direction", "caller", "caller's name", "dialled", "called", "called name", "answered by", "name", "outcome", "cause", "wait (s)", "talk (s)", "duration (s)", "forwardings", "transfers", "MOS"];

    public IReadOnlyList<string> LegColumns => _french
        ?
        [
            "appel", "branche", "nom de la branche", "appareil", "liaison", "sonne à", "répond à", "finit à", "statut SIP", "fin de la branche", "codec", "paquets reçus", "paquets envoyés", "paquets perdus", "perte (%)",
            "gigue (ms)", "aller-retour (ms)", "MOS de la branche",
        ]
        :
        [
            "call", "leg", "leg's name", "device", "trunk", "rings at", "answers at", "ends at", "SIP status", "end of the leg", "codec", "packets received", "packets sent", "packets lost", "loss (%)",
            "jitter (ms)", "round trip (ms)", "MOS of the leg",
        ];

    public static HistoryWords In(string language) => language == "en" ? English : French;

    public string Of(CallDirection direction) => direction switch
    {
        CallDirection.Internal => Say("interne", "internal"),
        CallDirection.Inbound => Say("entrant", "inbound"),
        _ => Say("sortant", "outbound"),
    };

    public string Of(CallOutcome outcome) => outcome switch
    {
        CallOutcome.Answered => Say("répondu", "answered"),
        CallOutcome.Served => Say("servi par un automate", "served by a service"),
        CallOutcome.Abandoned => Say("abandonné", "abandoned"),
        CallOutcome.NoAnswer => Say("sans réponse", "no answer"),
        CallOutcome.Busy => Say("occupé", "busy"),
        CallOutcome.Refused => Say("refusé", "refused"),
        _ => Say("échec", "failed"),
    };

    /// <summary>A refusal's code stays as it is: it is what the documentation names.</summary>
    public string OfCause(string cause) => Causes.TryGetValue(cause, out var known) ? Say(known.Fr, known.En) : cause;

    /// <summary>With a decimal comma in French, as a French spreadsheet reads it.</summary>
    public string Number(double number)
    {
        var text = number.ToString("0.##", CultureInfo.InvariantCulture);
        return _french ? text.Replace('.', ',') : text;
    }

    private string Say(string fr, string en) => _french ? fr : en;
}
