// SPDX-License-Identifier: EUPL-1.2
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Beffroi.Architecture.Tests;

/// <summary>The rules of CONTRIBUTING.md that a file shows by itself.</summary>
public sealed partial class FileTests
{
    private const int FileLimit = 500, MethodLimit = 50;

    [Fact]
    public void Every_source_file_starts_with_its_licence()
    {
        var scripts = new[] { "run", "test", ".ci/run" }.Concat(SourceTree.Files("scripts", "*.sh"));
        var projects = SourceTree.Files("src", "*.csproj").Concat(SourceTree.Files("tests", "*.csproj")).Concat(SourceTree.Files("bench", "*.csproj"))
            .Concat(["Directory.Build.props", "Directory.Packages.props"]);
        var breaches = SourceTree.CSharp.Select(file => file.Path).Concat(scripts).Concat(projects)
            .Where(path => !SourceTree.Read(path).Split('\n').Take(2).Any(line => line.Contains("SPDX-License-Identifier: EUPL-1.2", StringComparison.Ordinal)));
        Gate.Holds(breaches, "'SPDX-License-Identifier: EUPL-1.2' stands on the first line (the second under #!)");
    }

    [Fact]
    public void No_file_has_500_lines_and_no_method_has_50()
    {
        var files = SourceTree.CSharp.Where(file => file.Lines.Length > FileLimit).Select(file => (file.Path, file.Lines.Length));
        var methods = from file in SourceTree.CSharp
                      from method in file.Syntax.DescendantNodes().OfType<BaseMethodDeclarationSyntax>()
                      let body = (SyntaxNode?)method.Body ?? method.ExpressionBody
                      where body is not null
                      let span = body.GetLocation().GetLineSpan()
                      let lines = span.EndLinePosition.Line - span.StartLinePosition.Line - 1
                      where lines > MethodLimit
                      select ($"{file.Path}#{NameOf(method)}", lines);
        var tooLong = files.Concat(methods).ToList();
        Gate.Holds(tooLong.Where(entry => !Exceptions.MayBeLonger.ContainsKey(entry.Item1)).Select(entry => $"{entry.Item1}: {entry.Item2} lines"), "split by concern, or give a reason in Exceptions.MayBeLonger");
        Gate.Holds(Exceptions.MayBeLonger.Keys.Except(tooLong.Select(entry => entry.Item1)), "these exceptions are no longer needed");
    }

    [Fact]
    public void A_file_is_named_after_a_type_in_it()
    {
        var breaches = from file in SourceTree.CSharp
                       where file.Subject is not ("Program" or "GlobalUsings" or "AssemblyInfo") && !Exceptions.Collections.ContainsKey(file.Path)
                       let names = file.Types.Select(type => type.Identifier.Text)
                           .Concat(file.Syntax.DescendantNodes().OfType<DelegateDeclarationSyntax>().Select(one => one.Identifier.Text))
                       where !names.Contains(file.Subject)
                       select $"{file.Path} holds {string.Join(", ", names)}";
        Gate.Holds(breaches, "a file is found by the name of its type");
    }

    [Fact]
    public void No_type_has_a_name_that_says_nothing()
    {
        var breaches = from file in SourceTree.CSharpIn("src")
                       from type in file.Types
                       where EmptyWord().IsMatch(type.Identifier.Text) && !Exceptions.FullNames.ContainsKey(type.Identifier.Text)
                       select $"{file.Path}: {type.Identifier.Text}";
        Gate.Holds(breaches, "not in a type's name: Manager, Helper, Util, Impl, Info, Data, Enum, Base");
    }

    [Fact]
    public void No_static_field_can_change()
    {
        var breaches = from file in SourceTree.CSharp
                       from field in file.Syntax.DescendantNodes().OfType<FieldDeclarationSyntax>()
                       where field.Modifiers.Any(SyntaxKind.StaticKeyword) && !field.Modifiers.Any(SyntaxKind.ReadOnlyKeyword)
                       select $"{file.Path}: {field.Declaration}";
        var properties = from file in SourceTree.CSharp
                         from property in file.Syntax.DescendantNodes().OfType<PropertyDeclarationSyntax>()
                         where property.Modifiers.Any(SyntaxKind.StaticKeyword)
                             && property.AccessorList?.Accessors.Any(one => one.IsKind(SyntaxKind.SetAccessorDeclaration) && one.Body is null && one.ExpressionBody is null) == true
                         select $"{file.Path}: {property.Identifier}";
        Gate.Holds(breaches.Concat(properties), "state has one owner: no static field or property that can be set");
    }

    [Fact]
    public void An_exception_of_any_type_is_caught_in_named_places_only()
    {
        var places = (from file in SourceTree.CSharpIn("src")
                      from clause in file.Syntax.DescendantNodes().OfType<CatchClauseSyntax>()
                      where clause.Filter is null && clause.Declaration?.Type.ToString() is null or "Exception" or "System.Exception"
                      where clause.Block.Statements.LastOrDefault() is not ThrowStatementSyntax { Expression: null }        // cleans up and lets it go on
                      select (file.Path, Line: clause.GetLocation().GetLineSpan().StartLinePosition.Line + 1)).ToList();
        Gate.Holds(places.Where(place => !Exceptions.MayCatchAll.ContainsKey(place.Path)).Select(place => $"{place.Path}:{place.Line}"),
            "catch-alls stand in a mailbox, a receive loop or an HTTP handler, named with a reason in Exceptions.MayCatchAll");
        Gate.Holds(Exceptions.MayCatchAll.Keys.Except(places.Select(place => place.Path)), "these exceptions are no longer needed");
    }

    [Fact]
    public void Nothing_is_left_for_later()
    {
        var breaches = from file in SourceTree.CSharp
                       where file.Subject != nameof(FileTests)
                       from line in file.Lines.Index()
                       where LeftForLater().IsMatch(line.Item)
                       select $"{file.Path}:{line.Index + 1}: {line.Item.Trim()}";
        Gate.Holds(breaches, "no TODO, no #region, no NotImplementedException");
    }

    [Fact]
    public void Tests_do_not_sleep()
    {
        var breaches = from file in SourceTree.CSharpIn("tests")
                       from call in file.Syntax.DescendantNodes().OfType<InvocationExpressionSyntax>()
                       let paced = call.ArgumentList.Arguments.Skip(1).Any(one => one.ToString().Contains("Time", StringComparison.Ordinal))
                       where call.Expression.ToString() is "Thread.Sleep" || (call.Expression.ToString() is "Task.Delay" && !paced)
                       select $"{file.Path}:{call.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";
        Gate.Holds(breaches, "wait for the event itself, or move ManualTime; a look that is repeated names its TimeProvider");
    }

    private static string NameOf(BaseMethodDeclarationSyntax method) => method switch
    {
        MethodDeclarationSyntax named => named.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        _ => method.Kind().ToString(),
    };

    [GeneratedRegex("(Manager|Helper|Helpers|Util|Utils|Impl|Info|Data|Enum|Base)$")]
    private static partial Regex EmptyWord();

    [GeneratedRegex(@"\b(TODO|FIXME|XXX|HACK)\b|^\s*#region|new NotImplementedException")]
    private static partial Regex LeftForLater();
}
