// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Beffroi.Media.Prompts;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Live;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Beffroi.Server.Features.Prompts;

/// <summary>Plugs in prompts. Setting <c>Prompts:Folder</c>: the shipped prompts; default: the folder prompts beside the program.</summary>
public static class PromptSetup
{
    public static void AddPrompts(this WebApplicationBuilder builder)
    {
        var folders = new PromptFolders(builder.Settings().Text("Prompts:Folder", PromptFolders.FindShipped()), Path.Combine(builder.Server().DataFolder, "prompts"));
        foreach (var language in new[] { "fr", "en", PromptFolders.Music }) System.IO.Directory.CreateDirectory(Path.Combine(folders.Owned, language));
        builder.Services.AddSingleton(folders);
        builder.Services.TryAddSingleton(new PromptOptions { Folder = folders.Shipped, OverridesFolder = folders.Owned });
        builder.Services.TryAddSingleton<PromptLibrary>();
        builder.Services.AddSingleton<PromptsLive>();
        builder.Services.AddSingleton<ILiveSource>(p => p.GetRequiredService<PromptsLive>());
        builder.Services.AddSingleton<IMetricSource>(p => p.GetRequiredService<PromptsLive>());
        builder.Services.AddSingleton<IHealthSource>(p => p.GetRequiredService<PromptsLive>());
        builder.Services.TryAddSingleton(new AudioImportOptions());
        builder.Services.TryAddSingleton<AudioImport>();
    }

    public static void MapPrompts(this WebApplication app) => PromptApi.Map(app);
}
