// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Calls;

namespace Beffroi.Server.Platform.Http;

/// <summary>One line of a CSV file by the names of its columns; a missing cell is empty, spaces around are dropped.</summary>
public sealed record CsvLine(int Number, IReadOnlyDictionary<string, string> Cells)
{
    public string this[string column] => Cells.GetValueOrDefault(column, "");
}

/// <summary>Reads and writes CSV (RFC 4180), with <c>;</c> or <c>,</c> as a French or English spreadsheet saves it.</summary>
public static class CsvTable
{
    /// <summary>The lines after the header. Refused with every line that is wrong in form, with an unknown column, or without a needed one.</summary>
    /// <param name="columns">The columns that may be there.</param>
    /// <param name="needed">Those that must be.</param>
    /// <param name="most">How many lines are taken.</param>
    /// <param name="wrong">Takes what is wrong in form line by line, so that it is told together with what is wrong in the lines that can be read.</param>
    /// <returns>The lines that can be read; a refusal when none can, for what stands in the header.</returns>
    public static Outcome<IReadOnlyList<CsvLine>> Read(string text, IReadOnlyCollection<string> columns, IReadOnlyCollection<string> needed, int most, FieldErrors wrong)
    {
        var errors = new FieldErrors();
        var rows = Rows(text.TrimStart('\uFEFF'), wrong);
        if (rows.Count == 0) return new Refusal("import.empty", RefusalKind.Invalid, 400, "The file is empty: the first line names the columns.");
        var header = rows[0].Cells.Select(c => c.Trim().ToLowerInvariant()).ToArray();
        foreach (var column in header.Where(c => !columns.Contains(c))) errors.Add("line 1", $"there is no column {column}; those known are {string.Join(", ", columns)}");
        foreach (var column in needed.Where(c => !header.Contains(c))) errors.Add("line 1", $"the column {column} is missing");
        errors.Check("line 1", header.Distinct().Count() == header.Length, "a column is named twice");
        errors.Check($"line {most + 2}", rows.Count - 1 <= most, $"more than {most} lines");
        var isWhole = !errors.Any;
        var lines = new List<CsvLine>();
        foreach (var (number, cells) in rows.Skip(1))
        {
            if (cells.Count != header.Length) (isWhole ? wrong : errors).Add($"line {number}", $"has {cells.Count} cells, the header {header.Length}");
            else if (isWhole) lines.Add(new(number, header.Zip(cells, (h, c) => (h, c.Trim())).ToDictionary(p => p.h, p => p.Item2)));
        }

        return errors.Refused(out var refused, "import.bad-lines", "Nothing was imported: mend the lines listed in errors and send the file again.") ? refused : lines;
    }

    /// <summary>The same, refused with every line that is wrong in form.</summary>
    public static Outcome<IReadOnlyList<CsvLine>> Read(string text, IReadOnlyCollection<string> columns, IReadOnlyCollection<string> needed, int most)
    {
        var wrong = new FieldErrors();
        var lines = Read(text, columns, needed, most, wrong);
        return wrong.Refused(out var refused, "import.bad-lines", "Nothing was imported: mend the lines listed in errors and send the file again.") ? refused : lines;
    }

    /// <summary>A cell that a spreadsheet shows as text: quoted where needed, and with an apostrophe before what would be a formula (OWASP, CSV injection).</summary>
    public static string Cell(string? text)
    {
        text ??= "";
        if (text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r') text = "'" + text;
        return text.AsSpan().IndexOfAny(";\"\r\n,") < 0 ? text : "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
    }

    /// <summary>Splits into rows of cells, with the number of the line on which each begins. Empty lines are left out.</summary>
    private static List<(int Number, List<string> Cells)> Rows(string text, FieldErrors errors)
    {
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var first = end < 0 ? text : text[..end];
        var separator = first.Contains(';', StringComparison.Ordinal) ? ';' : ',';
        var rows = new List<(int, List<string>)>();
        var (line, begins, cells, cell, quoted) = (1, 1, new List<string>(), new StringBuilder(), false);
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : '\n';
            if (quoted && i < text.Length)
            {
                if (c == '"' && i + 1 < text.Length && text[i + 1] == '"') cell.Append(text[i++]);
                else if (c == '"') quoted = false;
                else cell.Append(c);
                if (c == '\n') line++;
                continue;
            }

            if (c == '"' && cell.Length == 0)
            {
                quoted = true;
            }
            else if (c == separator)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else if (c == '\n')
            {
                cells.Add(cell.ToString());
                cell.Clear();
                if (cells.Count > 1 || cells[0].Trim().Length > 0) rows.Add((begins, cells));
                (cells, begins) = ([], ++line);
            }
            else if (c != '\r')
            {
                cell.Append(c);
            }
        }

        if (quoted) errors.Add($"line {(rows.Count > 0 ? rows[^1].Item1 : 1)}", "a quotation mark is opened and never closed");
        return rows;
    }
}
