// SPDX-License-Identifier: EUPL-1.2
using System.Xml.Linq;
using Xunit;

namespace Beffroi.Architecture.Tests;

/// <summary>ARCHITECTURE.md, "The house": who may know whom.</summary>
public sealed class WallTests
{
    private const string Features = "Beffroi.Server.Features.";

    [Theory]
    [InlineData("src/Beffroi.Sip", "Beffroi.Media")]
    [InlineData("src/Beffroi.Sip", "Beffroi.Calls")]
    [InlineData("src/Beffroi.Sip", "Beffroi.Server")]
    [InlineData("src/Beffroi.Media", "Beffroi.Sip")]
    [InlineData("src/Beffroi.Media", "Beffroi.Calls")]
    [InlineData("src/Beffroi.Media", "Beffroi.Server")]
    [InlineData("src/Beffroi.Calls", "Beffroi.Server")]
    [InlineData("src/Beffroi.Calls", "Microsoft.AspNetCore")]
    [InlineData("src/Beffroi.Calls", "Microsoft.EntityFrameworkCore")]
    [InlineData("src/Beffroi.Calls", "Microsoft.Data")]
    [InlineData("src/Beffroi.Calls", "System.Data")]
    [InlineData("src/Beffroi.Calls", "Npgsql")]
    [InlineData("src/Beffroi.Server/Platform", "Beffroi.Server.Features")]
    public void A_part_does_not_know_what_is_beyond_its_wall(string folder, string forbidden)
    {
        var breaches = from file in SourceTree.CSharpIn(folder)
                       from name in file.Mentions
                       where name == forbidden || name.StartsWith(forbidden + ".", StringComparison.Ordinal)
                       select $"{file.Path} uses {name}";
        Gate.Holds(breaches, $"{folder} must not use {forbidden}");
    }

    [Theory]
    [InlineData("Beffroi.Sip", "")]
    [InlineData("Beffroi.Media", "")]
    [InlineData("Beffroi.Calls", "Beffroi.Media Beffroi.Sip")]
    public void A_project_refers_to_those_below_it_only(string project, string allowed)
    {
        var references = XDocument.Parse(SourceTree.Read($"src/{project}/{project}.csproj")).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')));
        Gate.Holds(references.Except(allowed.Split(' ')), $"{project} may refer to: {allowed}");
    }

    [Fact]
    public void Features_meet_only_through_a_contract_folder()
    {
        var breaches = from file in SourceTree.CSharpIn("src/Beffroi.Server/Features")
                       let own = file.Path.Split('/')[3]
                       from name in file.Mentions
                       let other = FeatureOf(name)
                       where other is not null && other != own && !name.StartsWith($"{Features}{other}.Contract", StringComparison.Ordinal)
                       select $"{file.Path} uses {name}";
        Gate.Holds(breaches, "a feature may use another one's Contract only");
    }

    [Fact]
    public void A_namespace_is_named_like_its_folder()
    {
        var breaches = from file in SourceTree.CSharp
                       where file.Path.StartsWith("src/", StringComparison.Ordinal) || file.Path.StartsWith("tests/", StringComparison.Ordinal)
                       from space in file.Syntax.DescendantNodes().OfType<Microsoft.CodeAnalysis.CSharp.Syntax.BaseNamespaceDeclarationSyntax>()
                       let wanted = string.Join('.', file.Folder.Split('/')[1..])
                       where space.Name.ToString() != wanted
                       select $"{file.Path} is in {space.Name}, not in {wanted}";
        Gate.Holds(breaches, "namespaces follow folders");
    }

    private static string? FeatureOf(string name) =>
        name.StartsWith(Features, StringComparison.Ordinal) ? name[Features.Length..].Split('.')[0] : null;
}
