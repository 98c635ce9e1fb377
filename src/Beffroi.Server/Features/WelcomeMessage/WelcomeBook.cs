// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using Beffroi.Calls;
using Beffroi.Server.Features.WelcomeMessage.Contract;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.WelcomeMessage;

/// <summary>All welcome messages.</summary>
internal sealed class WelcomeBook(Store store) : Book<Welcome>(store, "welcome-message", "message"), IWelcomeMessages
{
    private volatile WelcomeMessages _current = WelcomeMessages.Empty;

    public WelcomeMessages Current => _current;

    protected override string Label(Welcome page) => page.Name;

    protected override Refusal? Check(Welcome page, IReadOnlyCollection<Welcome> all) => all.Any(w => w.Id != page.Id && w.OrganisationId == page.OrganisationId && w.Number == page.Number)
        ? new Refusal("welcome-message.number-taken", RefusalKind.Conflict, 500, "This number has a welcome message already.")
        : null;

    protected override void Swapped(FrozenDictionary<Guid, Welcome> pages) => _current = new WelcomeMessages(pages.Values);
}
