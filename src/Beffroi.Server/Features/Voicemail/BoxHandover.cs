// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Features.Voicemail;

/// <summary>What becomes of a voicemail box when its extension goes, changes hands or gets another number. Nobody ever finds the messages of a predecessor:
/// without the administrator's explicit wish to delete them the extension stays as it is.</summary>
internal sealed class BoxHandover(VoicemailBook boxes, VoicemailStore store) : INumberContent
{
    public string? Kept(Guid organisation, PhoneNumber number) => boxes.Current.Of(organisation, number) is null ? null : "its voicemail box";

    public async Task<Refusal?> LeaveAsync(Change change, Extension gone, bool delete, CancellationToken stop)
    {
        if (BoxOf(gone) is not { } box) return null;
        var messages = await MessagesAsync(change, box, stop);
        if (!delete)
        {
            return new Refusal("voicemail.box-left-behind", RefusalKind.Conflict, 500,
                $"Extension {gone.Number} has a voicemail box with {messages.Count} message(s). Repeat with deleteVoicemail=true to delete the box and all that is in it for good.");
        }

        boxes.Put(change, box, null);
        change.OnSaved(() => store.Forget(box.Id, messages));
        return null;
    }

    public async Task<Refusal?> PassAsync(Change change, Extension before, Extension after, string name, bool delete, CancellationToken stop)
    {
        if (BoxOf(before) is not { } box) return null;
        var number = PhoneNumber.Of(after.Number);
        if (number != box.Number && boxes.Current.Of(after.OrganisationId, number) is not null) return VoicemailBook.NumberTaken;
        var changesHands = before.PersonId is not null && before.PersonId != after.PersonId;
        var messages = changesHands ? await MessagesAsync(change, box, stop) : [];
        if (messages.Count == 0 && (!changesHands || box is { Greeting: false, HasPin: false, Email.Length: 0 }))
        {
            if (number != box.Number || name != box.Name) boxes.Put(change, box, box with { Number = number, Name = name, Version = box.Version + 1 });
            return null;
        }

        if (!delete)
        {
            return new Refusal("voicemail.box-changes-hands", RefusalKind.Conflict, 500,
                $"The voicemail box of extension {before.Number} holds what is private to whoever has it now: {messages.Count} message(s), and perhaps a greeting, a PIN, an e-mail address. " +
                "Repeat with \"deleteVoicemail\": true to delete that for good; the next one begins with an empty box.");
        }

        // Another id, not only other content: who speaks to the former owner's box just now must not be heard by the next one.
        boxes.Put(change, box, box with { Id = Guid.CreateVersion7(change.Now), Number = number, Name = name, Greeting = false, PinHash = null, Email = "", EmailSound = false, Version = 0 });
        change.OnSaved(() => store.Forget(box.Id, messages));
        return null;
    }

    private VoicemailBox? BoxOf(Extension extension) =>
        PhoneNumber.TryParse(extension.Number, out var number) && boxes.Current.Of(extension.OrganisationId, number) is { Group: null } box ? box : null;

    private static Task<List<VoicemailMessage>> MessagesAsync(Change change, VoicemailBox box, CancellationToken stop) =>
        change.Db.Set<VoicemailMessage>().Where(m => m.BoxId == box.Id).ToListAsync(stop);
}
