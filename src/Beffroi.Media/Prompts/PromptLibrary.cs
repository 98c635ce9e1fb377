// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using Beffroi.Media.Codecs;
using Microsoft.Extensions.Logging;

namespace Beffroi.Media.Prompts;

/// <summary>Where the prompts are.</summary>
public sealed record PromptOptions
{
    /// <summary>The prompts that came with the program: a folder a language (<c>fr</c>, <c>en</c>), <c>beep.wav</c>, <c>moh/</c>.</summary>
    public required string Folder { get; init; }

    /// <summary>Recordings that replace them, in the same layout; null for none. It need not exist.</summary>
    public string? OverridesFolder { get; init; }

    /// <summary>Sounds kept in memory at most, in bytes; the least recently played go first.</summary>
    public long MemoryLimit { get; init; } = 128L << 20;

    /// <summary>How long a sound is played from memory before its file is looked at again.</summary>
    public TimeSpan RecheckAfter { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>Gives the sound of a prompt by its name and language, replaced ones first; changed files are taken up while running.</summary>
/// <remarks>
/// Always gives something to play: the other language when one is missing, then a short beep. A missing prompt is counted, logged once and told, and ends no call.
/// Threading: any thread but a media thread, for it may read a file and encode it (some ms the first time).
/// </remarks>
public sealed partial class PromptLibrary(PromptOptions options, TimeProvider time, ILogger<PromptLibrary> log)
{
    /// <summary>The name of the shipped music on hold.</summary>
    public const string Carillon = "moh/carillon";

    private static readonly AudioClip ShortBeep = AudioClip.Tone(1000, TimeSpan.FromMilliseconds(200), silenceAfter: TimeSpan.FromMilliseconds(100));
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _byPath = new(StringComparer.Ordinal);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private long _bytes;
    private long _missing;

    /// <summary>Told each time a prompt is found in no language, or is there but unusable: its name and the language asked for. On the caller's thread.</summary>
    public event Action<string, string>? PromptMissing;

    /// <summary>How often that happened.</summary>
    public long MissingCount => Interlocked.Read(ref _missing);

    /// <summary>Names that were asked for in vain since the start or the last <see cref="Reload"/>, at most 1000; some may be there by now.</summary>
    public IReadOnlyList<string> Missed
    {
        get
        {
            lock (_gate) return [.. _told.Select(told => told[(told.IndexOf('/', StringComparison.Ordinal) + 1)..]).Distinct()];
        }
    }

    /// <summary>Bytes of sound in memory now.</summary>
    public long MemoryBytes
    {
        get
        {
            lock (_gate) return _bytes;
        }
    }

    /// <summary>The prompt in <paramref name="language"/>, else in French, else in English, else a short beep. Ready to play in every codec.</summary>
    /// <param name="name">"voicemail-menu", "beep", "moh/carillon": small letters, digits, hyphens and one slash; anything else counts as missing.</param>
    /// <param name="language">"fr", "en"; more, such as "fr-FR", is cut off.</param>
    public AudioClip Find(string name, string language)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(language);
        return TryFind(name, language, out var clip) ? clip : Missing(name, language);
    }

    /// <summary>As <see cref="Find"/>, without the beep: false when the prompt is in no language.</summary>
    public bool TryFind(string name, string language, [NotNullWhen(true)] out AudioClip? clip)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(language);
        clip = null;
        if (!IsName(name)) return false;
        foreach (var path in Places(name, language.Length > 2 ? language[..2] : language))
        {
            clip = Load(path);
            if (clip is not null) return true;
        }
        return false;
    }

    /// <summary>Several prompts said one after the other, such as "you have", "3", "new messages".</summary>
    public AudioClip Phrase(IEnumerable<string> names, string language)
    {
        ArgumentNullException.ThrowIfNull(names);
        return AudioClip.Concat([.. names.Select(name => Find(name, language))]).Prepare();
    }

    /// <summary>Forgets every sound in memory; the files are read anew when next needed.</summary>
    public void Reload()
    {
        lock (_gate)
        {
            _byPath.Clear();
            _told.Clear();
            _bytes = 0;
        }
    }

    private IEnumerable<string> Places(string name, string language)
    {
        string[] languages = IsName(language) ? [.. new[] { language, "fr", "en" }.Distinct(StringComparer.Ordinal)] : ["fr", "en"];
        string[] roots = options.OverridesFolder is { } overrides ? [overrides, options.Folder] : [options.Folder];
        foreach (var folder in languages)
            foreach (var root in roots) yield return Path.Combine(root, folder, name + ".wav");
        foreach (var root in roots) yield return Path.Combine(root, name + ".wav");
    }

    private AudioClip? Load(string path)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (_byPath.TryGetValue(path, out var known) && time.GetElapsedTime(known.CheckedAt, now) < options.RecheckAfter)
            {
                known.UsedAt = now;
                return known.Clip;
            }
        }
        var file = new FileInfo(path);
        var stamp = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        lock (_gate)
        {
            if (_byPath.TryGetValue(path, out var known) && known.Stamp == stamp)
            {
                (known.CheckedAt, known.UsedAt) = (now, now);
                return known.Clip;
            }
        }
        AudioClip? clip = null;
        if (stamp != default && !AudioClip.TryFromWav(path, out clip, out var problem)) Log.PromptUnusable(log, path, problem);
        clip?.Prepare();
        Keep(path, new Entry(clip, stamp, now));
        return clip;
    }

    private void Keep(string path, Entry entry)
    {
        lock (_gate)
        {
            if (_byPath.Remove(path, out var former)) _bytes -= former.Bytes;
            _byPath.Add(path, entry);
            _bytes += entry.Bytes;
            while (_bytes > options.MemoryLimit && _byPath.Count > 1)
            {
                var oldest = _byPath.Where(known => known.Value != entry).MinBy(known => known.Value.UsedAt);
                _bytes -= oldest.Value.Bytes;
                _byPath.Remove(oldest.Key);
            }
        }
    }

    private AudioClip Missing(string name, string language)
    {
        Interlocked.Increment(ref _missing);
        bool first;
        lock (_gate) first = _told.Count < 1000 && _told.Add(language + "/" + name);
        if (first) Log.PromptMissing(log, IsName(name) ? name : "(no prompt name)", IsName(language) ? language : "(no language)");
        PromptMissing?.Invoke(name, language);
        return ShortBeep;
    }

    /// <summary>Nothing that could leave the folder: a-z, 0-9, hyphen, at most one slash inside.</summary>
    private static bool IsName(string name)
    {
        if (name.Length is 0 or > 80 || name[0] == '/' || name[^1] == '/') return false;
        foreach (var c in name)
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '/')) return false;
        return name.Count(c => c == '/') <= 1;
    }

    private sealed class Entry(AudioClip? clip, (DateTime, long) stamp, long now)
    {
        private const int Overhead = 200;

        public AudioClip? Clip { get; } = clip;

        public (DateTime, long) Stamp { get; } = stamp;

        public long Bytes { get; } = (clip?.MemoryBytes ?? 0) + Overhead;

        public long CheckedAt { get; set; } = now;

        public long UsedAt { get; set; } = now;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 2450, Level = LogLevel.Warning, Message = "The prompt {Name} is missing in {Language} and in the other languages: callers hear a beep instead")]
        public static partial void PromptMissing(ILogger log, string name, string language);

        [LoggerMessage(EventId = 2451, Level = LogLevel.Warning, Message = "The prompt {Path} is skipped: {Problem}")]
        public static partial void PromptUnusable(ILogger log, string path, string? problem);
    }
}
