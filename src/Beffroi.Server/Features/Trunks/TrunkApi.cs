// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json.Serialization;
using Beffroi.Calls;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Live;
using Beffroi.Server.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.Trunks;

/// <summary>A trunk to add or change.</summary>
/// <param name="AnswerWithinSeconds">Within which the operator must answer a call at all (100 Trying will do) before the next trunk is tried, 1 to 32; 0: 32.</param>
/// <param name="InternalFor">The organisation whose internal numbers calls in may reach: the trunk leads to another PBX of the town. null: direct numbers alone.</param>
/// <param name="Secret">Kept sealed and never shown; left out of a change, the old one stays; empty, there is none.</param>
public sealed record TrunkRequest(string Name, TrunkKind Kind, string Host, int Port = 0, TrunkTransport Transport = TrunkTransport.Udp, string Domain = "", int Order = 0, string Username = "", string? Secret = null,
    IReadOnlyList<string>? InboundAddresses = null, bool InboundDigest = false, int ChannelLimit = 0, IReadOnlyList<string>? Codecs = null, TrunkNumberFormat NumberFormat = TrunkNumberFormat.E164,
    string PresentedNumber = "", int OptionsPingSeconds = 30, int RegisterSeconds = 600, bool Enabled = true, int AnswerWithinSeconds = 4,
    Guid? InternalFor = null, int? Version = null);

/// <summary>A trunk and how it fares.</summary>
public sealed record TrunkView(Trunk Trunk, bool HasSecret, TrunkState State, int Channels);

/// <summary>Trunks: the ways to and from the public network.</summary>
internal static class TrunkApi
{
    private static readonly string[] KnownCodecs = ["PCMA", "PCMU", "G722", "OPUS"];

    internal static void Map(WebApplication app)
    {
        var trunks = app.MapApi("trunks", "Trunks");
        trunks.MapGet("", List).Needs(Access.ReadAll);
        trunks.MapGet("{id:guid}", Get).Needs(Access.ReadAll);
        trunks.MapPost("", Add).Needs(Access.AdministerAll);
        trunks.MapPut("{id:guid}", Edit).Needs(Access.AdministerAll);
        trunks.MapDelete("{id:guid}", Remove).Needs(Access.AdministerAll);
        trunks.MapPost("{id:guid}/test", Test).Needs(Access.AdministerAll);
    }

    /// <summary>Lists the trunks in their order, with how they fare and the calls on them.</summary>
    internal static Ok<IReadOnlyList<TrunkView>> List(TrunkStore trunks) =>
        TypedResults.Ok<IReadOnlyList<TrunkView>>([.. trunks.Current.All.Select(t => View(trunks, t))]);

    /// <summary>Shows a trunk, how it fares and the calls on it.</summary>
    internal static Results<Ok<TrunkView>, ProblemHttpResult> Get(Guid id, TrunkStore trunks) =>
        trunks.Current.TryGet(id, out var trunk) ? TypedResults.Ok(View(trunks, trunk)) : TrunkStore.NoSuchTrunk.ToProblem();

    /// <summary>Adds a trunk.</summary>
    internal static async Task<Results<Created<TrunkView>, ProblemHttpResult>> Add(TrunkRequest request, Caller caller, TrunkStore trunks, IDirectory directory, CancellationToken stop)
    {
        if (Check(request, directory.Current).Refused(out var wrong)) return wrong.ToProblem();
        var outcome = await trunks.AddAsync(caller, change => Fill(trunks, new Trunk { Id = Guid.CreateVersion7(change.Now), Name = "", Kind = request.Kind, Host = "", Transport = request.Transport }, request), stop);
        return outcome.Succeeded(out var trunk, out var refusal) ? TypedResults.Created($"/api/v1/trunks/{trunk.Id}", View(trunks, trunk)) : refusal.ToProblem();
    }

    /// <summary>Changes a trunk. Calls on it go on.</summary>
    internal static async Task<Results<Ok<TrunkView>, ProblemHttpResult>> Edit(Guid id, TrunkRequest request, Caller caller, TrunkStore trunks, IDirectory directory, CancellationToken stop)
    {
        if (Check(request, directory.Current).Refused(out var wrong)) return wrong.ToProblem();
        var outcome = await trunks.EditAsync(caller, id, request.Version, before => Fill(trunks, before, request), stop);
        return outcome.Succeeded(out var trunk, out var refusal) ? TypedResults.Ok(View(trunks, trunk)) : refusal.ToProblem();
    }

    /// <summary>Removes a trunk. Calls on it go on to their end.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Caller caller, TrunkStore trunks, CancellationToken stop) =>
        (await trunks.RemoveAsync(caller, id, stop)).ToNoContent();

    /// <summary>Tries the trunk on the wire and says what came of it, step by step. No call is placed.</summary>
    internal static async Task<Results<Ok<TrunkTestResult>, ProblemHttpResult>> Test(Guid id, Caller caller, TrunkStore trunks, IServiceProvider services, AuditTrail audit, CancellationToken stop)
    {
        if (!trunks.Current.TryGet(id, out var trunk)) return TrunkStore.NoSuchTrunk.ToProblem();
        if (services.GetService<ITrunkTester>() is not { } tester)
            return new Refusal("trunks.no-sip", RefusalKind.Unavailable, 503, "SIP is not running here.").ToProblem();
        var result = await tester.TestAsync(trunk, stop);
        audit.Note(caller, "trunks.tested", id, trunk.Name, result);
        return TypedResults.Ok(result);
    }

