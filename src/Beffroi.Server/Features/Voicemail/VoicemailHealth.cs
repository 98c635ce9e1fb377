// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Live;

namespace Beffroi.Server.Features.Voicemail;

/// <summary>Messages that wait for room on the disk, messages that the store will never take, and greetings whose file is gone.</summary>
internal sealed class VoicemailHealth(VoicemailFolder folder, VoicemailBook boxes) : IHealthSource
{
    public ValueTask<IReadOnlyList<HealthNote>> CheckAsync(CancellationToken stop)
    {
        var notes = new List<HealthNote>();
        if (folder.Left is > 0 and var left) notes.Add(new("voicemail", false, $"{left} voice messages wait for room on the disk: make room in the data folder.",
            $"{left} messages vocaux attendent de la place sur le disque : faites de la place dans le dossier des données."));
        if (folder.Aside is > 0 and var aside) notes.Add(new("voicemail", false, $"{aside} voice messages could not be taken in and are set aside: see the log, and the files ending in .aside in the voicemail folder.",
            $"{aside} messages vocaux n'ont pas pu être classés et sont mis de côté : voyez le journal du serveur, et les fichiers .aside du dossier voicemail."));
        if (boxes.Pages.Values.Count(b => b.Greeting && !File.Exists(folder.Sealed(b.Id))) is > 0 and var mute)
            notes.Add(new("voicemail", false, $"The greeting of {mute} voicemail boxes is missing: callers hear the shipped one. Bring the voicemail folder back from its copy, or record them anew.",
                $"L'annonce personnelle de {mute} messageries manque : les appelants entendent celle d'origine. Remettez le dossier voicemail d'après sa copie, ou enregistrez-les à nouveau."));
        return ValueTask.FromResult<IReadOnlyList<HealthNote>>(notes);
    }
}
