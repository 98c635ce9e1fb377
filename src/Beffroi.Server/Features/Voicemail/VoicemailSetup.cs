// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Features.Voicemail.Mail;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Live;
using Beffroi.Server.Platform.Privacy;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Voicemail;

/// <summary>Plugs in voicemail. Settings:
/// <c>Town:Zone</c> (time zone of spoken times; default Europe/Paris), <c>Smtp:*</c> (see <see cref="MailOptions"/>).</summary>
public static class VoicemailSetup
{
    public static void AddVoicemail(this WebApplicationBuilder builder)
    {
        var settings = builder.Settings();
        var data = builder.Server().DataFolder;
        var zone = settings.Text("Town:Zone", "Europe/Paris");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found)) throw Settings.Wrong("Town:Zone", zone, "a time zone such as Europe/Paris or Indian/Reunion");
        var folder = new VoicemailFolder(Path.Combine(data, "voicemail"));
        folder.Make();
        builder.Services.AddSingleton(folder);
        builder.Services.AddSingleton(services => new ContentSeal(services.GetRequiredService<MasterKey>().Derive("beffroi voicemail")));
        builder.Services.AddSingleton(new VoicemailZone(found));
        builder.Services.AddSingleton(MailOptions.Read(settings));
        builder.Services.AddSingleton<IDemoPart, VoicemailDemo>();
        builder.Services.AddSchema<VoicemailSchema>();
        builder.Services.AddLoaded<VoicemailBook>();
        builder.Services.AddSingleton<IVoicemailBoxes>(services => services.GetRequiredService<VoicemailBook>());
        builder.Services.AddLoaded<MessageCounts>();
        builder.Services.AddSingleton<IMessageCounts>(services => services.GetRequiredService<MessageCounts>());
        builder.Services.AddSingleton<VoicemailStore>();
        builder.Services.AddSingleton<INumberContent, BoxHandover>();
        builder.Services.AddSingleton(services => new Lazy<INumberContent>(services.GetRequiredService<INumberContent>));
        builder.Services.AddSingleton<PinLock>();
        builder.Services.AddSingleton<VoicemailParts>();
        builder.Services.AddSingleton<VoicemailScripts>();
        builder.Services.AddSingleton<IVoicemailScripts>(services => services.GetRequiredService<VoicemailScripts>());
        builder.Services.AddSingleton<IFeatureCodeService>(services => services.GetRequiredService<VoicemailScripts>());
        builder.Services.AddHealth<VoicemailHealth>();
        builder.Services.AddHostedService<VoicemailKeeper>();
    }

    public static void MapVoicemail(this WebApplication app) => VoicemailApi.Map(app);
}
