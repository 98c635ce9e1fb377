// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json.Serialization;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;
using Beffroi.Sip.Authentication;

namespace Beffroi.Server.Features.Directory;

/// <summary>Plugs in the directory: organisations, sites, units, persons, extensions, devices.</summary>
public static class DirectorySetup
{
    public static void AddDirectory(this WebApplicationBuilder builder)
    {
        builder.Services.AddSchema<DirectorySchema>();
        builder.Services.AddLoaded<DirectoryStore>();
        builder.Services.AddSingleton<INumberOwner, ExtensionNumbers>();
        builder.Services.AddSingleton<IDirectory>(services => services.GetRequiredService<DirectoryStore>());
        builder.Services.AddSingleton<IAccountNodes, AccountNodes>();
        builder.Services.AddSingleton<IDigestSecrets, DirectoryDigestSecrets>();
        builder.Services.AddSingleton<IDirectoryLoader, DirectoryLoader>();
        builder.Services.AddSingleton<PersonImport>();
        builder.Services.AddJson(DirectoryJson.Default);
    }

    public static void MapDirectory(this WebApplication app)
    {
        StructureApi.Map(app);
        PersonApi.Map(app);
        ExtensionApi.Map(app);
        DeviceApi.Map(app);
    }
}

[JsonSerializable(typeof(IReadOnlyList<Organisation>))]
[JsonSerializable(typeof(OrganisationRequest))]
[JsonSerializable(typeof(IReadOnlyList<Site>))]
[JsonSerializable(typeof(SiteRequest))]
[JsonSerializable(typeof(IReadOnlyList<OrganisationUnit>))]
[JsonSerializable(typeof(UnitRequest))]
[JsonSerializable(typeof(PersonPage))]
[JsonSerializable(typeof(PersonRequest))]
[JsonSerializable(typeof(ImportResult))]
[JsonSerializable(typeof(IReadOnlyList<Extension>))]
[JsonSerializable(typeof(ExtensionRequest))]
[JsonSerializable(typeof(IReadOnlyList<Device>))]
[JsonSerializable(typeof(DeviceRequest))]
[JsonSerializable(typeof(DeviceWithSecret))]
internal sealed partial class DirectoryJson : JsonSerializerContext;
