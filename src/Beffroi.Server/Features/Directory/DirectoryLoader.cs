// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Configuration;

namespace Beffroi.Server.Features.Directory;

internal sealed class DirectoryLoader(DirectoryStore directory, ServerSettings server) : IDirectoryLoader
{
    public string MakeSecret() => DeviceSecrets.Make();

    public Device MakeDevice(Extension extension, string sipUsername, string name, DeviceKind kind, string secret, DateTimeOffset now) =>
        DeviceSecrets.Device(extension, sipUsername, name, kind, server.Realm, secret, now);

    public void Loaded(IReadOnlyList<IDirectoryItem> items) => directory.Swap(items, []);
}
