// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Scenarios;

/// <summary>A line of demo-accounts.csv.</summary>
public sealed record DemoAccount(string Extension, string SipUserName, string SipPassword, string Login, string Password, string Name, string Role, string Site)
{
    public const string Header = "extension;sip_username;sip_password;login;password;name;role;site";

    public static IReadOnlyList<DemoAccount> Read(string file)
    {
        var lines = File.ReadAllLines(file);
        if (lines.Length == 0 || lines[0] != Header) throw new InvalidDataException($"{file} does not begin with {Header}");
        return [.. lines.Skip(1).Select(line => line.Split(';')).Select(f => new DemoAccount(f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7]))];
    }
}
