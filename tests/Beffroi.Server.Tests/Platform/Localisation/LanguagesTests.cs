// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Localisation;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Localisation;

public sealed class LanguagesTests
{
    [Theory]
    [InlineData("", "", "fr")]
    [InlineData("", "en-GB,fr;q=0.5", "en")]
    [InlineData("", "de,fr;q=0.9,en;q=0.8", "fr")]
    [InlineData("", "de", "fr")]
    [InlineData("", "en;q=0,fr;q=0.1", "fr")]
    [InlineData("", ";;=,", "fr")]
    [InlineData("?lang=en", "fr", "en")]
    [InlineData("?lang=xx", "en", "en")]
    public void French_comes_first_unless_another_language_of_ours_is_wanted(string query, string accept, string language)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new(query);
        context.Request.Headers.AcceptLanguage = accept;
        Assert.Equal(language, Languages.Of(context.Request));
    }
}
