// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;

namespace Beffroi.Server.Features.Directory;

/// <summary>The numbers of extensions, for the check of all numbers.</summary>
internal sealed class ExtensionNumbers(IDirectory directory) : INumberOwner
{
    public IEnumerable<OwnedNumber> Numbers(Guid organisation)
    {
        var now = directory.Current;
        return now.Extensions.Values.Where(e => e.OrganisationId == organisation).Select(e => Owned(e, now));
    }

    public OwnedNumber? Find(Guid organisation, string digits, Guid self)
    {
        var now = directory.Current;
        return now.TryExtension(organisation, digits, out var extension) && extension.Id != self ? Owned(extension, now) : null;
    }

    private static OwnedNumber Owned(Extension extension, DirectorySnapshot now) => new(PhoneNumber.Of(extension.Number), now.DisplayName(extension));
}
