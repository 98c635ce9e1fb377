// SPDX-License-Identifier: EUPL-1.2
using Microsoft.Net.Http.Headers;

namespace Beffroi.Server.Platform.Localisation;

/// <summary>The languages we speak: French first, English complete.</summary>
public static class Languages
{
    public const string Default = "fr";

    public static IReadOnlyList<string> All { get; } = [Default, "en"];

    /// <summary>What a request wants: <c>?lang=</c>, else the preferred one of <c>Accept-Language</c> (RFC 9110 §12.5.4) that we speak, else French.</summary>
    public static string Of(HttpRequest request)
    {
        if (request.Query["lang"].ToString() is var asked && All.Contains(asked)) return asked;
        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptLanguage, out var wishes)) return Default;
        return wishes.Where(w => w.Quality != 0).OrderByDescending(w => w.Quality ?? 1)
            .Select(w => All.FirstOrDefault(l => w.Value.StartsWith(l, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(l => l is not null) ?? Default;
    }
}
