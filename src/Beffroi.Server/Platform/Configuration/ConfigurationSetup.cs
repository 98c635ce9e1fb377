// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Platform.Configuration;

/// <summary>Where the configuration comes from: beffroi.json, then BEFFROI_ variables, then the command line; the later one wins.</summary>
public static class ConfigurationSetup
{
    /// <summary>Variables with the prefix that belong to the <c>beffroi</c> command, not to the server.</summary>
    private static readonly string[] ClientVariables = ["URL", "TOKEN", "Config"];

    /// <summary>A builder that has read the configuration and holds <see cref="Settings"/> and <see cref="ServerSettings"/>.</summary>
    /// <exception cref="SettingsException">The configuration cannot be read, or a shared value cannot be used.</exception>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(ConfigurationSetup).Assembly.GetName().Name,
            EnvironmentName = Environments.Production,
            // Or a thread would watch every file below the working directory, and wake for each write of the store.
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "Information", ["Logging:LogLevel:Microsoft"] = "Warning" });
        var named = Environment.GetEnvironmentVariable("BEFFROI_Config");
        var file = Path.GetFullPath(string.IsNullOrEmpty(named) ? "beffroi.json" : named);
        if (!string.IsNullOrEmpty(named) && !File.Exists(file)) throw new SettingsException($"There is no file {file}, which BEFFROI_Config names: make it, or take BEFFROI_Config away.");
        try
        {
            builder.Configuration.AddJsonFile(file, optional: true, reloadOnChange: false);
        }
        catch (Exception wrong) when (wrong is InvalidDataException or FormatException)
        {
            throw new SettingsException($"The file {file} is not valid JSON: {(wrong.InnerException?.Message ?? wrong.Message).ReplaceLineEndings(" ")}");
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"The file {file} cannot be read: give this user the right to read it.");
        }

        builder.Configuration.AddInMemoryCollection(FromEnvironment());
        builder.Configuration.AddInMemoryCollection(FromCommandLine(args));
        builder.WebHost.UseKestrelHttpsConfiguration();
        var settings = new Settings(builder.Configuration);
        builder.Services.AddSingleton(settings);
        var server = ServerSettings.Read(settings);
        // The endpoints are put on Kestrel in code, with those of SIP: its own reading of Urls would only warn of that.
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "");
        builder.Services.AddSingleton(server);
        builder.Services.AddSingleton(TimeProvider.System);
        return builder;
    }

    /// <summary>The settings while building; each <c>Add...</c> reads its keys through this.</summary>
    public static Settings Settings(this WebApplicationBuilder builder) => Instance<Settings>(builder);

    /// <summary>The shared settings while building.</summary>
    public static ServerSettings Server(this WebApplicationBuilder builder) => Instance<ServerSettings>(builder);

    private static T Instance<T>(WebApplicationBuilder builder) where T : class =>
        (T)builder.Services.Last(s => s.ServiceType == typeof(T)).ImplementationInstance!;

    private static Dictionary<string, string?> FromEnvironment()
    {
        var found = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
            if (variable.Key is string name && name.StartsWith("BEFFROI_", StringComparison.Ordinal) && !ClientVariables.Contains(name[8..]))
                found[name[8..].Replace("__", ":", StringComparison.Ordinal)] = variable.Value as string;
        return found;
    }

    private static Dictionary<string, string?> FromCommandLine(string[] args)
    {
        var found = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < args.Length; i++)
        {
            var arg = args[i];
            if (!arg.StartsWith("--", StringComparison.Ordinal)) throw new SettingsException($"The argument \"{arg}\" is not understood: settings are given as --Key=value.");
            var split = arg.IndexOf('=', StringComparison.Ordinal);
            if (split > 2) found[arg[2..split]] = arg[(split + 1)..];
            else if (split < 0 && i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal)) found[arg[2..]] = args[++i];
            else throw new SettingsException($"The argument \"{arg}\" has no value: write {arg.TrimEnd('=')}=value.");
        }

        return found;
    }
}
