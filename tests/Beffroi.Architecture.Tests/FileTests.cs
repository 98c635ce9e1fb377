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

    /// <summary>File or <c>file#method</c> → why it may be longer. An entry that is no longer needed fails the test.</summary>
    private static readonly Dictionary<string, string> MayBeLonger = [];

    /// <summary>File → why an exception of any type is caught there.</summary>
    private static readonly Dictionary<string, string> MayCatchAll = new()
    {
        ["src/Beffroi.Media/Streams/MediaThread.cs"] = "the receive loop of a media thread: a bug loses one packet or one tick of one leg",
        ["src/Beffroi.Media/Streams/MediaThread.Commands.cs"] = "the mailbox of a media thread: a bug loses one command",
        ["src/Beffroi.Media/Streams/RecordingWriter.cs"] = "the mailbox of the file thread: one recording that breaks must not stop the others",
        ["src/Beffroi.Sip/Timers/TimingWheel.cs"] = "a receive loop of its own: one timer that breaks must not stop all others",
        ["src/Beffroi.Sip/Transport/MessageReception.cs"] = "the receive loop of every socket and connection: a bug loses one message",
        ["src/Beffroi.Sip/UserAgent/SipSession.Mailbox.cs"] = "the mailbox of a session: a bug ends one call",
    };

    /// <summary>Files that name several small types of one kind and no type of their own.</summary>
    private static readonly HashSet<string> Collections = [];

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
        Gate.Holds(tooLong.Where(entry => !MayBeLonger.ContainsKey(entry.Item1)).Select(entry => $"{entry.Item1}: {entry.Item2} lines"), "split by concern, or give a reason in MayBeLonger");
        Gate.Holds(MayBeLonger.Keys.Except(tooLong.Select(entry => entry.Item1)), "these exceptions are no longer needed");
    }

    [Fact]
    public void A_file_is_named_after_a_type_in_it()
    {
        var breaches = from file in SourceTree.CSharp
                       where file.Subject is not ("Program" or "GlobalUsings" or "AssemblyInfo") && !Collections.Contains(file.Path)
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
                       where EmptyWord().IsMatch(type.Identifier.Text)
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
                      select (file.Path, Line: clause.GetLocation().GetLineSpan().StartLinePosition.Line + 1)).ToList();
        Gate.Holds(places.Where(place => !MayCatchAll.ContainsKey(place.Path)).Select(place => $"{place.Path}:{place.Line}"),
            "catch-alls stand in a mailbox, a receive loop or an HTTP handler, named with a reason in MayCatchAll");
        Gate.Holds(MayCatchAll.Keys.Except(places.Select(place => place.Path)), "these exceptions are no longer needed");
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
                       from access in file.Syntax.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
                       where access.ToString() is "Thread.Sleep" or "Task.Delay"
                       select $"{file.Path}:{access.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";
        Gate.Holds(breaches, "wait for the event itself, or move ManualTime");
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
