// SPDX-License-Identifier: EUPL-1.2
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Beffroi.Architecture.Tests;

/// <summary>One name in every tree: what is in <c>src/Beffroi.Sip/Dialogs</c> is tested in <c>tests/Beffroi.Sip.Tests/Dialogs</c>, what is in
/// <c>src/Beffroi.Server/Features/Trunks</c> in <c>tests/Beffroi.Server.Tests/Features/Trunks</c> or <c>tests/Beffroi.Server.Tests/Trunks</c>.</summary>
public sealed class MirrorTests
{
    private static readonly string[] Projects = ["Beffroi.Sip", "Beffroi.Media", "Beffroi.Calls", "Beffroi.Server"];

    [Fact]
    public void Every_source_folder_has_its_tests()
    {
        var breaches = from project in Projects
                       from folder in Parts(SourceTree.CSharpIn($"src/{project}"))
                       where !Exceptions.TestedElsewhere.ContainsKey($"src/{project}/{folder}")
                       where !SourceTree.CSharpIn($"tests/{project}.Tests/{folder}").Any() && !SourceTree.CSharpIn($"tests/{project}.Tests/{Last(folder)}").Any()
                       select $"src/{project}/{folder} has no tests/{project}.Tests/{folder}";
        Gate.Holds(breaches, "tests mirror the sources");
    }

    [Fact]
    public void Every_folder_of_tests_is_named_after_a_source_folder()
    {
        var breaches = from project in Projects
                       from folder in Parts(SourceTree.CSharpIn($"tests/{project}.Tests"))
                       where !Parts(SourceTree.CSharpIn($"src/{project}")).Any(known => known == folder || Last(known) == folder)
                       select $"tests/{project}.Tests/{folder} has no src/{project}/{folder}";
        Gate.Holds(breaches, "tests mirror the sources");
    }

    [Fact]
    public void Every_test_is_named_by_a_sentence()
    {
        var breaches = from file in SourceTree.CSharpIn("tests")
                       from method in file.Syntax.DescendantNodes().OfType<MethodDeclarationSyntax>()
                       where method.AttributeLists.SelectMany(list => list.Attributes).Any(one => one.Name.ToString() is "Fact" or "Theory")
                       where !method.Identifier.Text.Contains('_', StringComparison.Ordinal)
                       select $"{file.Path}: {method.Identifier.Text}";
        Gate.Holds(breaches, "a test's name is a sentence with underscores");
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = SourceTree.Read("Beffroi.slnx");
        var projects = SourceTree.Files("src", "*.csproj").Concat(SourceTree.Files("tests", "*.csproj")).Concat(SourceTree.Files("bench", "*.csproj"));
        Gate.Holds(projects.Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal)), "Beffroi.slnx names every project");
    }

    private static string Last(string folder) => folder.Split('/')[^1];

    /// <summary>The folders that hold code: a project's first level, and in the server a platform's part or a feature.</summary>
    private static IEnumerable<string> Parts(IEnumerable<SourceFile> files) =>
        files.Select(file => file.Folder.Split('/')[2..])
            .Where(parts => parts.Length > 0)
            .Select(parts => parts[0] is "Platform" or "Features" ? string.Join('/', parts.Take(2)) : parts[0])
            .Where(folder => folder is not ("Platform" or "Features" or "Properties"))
            .Distinct();
}
