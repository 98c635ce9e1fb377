// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;

namespace Beffroi.Server.Platform.Configuration;

/// <summary>A setting that cannot be used: the start ends with this one sentence, which says what to change.</summary>
public sealed class SettingsException(string sentence) : Exception(sentence);

/// <summary>Typed reading of the configuration while the server is being built. Each part reads its own keys; a key that nobody
/// read by the time of <see cref="StopOnUnknownKeys"/> is unknown and stops the start.</summary>
/// <remarks>Threading: used by the thread that builds the server, before it runs.</remarks>
public sealed class Settings(IConfigurationRoot configuration)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A text; surrounding spaces are dropped; an empty value counts as not set.</summary>
    public string Text(string key, string fallback) => Read(key) ?? fallback;

    /// <summary>A text, or null when not set.</summary>
    public string? Optional(string key) => Read(key);

    /// <summary>One of a few words, in any case; the word is returned as listed.</summary>
    public string OneOf(string key, string fallback, params ReadOnlySpan<string> words)
    {
        var text = Text(key, fallback);
        foreach (var word in words)
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase)) return word;
        throw Wrong(key, text, $"one of {string.Join(", ", words!)}");
    }

    /// <summary>A whole number within bounds.</summary>
    public int Number(string key, int fallback, int least, int most)
    {
        if (Read(key) is not { } text) return fallback;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Wrong(key, text, $"a whole number from {least} to {most}");
    }

    /// <summary>A length of time given in seconds.</summary>
    public TimeSpan Seconds(string key, int fallback, int least, int most) => TimeSpan.FromSeconds(Number(key, fallback, least, most));

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool Flag(string key, bool fallback)
    {
        if (Read(key) is not { } text) return fallback;
        return bool.TryParse(text, out var flag) ? flag : throw Wrong(key, text, "true or false");
    }

    /// <summary>Items separated by semicolons, or a JSON array.</summary>
    public IReadOnlyList<string> List(string key, string fallback)
    {
        foreach (var child in configuration.GetSection(key).GetChildren()) _known.Add(child.Path);
        _known.Add(key);
        var items = configuration.Providers.Reverse().Select(source => ItemsOf(source, key)).FirstOrDefault(found => found is not null) ?? fallback.Split(';');
        return [.. items.Select(i => i.Trim()).Where(i => i.Length > 0)];
    }

    /// <summary>What one source says: a text, or an array. The later source wins as a whole, whichever form each of them has. Null: it says nothing.</summary>
    private static IReadOnlyList<string>? ItemsOf(IConfigurationProvider source, string key)
    {
        if (source.TryGet(key, out var whole) && !string.IsNullOrWhiteSpace(whole)) return whole.Split(';');
        var items = source.GetChildKeys([], key).Select(child => source.TryGet($"{key}:{child}", out var item) ? item ?? "" : "").ToList();
        return items.Count > 0 ? items : null;
    }

    /// <summary>A range of numbers, <c>20000-29999</c>, both ends included.</summary>
    public (int First, int Last) Range(string key, string fallback, int least, int most)
    {
        var text = Text(key, fallback);
        var parts = text.Split('-', StringSplitOptions.TrimEntries);
        if (parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && first >= least && last <= most && first <= last) return (first, last);
        throw Wrong(key, text, $"a range such as {fallback}, within {least}-{most}");
    }

    /// <summary>The sentence for a value that cannot be used.</summary>
    public static SettingsException Wrong(string key, string value, string wanted) =>
        new($"The setting {key} is \"{value}\", but it must be {wanted}: change it in beffroi.json, in the environment (BEFFROI_{key.Replace(":", "__", StringComparison.Ordinal)}) or on the command line (--{key}=...).");

    /// <summary>Ends the start when the configuration holds a key that no part of the server knows.</summary>
    public void StopOnUnknownKeys()
    {
        foreach (var (key, value) in configuration.AsEnumerable())
        {
            if (value is null || _known.Contains(key) || key.StartsWith("Logging:", StringComparison.OrdinalIgnoreCase)) continue;
            var near = _known.OrderBy(k => Distance(k, key)).FirstOrDefault();
            throw new SettingsException($"There is no setting {key}: remove it" + (near is null ? "." : $", or did you mean {near}?"));
        }
    }

    private string? Read(string key)
    {
        _known.Add(key);
        var text = configuration[key]?.Trim();
        return string.IsNullOrEmpty(text) ? null : text;
    }

    /// <summary>Edit distance without case (Levenshtein), to offer the key that was meant.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var corner = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = corner + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                corner = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
