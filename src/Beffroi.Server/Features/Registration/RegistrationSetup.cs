// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Registration.Contract;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Live;
using Beffroi.Server.Platform.Storage;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.Registration;

/// <summary>One binding as the API shows it.</summary>
/// <param name="Contact">Host and port the device gave.</param>
/// <param name="Source">Transport and address it registered from last; null where they were never known.</param>
public sealed record RegistrationView(Guid Device, string SipUsername, string Extension, string Name, string Contact, string? Source, string? UserAgent, DateTimeOffset Expires);

/// <summary>Plugs in registrations.</summary>
public static class RegistrationSetup
{
    public static void AddRegistration(this WebApplicationBuilder builder)
    {
        var settings = builder.Settings();
        var options = new RegistrarOptions
        {
            MinExpires = settings.Seconds("Registration:MinExpires", 60, 1, 3600),
            MaxExpires = settings.Seconds("Registration:MaxExpires", 3600, 60, 86_400),
            DefaultExpires = settings.Seconds("Registration:DefaultExpires", 3600, 60, 86_400),
            MostBindings = settings.Number("Registration:MostBindings", 10, 1, 100),
        };
        if (options.MinExpires > options.DefaultExpires || options.DefaultExpires > options.MaxExpires)
            throw new SettingsException($"Registration:MinExpires ({options.MinExpires.TotalSeconds} s), Registration:DefaultExpires ({options.DefaultExpires.TotalSeconds} s) and Registration:MaxExpires ({options.MaxExpires.TotalSeconds} s) must rise in this order: change one of them.");
        builder.Services.AddSingleton(options);
        builder.Services.AddSchema<RegistrationSchema>();
        builder.Services.AddStateWriter<BindingWriter>();
        builder.Services.AddLoaded<BindingStore>();
        builder.Services.AddSingleton<IRegistrations>(services => services.GetRequiredService<BindingStore>());
        builder.Services.AddHostedService<RegistrationEvents>();
        builder.Services.AddLive<RegistrationLive>();
        builder.Services.AddMetrics<RegistrationLive>();
        builder.Services.AddHealth<RegistrationLive>();
        builder.Services.AddJson(RegistrationJson.Default);
    }

    public static void MapRegistration(this WebApplication app)
    {
        var registrations = app.MapApi("registrations", "Registration");
        registrations.MapGet("", List).Needs(Access.Read);
        registrations.MapDelete("{device:guid}", Remove).Needs(Access.Operate);
    }

    /// <summary>Lists what is registered now.</summary>
    /// <param name="extension">The beginning of the extension's number.</param>
    /// <param name="skip">How many to leave out.</param>
    /// <param name="take">How many to give, 1 to 1000.</param>
    internal static Ok<IReadOnlyList<RegistrationView>> List(Caller caller, BindingStore bindings, IDirectory directory, string extension = "", int skip = 0, int take = 500)
    {
        var now = directory.Current;
        var views = from entry in bindings.All
                    where entry.Bindings.Count > 0
                    let device = now.Devices.GetValueOrDefault(entry.Device)
                    where device is not null && now.Covers(caller.Scope, device)
                    let of = now.ExtensionOf(device)
                    where of.Number.StartsWith(extension, StringComparison.Ordinal)
                    from binding in entry.Bindings
                    orderby of.Number, device.SipUsername
                    select new RegistrationView(device.Id, device.SipUsername, of.Number, now.DisplayName(of), $"{binding.Contact.Host}:{(binding.Contact.Port == 0 ? 5060 : binding.Contact.Port)}",
                        binding.Source is { } source ? $"{source.Kind.ViaToken()} {source.Remote}" : null, binding.UserAgent, binding.Expires);
        return TypedResults.Ok<IReadOnlyList<RegistrationView>>([.. views.Skip(Math.Max(0, skip)).Take(Math.Clamp(take, 1, 1000))]);
    }

    /// <summary>Ends the registrations of a device. It may register again: to keep it out, disable it.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid device, Caller caller, IRegistrations registrations, IDirectory directory, Store store, CancellationToken stop)
    {
        var now = directory.Current;
        if (!now.Devices.TryGetValue(device, out var known) || !now.Covers(caller.Scope, known)) return Problems.NotFound("directory.no-such-device", "device").ToProblem();
        var outcome = await store.ChangeAsync<int>(caller, change =>
        {
            change.Audit("registration.removed", device, known.SipUsername, null, null);
            change.OnSaved(() => registrations.Remove(device));
            return Task.FromResult<Platform.Outcome<int>>(0);
        }, stop);
        return outcome.ToNoContent();
    }
}
