// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Http;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Http;

public sealed class CsvTableTests
{
    [Theory]
    [InlineData("a;b\n1;2\n")]
    [InlineData("\uFEFFa,b\r\n1,2")]
    [InlineData("A ; B\n\n \"1\" ; 2 \n")]
    [InlineData("b;a\n2;1")]
    public void French_and_English_spreadsheets_are_read_alike(string file)
    {
        Assert.True(CsvTable.Read(file.Replace(" \"1\" ", "\"1\"", StringComparison.Ordinal), ["a", "b"], ["a"], 10).Succeeded(out var lines, out _));
        var line = Assert.Single(lines);
        Assert.Equal(("1", "2"), (line["a"], line["b"]));
    }

    [Fact]
    public void A_cell_may_hold_separators_quotes_and_line_breaks_and_lines_keep_their_numbers()
    {
        Assert.True(CsvTable.Read("a;b\n\"x;\"\"y\"\"\nz\";2\n3;4\n", ["a", "b"], [], 10).Succeeded(out var lines, out _));
        Assert.Equal("x;\"y\"\nz", lines[0]["a"]);
        Assert.Equal([2, 4], lines.Select(l => l.Number));
    }

    [Theory]
    [InlineData("a;c\n1;2", "line 1", "no column c")]
    [InlineData("b\n1", "line 1", "the column a is missing")]
    [InlineData("a;b\n1", "line 2", "has 1 cells")]
    [InlineData("a;a\n1;2", "line 1", "twice")]
    [InlineData("a;b\n1;2\n1;\"2", "line 3", "never closed")]
    [InlineData("a\n1\n2\n3\n4", "line 5", "more than 3 lines")]
    public void What_is_wrong_in_form_is_said_line_by_line(string file, string line, string said)
    {
        Assert.False(CsvTable.Read(file, ["a", "b"], ["a"], 3).Succeeded(out _, out var refusal));
        Assert.Contains(refusal.Errors![line], e => e.Contains(said, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("-2", "'-2")]
    [InlineData("a;b", "\"a;b\"")]
    [InlineData("dit \"oui\"", "\"dit \"\"oui\"\"\"")]
    [InlineData("Mairie", "Mairie")]
    [InlineData("", "")]
    public void No_cell_is_a_formula(string text, string cell) => Assert.Equal(cell, CsvTable.Cell(text));
}
