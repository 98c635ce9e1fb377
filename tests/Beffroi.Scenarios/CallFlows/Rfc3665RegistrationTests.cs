// SPDX-License-Identifier: EUPL-1.2
using Xunit;

namespace Beffroi.Scenarios.CallFlows;

/// <summary>The registrations of RFC 3665 §2, as a telephone sees them. Each figure has a person of its own.</summary>
[Collection(nameof(Figures))]
public sealed class Rfc3665RegistrationTests(CallFlowTown town)
{
    private const string AtDesk = "Contact: <sip:desk@[local_ip]:5091>", AtHome = "Contact: <sip:home@[local_ip]:5092>";
    private const string DeskIsListed = "Contact: <sip:desk@127.0.0.1:5091>;.*expires=[0-9]+", HomeIsListed = "Contact: <sip:home@127.0.0.1:5092>;.*expires=[0-9]+";

    /// <summary>§2.1: REGISTER, 401 with a challenge, REGISTER with credentials, 200 with the contact and its time.</summary>
    [Fact]
    public Task Figure_2_1_a_new_registration_is_challenged_and_taken() => town.PlayAsync(Registered(10));

    /// <summary>§2.2: a second contact by a REGISTER that has its credentials at once; the 200 lists both.</summary>
    [Fact]
    public Task Figure_2_2_a_second_contact_stands_beside_the_first() =>
        town.PlayAsync(Again(Registered(11), $"{AtHome};q=0.5", "Expires: 3600").Gets(200, DeskIsListed, HomeIsListed, "q=0.5"));

    /// <summary>§2.3: a REGISTER without contact changes nothing; the 200 lists what is registered.</summary>
    [Fact]
    public Task Figure_2_3_a_register_without_contact_asks_for_the_list() => town.PlayAsync(Again(Registered(12)).Gets(200, DeskIsListed));

    /// <summary>§2.4: every contact is taken away by "*" and a time of nought; the 200 lists none.</summary>
    [Fact]
    public async Task Figure_2_4_a_registration_is_cancelled()
    {
        await town.PlayAsync(Again(Registered(13), "Contact: *", "Expires: 0").Gets(200, "!Contact:"));
        await town.PlayAsync(Phone(13).SendsAndProves("REGISTER").Gets(200, "!Contact:"));
    }

    /// <summary>§2.5: wrong credentials get 401 with a new challenge, and nothing is registered.</summary>
    [Fact]
    public async Task Figure_2_5_wrong_credentials_are_challenged_again()
    {
        await town.PlayAsync(Phone(14).SendsAndProves("REGISTER", "wrong", null, [AtDesk]).Gets(401, "WWW-Authenticate: Digest .*nonce="));
        await town.PlayAsync(Phone(14).SendsAndProves("REGISTER").Gets(200, "!Contact:"));
    }

    private Column Phone(int person) => Column.Caller(town.Town.Accounts[person], town.Town.Accounts[person].SipUserName);

    private Column Registered(int person) => Phone(person).SendsAndProves("REGISTER", null, AtDesk, "Expires: 3600").Gets(200, DeskIsListed, "!home@");

    private static Column Again(Column phone, params string[] headers) => phone.Proves("REGISTER", phone.Who.SipPassword, null, headers);
}
