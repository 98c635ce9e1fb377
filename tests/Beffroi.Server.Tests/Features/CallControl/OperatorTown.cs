// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>One town for many operators: each has an address of its own in 127/8, each person a telephone and a direct number.</summary>
/// <remarks>Threading: one test at a time.</remarks>
public sealed class OperatorTown : IAsyncLifetime
{
    private int _people;
    private int _operators;

    internal CallingTown Town { get; private set; } = null!;

    internal ITrunks Trunks => Town.Server.Service<ITrunks>();

    public async Task InitializeAsync() => Town = await CallingTown.OpenAsync();

    public async Task DisposeAsync() => await Town.DisposeAsync();

    /// <summary>The direct number of a telephone, as it is dialled in France.</summary>
    internal static string DirectOf(Phone phone) => $"01990030{phone.Number[1..]}";

    internal static SipUri At(CallingTown town, string user) => SipUri.Of(user, "127.0.0.1", town.Sip.Port);

    internal static DigestCredentials Account(string name) => new(name, $"the secret of {name}");

    internal Task<Phone> PhoneAsync() => PhoneAsync(Town, ++_people);

    internal Task<Operator> OperatorAsync(DigestCredentials? account = null, bool challengesCalls = false) => Operator.StartAsync(NextAddress(), account: account, challengesCalls: challengesCalls);

    /// <summary>A telephone that no trunk is known by.</summary>
    internal Task<Phone> StrangerAsync(string number = "0612345678") => Phone.StartAsync(number, NextAddress());

    internal string NextAddress() => string.Create(CultureInfo.InvariantCulture, $"127.0.1.{++_operators}");

    internal Task<TrunkInUse> TrunkAsync(Operator peer, params (string Name, object Value)[] settings) => TrunkAsync(Town, peer, settings);

    internal static async Task<Phone> PhoneAsync(CallingTown town, int person)
    {
        var phone = await town.RegisteredAsync(string.Create(CultureInfo.InvariantCulture, $"2{person:00}"));
        await town.Server.Administrator.PostAsync(
            "/api/v1/direct-numbers", new { organisationId = town.Organisation, number = DirectOf(phone), label = phone.Number, destination = new { kind = "Number", target = phone.Number } });
        return phone;
    }

    internal static async Task<TrunkInUse> TrunkAsync(CallingTown town, Operator peer, params (string Name, object Value)[] settings)
    {
        var trunk = new Dictionary<string, object>
        {
            ["name"] = $"trunk {peer.Address}",
            ["kind"] = "static",
            ["host"] = peer.Address.Address.ToString(),
            ["port"] = peer.Address.Port,
            ["optionsPingSeconds"] = 0,
            ["presentedNumber"] = "+33199001000",
        };
        foreach (var (name, value) in settings) trunk[name] = value;
        return new TrunkInUse(town.Server.Administrator, trunk, (await town.Server.Administrator.PostAsync("/api/v1/trunks", trunk)).GetProperty("trunk").Id());
    }
}

/// <summary>A trunk that is there for one test.</summary>
internal sealed class TrunkInUse(Api api, Dictionary<string, object> settings, string id) : IAsyncDisposable
{
    public Guid Id { get; } = Guid.Parse(id);

    public Task ChangeAsync(string name, object value)
    {
        settings[name] = value;
        return api.PutAsync($"/api/v1/trunks/{id}", settings);
    }

    public async ValueTask DisposeAsync() => await api.DeleteAsync($"/api/v1/trunks/{id}");
}
