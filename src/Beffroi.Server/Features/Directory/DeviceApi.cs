// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.Directory;

/// <summary>A device to add or change.</summary>
/// <param name="SipUsername">Unique everywhere; left out, it is the extension's number, or that and a few letters when taken. It cannot be changed later.</param>
/// <param name="UnsolicitedMwi">The message-waiting lamp without subscription: for older telephones that never subscribe to it.</param>
public sealed record DeviceRequest(Guid ExtensionId, string Name, DeviceKind Kind = DeviceKind.DeskPhone, string? SipUsername = null, bool Enabled = true, bool UnsolicitedMwi = false, int? Version = null);

/// <summary>A device and its secret, shown this once.</summary>
public sealed record DeviceWithSecret(Device Device, string SipSecret)
{
    /// <summary>Masks the secret.</summary>
    public override string ToString() => Device.ToString();
}

/// <summary>Devices that register.</summary>
internal static class DeviceApi
{
    internal static void Map(WebApplication app)
    {
        var devices = app.MapApi("devices", "Directory");
        devices.MapGet("", List).Needs(Access.Read);
        devices.MapGet("{id:guid}", Get).Needs(Access.Read);
        devices.MapPost("", Add).Needs(Access.Operate);
        devices.MapPut("{id:guid}", Edit).Needs(Access.Operate);
        devices.MapPost("{id:guid}/secret", RenewSecret).Needs(Access.Operate);
        devices.MapDelete("{id:guid}", Remove).Needs(Access.Operate);
    }

    /// <summary>Lists devices.</summary>
    /// <param name="extension">Of this extension only.</param>
    /// <param name="skip">How many to leave out.</param>
    /// <param name="take">How many to give, 1 to 1000.</param>
    internal static Ok<IReadOnlyList<Device>> List(Caller caller, IDirectory directory, Guid? extension = null, int skip = 0, int take = 500)
    {
        var now = directory.Current;
        var found = (extension is { } id ? now.DevicesOf(id) : now.Devices.Values).Where(d => now.Covers(caller.Scope, d)).OrderBy(d => d.SipUsername, StringComparer.Ordinal);
        return TypedResults.Ok<IReadOnlyList<Device>>([.. found.Skip(Math.Max(0, skip)).Take(Math.Clamp(take, 1, 1000))]);
    }

    /// <summary>Shows a device; never its secret.</summary>
    internal static Results<Ok<Device>, ProblemHttpResult> Get(Guid id, Caller caller, DirectoryStore directory) => directory.Find(caller, directory.Current.Devices, id).ToOk();

    /// <summary>Adds a device. Its SIP secret is in this answer and is never shown again.</summary>
    internal static async Task<Results<Created<DeviceWithSecret>, ProblemHttpResult>> Add(DeviceRequest request, Caller caller, DirectoryStore directory, ServerSettings server, CancellationToken stop)
    {
        if (Check(request).Refused(out var wrong)) return wrong.ToProblem();
        var secret = DeviceSecrets.Make();
        var outcome = await directory.AddAsync<Device>(caller, (now, change) =>
        {
            if (!now.Extensions.TryGetValue(request.ExtensionId, out var extension)) return NoSuchExtension;
            var username = request.SipUsername ?? DeviceSecrets.FreeUsername(now, extension.Number);
            if (now.TryDevice(username, out _)) return new Refusal("directory.sip-username-taken", RefusalKind.Conflict, 500, "Another device has that SIP username.");
            return DeviceSecrets.Device(extension, username, request.Name.Trim(), request.Kind, server.Realm, secret, change.Now) with { Enabled = request.Enabled, UnsolicitedMwi = request.UnsolicitedMwi };
        }, stop);
        return outcome.Succeeded(out var device, out var refusal) ? TypedResults.Created($"/api/v1/devices/{device.Id}", new DeviceWithSecret(device, secret)) : refusal.ToProblem();
    }

    /// <summary>Changes a device's name, kind, extension or whether it may register.</summary>
    internal static async Task<Results<Ok<Device>, ProblemHttpResult>> Edit(Guid id, DeviceRequest request, Caller caller, DirectoryStore directory, CancellationToken stop)
    {
        if (Check(request).Refused(out var wrong)) return wrong.ToProblem();
        var outcome = await directory.EditAsync<Device>(caller, directory.Current.Devices, id, request.Version, (before, now, _) =>
        {
            if (!now.Extensions.TryGetValue(request.ExtensionId, out var extension)) return NoSuchExtension;
            if (extension.OrganisationId != before.OrganisationId) return new Refusal("directory.stays-in-organisation", RefusalKind.Conflict, 500, "A device cannot move to another organisation.");
            if (request.SipUsername is not null && request.SipUsername != before.SipUsername)
                return new Refusal("directory.sip-username-stays", RefusalKind.Conflict, 500, "A device's SIP username cannot be changed: its secret is hashed with it. Add another device.");
            return before with { ExtensionId = extension.Id, SiteId = extension.SiteId, Name = request.Name.Trim(), Kind = request.Kind, Enabled = request.Enabled, UnsolicitedMwi = request.UnsolicitedMwi, Version = before.Version + 1 };
        }, stop);
        return outcome.ToOk();
    }

    /// <summary>Makes a new SIP secret; the old one is refused from now on. It is in this answer and is never shown again.</summary>
    internal static async Task<Results<Ok<DeviceWithSecret>, ProblemHttpResult>> RenewSecret(Guid id, Caller caller, DirectoryStore directory, ServerSettings server, CancellationToken stop)
    {
        var secret = DeviceSecrets.Make();
        var outcome = await directory.EditAsync<Device>(caller, directory.Current.Devices, id, null,
            (before, _, change) => DeviceSecrets.With(before, server.Realm, secret, change.Now) with { Version = before.Version + 1 }, stop);
        return outcome.Succeeded(out var device, out var refusal) ? TypedResults.Ok(new DeviceWithSecret(device, secret)) : refusal.ToProblem();
    }

    /// <summary>Removes a device.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Caller caller, DirectoryStore directory, CancellationToken stop) =>
        (await directory.RemoveAsync(caller, directory.Current.Devices, id, (_, _) => null, stop)).ToNoContent();

    private static FieldErrors Check(DeviceRequest request) => new FieldErrors().Text("name", request.Name, 120)
        .Check("sipUsername", request.SipUsername is null || DeviceSecrets.IsUsername(request.SipUsername), "must be 2 to 64 letters, digits, . - or _");

    private static Refusal NoSuchExtension { get; } = new("directory.no-such-extension", RefusalKind.Invalid, 400, "There is no such extension.");
}
