// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using BenchmarkDotNet.Attributes;
using Beffroi.Sip.Authentication;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Bench.Micro;

/// <summary>What a registration costs above its transaction: challenge, verification, bindings.</summary>
[MemoryDiagnoser]
public class DigestBenchmarks : IDigestSecrets
{
    private const string Realm = "saint-aubin.example";
    private readonly DigestAuthenticator _server = new(TimeProvider.System, new DigestOptions());
    private readonly RegistrarOptions _options = new();
    private readonly List<SipHeader> _challenges = [];
    private byte[] _ha1 = [];
    private SipMessage _register = null!;
    private SipMessage _plain = null!;

    [Params(DigestAlgorithm.Md5, DigestAlgorithm.Sha256, DigestAlgorithm.Sha512_256)]
    public DigestAlgorithm Algorithm { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _ha1 = Encoding.ASCII.GetBytes(DigestHa1.Compute("1017", Realm, "secret", Algorithm));
        _plain = SipMessage.Own(Samples.Register());
        _server.AddChallenges(_challenges, false, Realm, false, Algorithm);
        var challenge = SipMessage.Own(SipResponses.Write(_plain, 401, null, "t", _challenges.ToArray()));
        DigestClient.TryAuthorize(challenge, "REGISTER", "sip:saint-aubin.example", "1017", "secret", out var authorization);
        _register = SipMessage.Own(Samples.Register(authorization.Value));
    }

    /// <summary>Every step of a good verification; from the second time on the count is a replay, which costs the same.</summary>
    [Benchmark]
    public DigestVerdict Verify() => _server.Verify(_register, false, this);

    [Benchmark]
    public int Challenge()
    {
        _challenges.Clear();
        _server.AddChallenges(_challenges, false, Realm, false, Algorithm);
        return _challenges.Count;
    }

    [Benchmark]
    public RegistrarOutcome Bind() => Registrar.Apply([], _plain, null, TimeProvider.System.GetUtcNow(), _options);

    public bool TryGetHa1(string username, string realm, DigestAlgorithm algorithm, Span<byte> ha1Hex)
    {
        _ha1.CopyTo(ha1Hex);
        return true;
    }
}
