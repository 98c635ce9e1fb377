// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Live;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Emergency;

/// <summary>Plugs in emergency calls. Setting <c>Emergency:Numbers</c>: a JSON file that replaces the shipped list when the law changes before the release does.</summary>
public static class EmergencySetup
{
    private const string Key = "Emergency:Numbers";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static void AddEmergency(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new EmergencyNumbers(builder.Settings().Optional(Key) is { } path ? Read(path) : EmergencyPlan.French));
        builder.Services.AddSingleton<IDemoPart, EmergencyDemo>();
        builder.Services.AddSchema<EmergencySchema>();
        builder.Services.AddLoaded<EmergencyBook>();
        builder.Services.AddSingleton<IEmergency>(services => services.GetRequiredService<EmergencyBook>());
        builder.Services.AddStateWriter<EmergencyAlertWriter>();
        builder.Services.AddLoaded<EmergencyDesk>();
        builder.Services.AddSingleton<ILiveSource>(services => services.GetRequiredService<EmergencyDesk>());
        builder.Services.AddSingleton<INoticeSource>(services => services.GetRequiredService<EmergencyDesk>());
    }

    public static void MapEmergency(this WebApplication app) => EmergencyApi.Map(app);

    /// <exception cref="SettingsException">The file cannot be read or is not a list of numbers with 112 in it.</exception>
    internal static IReadOnlyList<EmergencyNumber> Read(string path)
    {
        try
        {
            var list = JsonSerializer.Deserialize<List<EmergencyNumber>>(File.ReadAllText(path), Json) ?? [];
            if (list.Any(n => n.Number == "112") && list.All(n => n.Number is { Length: >= 2 and <= 10 } && n.Number.All(char.IsAsciiDigit)) && list.DistinctBy(n => n.Number).Count() == list.Count)
                return list;
        }
        catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new SettingsException($"The file of {Key}, {path}, cannot be read as a list of emergency numbers ({cannot.Message}): correct it, or leave the setting out.");
        }

        throw new SettingsException($"The file of {Key}, {path}, must list numbers of 2 to 10 digits, each once, the 112 among them: correct it, or leave the setting out.");
    }
}