    internal static TrunkView View(TrunkStore trunks, Trunk trunk) => new(trunk, trunk.SealedSecret.Length > 0, trunks.StateOf(trunk.Id), trunks.Channels(trunk.Id));

    private static Trunk Fill(TrunkStore trunks, Trunk trunk, TrunkRequest request) => trunk with
    {
        Name = request.Name.Trim(),
        Kind = request.Kind,
        Host = request.Host.Trim(),
        Port = request.Port,
        Transport = request.Transport,
        Domain = request.Domain.Trim(),
        Order = request.Order,
        Username = request.Username.Trim(),
        SealedSecret = request.Secret switch { null => trunk.SealedSecret, "" => [], var secret => trunks.Seal(trunk.Id, secret) },
        InboundAddresses = [.. (request.InboundAddresses ?? []).Select(a => a.Trim())],
        InboundDigest = request.InboundDigest,
        ChannelLimit = request.ChannelLimit,
        Codecs = [.. (request.Codecs ?? ["PCMA", "PCMU"]).Select(c => c.Trim().ToUpperInvariant())],
        NumberFormat = request.NumberFormat,
        PresentedNumber = request.PresentedNumber.Trim(),
        OptionsPingSeconds = request.OptionsPingSeconds,
        RegisterSeconds = request.RegisterSeconds,
        Enabled = request.Enabled,
        AnswerWithinSeconds = request.AnswerWithinSeconds,
        InternalFor = request.InternalFor,
    };

    private static FieldErrors Check(TrunkRequest request, DirectorySnapshot directory)
    {
        var errors = new FieldErrors().Text("name", request.Name, 80).Text("host", request.Host, 255).Text("domain", request.Domain, 255, required: false)
            .Text("username", request.Username, 120, required: false).Text("secret", request.Secret, 200, required: false)
            .Check("host", Uri.CheckHostName(request.Host?.Trim().Trim('[', ']')) != UriHostNameType.Unknown, "must be a host name or an address")
            .Range("port", request.Port, 0, 65535).Range("order", request.Order, 0, 1000).Range("channelLimit", request.ChannelLimit, 0, 100_000)
            .Range("optionsPingSeconds", request.OptionsPingSeconds, 0, 3600).Range("registerSeconds", request.RegisterSeconds, 30, 86_400).Range("answerWithinSeconds", request.AnswerWithinSeconds, 0, 32)
            .Check("username", request.Kind != TrunkKind.Registering || !string.IsNullOrWhiteSpace(request.Username), "is needed to register")
            .Check("username", !request.InboundDigest || !string.IsNullOrWhiteSpace(request.Username), "is needed for calls in to authenticate with")
            .Check("username", !request.InboundDigest || !directory.TryDevice(request.Username?.Trim() ?? "", out _), "is the SIP name of a telephone here: calls in with it are the telephone's")
            .Check("internalFor", request.InternalFor is not { } organisation || directory.Organisations.ContainsKey(organisation), "is no organisation")
            .Check("presentedNumber", request.PresentedNumber.Length == 0 || (request.PresentedNumber.Length is >= 8 and <= 16 && request.PresentedNumber[0] == '+' && request.PresentedNumber.Skip(1).All(char.IsAsciiDigit)), "must be E.164: + and digits");
        foreach (var address in request.InboundAddresses ?? [])
            errors.Check("inboundAddresses", TrunksSnapshot.IsNetwork(address.Trim()), $"\"{address}\" is neither an address nor a network such as 192.0.2.0/24");
        foreach (var codec in request.Codecs ?? [])
            errors.Check("codecs", KnownCodecs.Contains(codec.Trim().ToUpperInvariant()), $"\"{codec}\" is not one of {string.Join(", ", KnownCodecs)}");
        return errors;
    }
}

/// <summary>Plugs in trunks.</summary>
public static class TrunksSetup
{
    public static void AddTrunks(this WebApplicationBuilder builder)
    {
        builder.Services.AddSchema<TrunksSchema>();
        builder.Services.AddLoaded<TrunkStore>();
        builder.Services.AddSingleton<ITrunks>(services => services.GetRequiredService<TrunkStore>());
        builder.Services.AddHostedService<TrunkEvents>();
        builder.Services.AddLive<TrunksLive>();
        builder.Services.AddMetrics<TrunksLive>();
        builder.Services.AddHealth<TrunksLive>();
        builder.Services.AddJson(TrunksJson.Default);
    }

    public static void MapTrunks(this WebApplication app) => TrunkApi.Map(app);
}

[JsonSerializable(typeof(TrunkRequest))]
[JsonSerializable(typeof(IReadOnlyList<TrunkView>))]
[JsonSerializable(typeof(TrunkTestResult))]
[JsonSerializable(typeof(Trunk))]
internal sealed partial class TrunksJson : JsonSerializerContext;
