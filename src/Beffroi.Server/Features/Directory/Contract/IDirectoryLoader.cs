// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Features.Directory.Contract;

/// <summary>For those who fill the directory in bulk in a transaction of their own: the demo town, a migration from another system.</summary>
public interface IDirectoryLoader
{
    /// <summary>A SIP secret: 24 characters, 120 random bits.</summary>
    string MakeSecret();

    /// <summary>A device whose secret is hashed for this server's realm; not in the directory yet.</summary>
    Device MakeDevice(Extension extension, string sipUsername, string name, DeviceKind kind, string secret, DateTimeOffset now);

    /// <summary>Takes into memory what has been committed: call it in <c>Change.OnSaved</c>.</summary>
    void Loaded(IReadOnlyList<IDirectoryItem> items);
}
