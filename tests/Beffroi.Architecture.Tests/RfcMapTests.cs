// SPDX-License-Identifier: EUPL-1.2
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Beffroi.Architecture.Tests;

/// <summary>docs/rfc.md maps sections of RFCs to classes and tests; this keeps it true. Names stand in backquotes: types and members in the
/// second column, test classes or test methods in the third.</summary>
public sealed partial class RfcMapTests
{
    [Fact]
    public void Every_row_names_classes_and_tests_that_exist()
    {
        var code = Names("src");
        var tests = Names("tests");
        var breaches = Rows().SelectMany(row =>
            Quoted(row.Classes).Where(name => !Known(name, code)).Select(name => $"{row.Section}: no {name} in src")
                .Concat(Quoted(row.Tests).Where(name => !Known(name, tests)).Select(name => $"{row.Section}: no {name} in tests")));
        Gate.Holds(breaches, "docs/rfc.md is kept true");
    }

    [Fact]
    public void Every_row_has_a_class_and_a_test()
    {
        var breaches = Rows().Where(row => !Quoted(row.Classes).Any() || !Quoted(row.Tests).Any()).Select(row => row.Section);
        Gate.Holds(breaches, "a row says | section | `Class` | `Test` |");
    }

    [Fact]
    public void Every_figure_of_the_call_flows_names_a_test_that_exists_or_says_why_not()
    {
        var tests = Names("tests");
        var figures = SourceTree.Read("docs/call-flows.md").Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2]))
            .Select(line => line.Trim().Trim('|').Split('|')).ToList();
        Assert.True(figures.Count >= 33, "RFC 3665 has 16 figures, RFC 5359 has 18; two stand in one row.");
        var breaches = figures.SelectMany(cells => Quoted(cells[1]).Where(name => !Known(name, tests)).Select(name => $"{cells[0].Trim()}: no {name} in tests"))
            .Concat(figures.Where(cells => !Quoted(cells[1]).Any() && cells[2].Trim().Length == 0).Select(cells => $"{cells[0].Trim()}: neither a test nor a reason"));
        Gate.Holds(breaches, "docs/call-flows.md is kept true");
    }

    private static IEnumerable<(string Section, string Classes, string Tests)> Rows() =>
        SourceTree.Read("docs/rfc.md").Split('\n')
            .Where(line => line.StartsWith('|') && !line.Contains("---", StringComparison.Ordinal))
            .Select(line => line.Trim().Trim('|').Split('|'))
            .Where(cells => cells.Length >= 3 && cells[0].Contains("RFC", StringComparison.Ordinal) && !cells[1].Contains("Class", StringComparison.Ordinal) | Backquoted().IsMatch(cells[1]))
            .Select(cells => (cells[0].Trim(), cells[1], cells[2]));

    private static IEnumerable<string> Quoted(string cell) => Backquoted().Matches(cell).Select(match => match.Groups[1].Value);

    /// <summary><c>Type</c>, <c>Type.Member</c> or a member's own name; each part must be declared somewhere.</summary>
    private static bool Known(string name, HashSet<string> declared) => name.Split('.').All(part => declared.Contains(Identifier().Match(part).Value));

    private static HashSet<string> Names(string folder) =>
        [.. SourceTree.CSharpIn(folder).SelectMany(file => file.Syntax.DescendantNodes()).Select(node => node switch
        {
            BaseTypeDeclarationSyntax type => type.Identifier.Text,
            MethodDeclarationSyntax method => method.Identifier.Text,
            PropertyDeclarationSyntax property => property.Identifier.Text,
            EnumMemberDeclarationSyntax member => member.Identifier.Text,
            _ => null,
        }).OfType<string>()];

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Backquoted();

    [GeneratedRegex(@"^\w+")]
    private static partial Regex Identifier();
}
