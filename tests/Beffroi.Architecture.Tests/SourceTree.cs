// SPDX-License-Identifier: EUPL-1.2
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Beffroi.Architecture.Tests;

/// <summary>The repository's files as text and, for C#, as syntax trees. Parsed once for all tests of this project.</summary>
internal static class SourceTree
{
    private static readonly Lazy<IReadOnlyList<SourceFile>> Parsed = new(() =>
        [.. Files("src", "*.cs").Concat(Files("tests", "*.cs")).Concat(Files("bench", "*.cs")).Select(path => new SourceFile(path))]);

    /// <summary>The folder that holds Beffroi.slnx.</summary>
    internal static string Root { get; } = FindRoot();

    /// <summary>Every C# file that people write.</summary>
    internal static IReadOnlyList<SourceFile> CSharp => Parsed.Value;

    /// <summary>C# files below a folder, such as <c>src/Beffroi.Sip</c>.</summary>
    internal static IEnumerable<SourceFile> CSharpIn(string folder) => CSharp.Where(file => file.Path.StartsWith(folder + "/", StringComparison.Ordinal));

    /// <summary>Paths from the root, with slashes, below a folder; none when the folder is not there. Built files are left out.</summary>
    internal static IEnumerable<string> Files(string folder, string pattern)
    {
        var start = System.IO.Path.Combine(Root, folder);
        if (!Directory.Exists(start)) return [];
        return Directory.EnumerateFiles(start, pattern, SearchOption.AllDirectories)
            .Select(path => System.IO.Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "node_modules" or "TestResults"))
            .Order(StringComparer.Ordinal);
    }

    internal static string Read(string path) => File.ReadAllText(System.IO.Path.Combine(Root, path));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Beffroi.slnx"))) return folder.FullName;
        throw new InvalidOperationException("Beffroi.slnx is in no folder above the tests.");
    }
}

/// <summary>One C# file. <paramref name="path"/> is relative to the root, with slashes.</summary>
internal sealed class SourceFile(string path)
{
    private CompilationUnitSyntax? _syntax;

    internal string Path { get; } = path;

    internal string Text { get; } = SourceTree.Read(path);

    internal string[] Lines => Text.Split('\n');

    internal string Folder => Path[..Path.LastIndexOf('/')];

    /// <summary>File name up to its first dot: <c>Call</c> for Call.Transfer.cs.</summary>
    internal string Subject => System.IO.Path.GetFileName(Path).Split('.')[0];

    internal CompilationUnitSyntax Syntax => _syntax ??= CSharpSyntaxTree.ParseText(Text).GetCompilationUnitRoot();

    /// <summary>Every namespace or qualified name that the file speaks of, in its using lines or in full in its code.</summary>
    internal IEnumerable<string> Mentions =>
        Syntax.DescendantNodes().Select(node => node switch
        {
            UsingDirectiveSyntax line => line.NamespaceOrType.ToString(),
            QualifiedNameSyntax { Parent: not (QualifiedNameSyntax or BaseNamespaceDeclarationSyntax) } name => name.ToString(),
            MemberAccessExpressionSyntax { Parent: not MemberAccessExpressionSyntax } access => access.ToString(),
            _ => null,
        }).OfType<string>().Select(name => name.Replace("global::", "", StringComparison.Ordinal));

    internal IEnumerable<BaseTypeDeclarationSyntax> Types => Syntax.DescendantNodes().OfType<BaseTypeDeclarationSyntax>();

    public override string ToString() => Path;
}
