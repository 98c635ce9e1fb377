// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Features.Prompts;

/// <summary>The files of prompts: a shipped folder and the town's own, each with a folder a language.</summary>
/// <remarks>Names must have been checked: they become file names.</remarks>
internal sealed record PromptFolders(string Shipped, string Owned)
{
    /// <summary>The folder of music on hold, beside those of the languages.</summary>
    public const string Music = "moh";

    /// <summary>True when the server brought one.</summary>
    public bool IsShipped(string language, string name) => File.Exists(Path.Combine(Shipped, language, name + ".wav"));

    public string Own(string language, string name) => Path.Combine(Owned, language, name + ".wav");

    /// <summary>The file played for a prompt, null when there is none.</summary>
    public string? Find(string language, string name)
    {
        var own = Own(language, name);
        if (File.Exists(own)) return own;
        var shipped = Path.Combine(Shipped, language, name + ".wav");
        return File.Exists(shipped) ? shipped : null;
    }

    public PromptView View(string language, string name) => new(name, language, IsShipped(language, name), File.Exists(Own(language, name)));

    public IEnumerable<PromptView> List(string language) =>
        Names(Path.Combine(Shipped, language)).Union(Names(Path.Combine(Owned, language))).Order(StringComparer.Ordinal).Select(name => View(language, name));

    /// <summary>Where the shipped prompts are: beside the program, or above it in a source tree.</summary>
    public static string FindShipped()
    {
        for (var folder = new System.IO.DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var prompts = Path.Combine(folder.FullName, "prompts");
            if (File.Exists(Path.Combine(prompts, "prompts.csv"))) return prompts;
        }

        return Path.Combine(AppContext.BaseDirectory, "prompts");
    }

    private static IEnumerable<string> Names(string folder) =>
        System.IO.Directory.Exists(folder) ? System.IO.Directory.EnumerateFiles(folder, "*.wav").Select(path => Path.GetFileNameWithoutExtension(path)!) : [];
}
