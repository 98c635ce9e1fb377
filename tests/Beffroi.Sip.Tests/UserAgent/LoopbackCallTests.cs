// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Timers;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>The same call over real UDP sockets and the real clock: the layers fit together.</summary>
public sealed class LoopbackCallTests
{
    [Fact]
    public async Task A_call_over_real_sockets_rings_is_answered_and_ended()
    {
        await using var alice = new Phone();
        await using var bob = new Phone();
        await alice.StartAsync();
        await bob.StartAsync();
        var answered = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        bob.Core.WhenInvited = invite =>
        {
            var ear = bob.Core.Take(invite);
            ear.Acts = (word, session) =>
            {
                if (word == "ack") session.End();
            };
            ear.Session.Progress(180);
            ear.Session.Answer(CallBed.Answer);
        };
        var caller = new Ear
        {
            Acts = (word, _) =>
            {
                if (word == "accepted") answered.TrySetResult();
                if (word.StartsWith("ended", StringComparison.Ordinal)) ended.TrySetResult();
            },
        };
        alice.Stack.Invite(new OutboundInvite
        {
            Target = bob.Uri("bob"),
            From = new NameAddress(alice.Uri("alice")),
            To = new NameAddress(bob.Uri("bob")),
            Sdp = CallBed.Offer,
        }, caller);

        await answered.Task.WaitAsync(TestTimeouts.InProcess);
        await ended.Task.WaitAsync(TestTimeouts.InProcess);
        Assert.Equal("180 accepted ended-Bye", caller.Story);
        Assert.Equal(0, alice.Stack.Sessions);
    }

    [Fact]
    public async Task Many_threads_may_use_one_session_and_its_listener_hears_one_thing_at_a_time()
    {
        const int Threads = 4, Each = 20;
        await using var alice = new Phone();
        await using var bob = new Phone();
        await alice.StartAsync();
        await bob.StartAsync();
        var heard = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        var infos = 0;
        bob.Core.WhenInvited = invite =>
        {
            var ear = bob.Core.Take(invite);
            ear.Acts = (word, _) =>
            {
                if (word == "info" && ++infos == Threads * Each) heard.TrySetResult();
            };
            ear.Session.Answer(CallBed.Answer);
        };
        var answered = new TaskCompletionSource();
        var caller = new Ear
        {
            Acts = (word, _) =>
            {
                if (word == "accepted") answered.TrySetResult();
                if (word.StartsWith("ended", StringComparison.Ordinal)) ended.TrySetResult();
            },
        };
        var session = alice.Stack.Invite(new OutboundInvite { Target = bob.Uri("bob"), From = new NameAddress(alice.Uri("alice")), To = new NameAddress(bob.Uri("bob")), Sdp = CallBed.Offer }, caller);
        await answered.Task.WaitAsync(TestTimeouts.InProcess);
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                session.SendInfo("application/dtmf-relay", CallBed.Offer);
                Assert.NotNull(session.Snapshot());
            }
        })));
        await heard.Task.WaitAsync(TestTimeouts.InProcess);
        session.End();
        await ended.Task.WaitAsync(TestTimeouts.InProcess);
        Assert.Empty(caller.Faults);
        Assert.Empty(bob.Core.LastEar.Faults);
    }

    /// <summary>A stack on its own loopback port.</summary>
    private sealed class Phone : IAsyncDisposable, ISipResolver
    {
        private readonly SipTransportLayer _transports = new(
            new SipTransportOptions { Listen = [new SipListenOptions { Transport = SipTransportKind.Udp, Address = "127.0.0.1", Port = 0 }] },
            TimeProvider.System, NullLoggerFactory.Instance);
        private readonly TimingWheel _wheel = new(TimeProvider.System);

        internal Phone() => Stack = new SipStack(new SipStackOptions(), _transports, this, _wheel, TimeProvider.System, NullLoggerFactory.Instance) { Core = Core };

        internal SipStack Stack { get; }
        internal RecordingCore Core { get; } = new();

        internal SipUri Uri(string user) => SipUri.Of(user, "127.0.0.1", _transports.ListenPoints[0].Port);

        internal async Task StartAsync()
        {
            await _transports.StartAsync(Stack, CancellationToken.None);
            _wheel.StartThread();
        }

        public ValueTask<IReadOnlyList<SipTarget>> ResolveAsync(SipUri uri, CancellationToken stop) =>
            ValueTask.FromResult<IReadOnlyList<SipTarget>>([new SipTarget(SipTransportKind.Udp, new IPEndPoint(IPAddress.Parse(uri.Host), uri.Port))]);

        public async ValueTask DisposeAsync()
        {
            await _transports.DisposeAsync();
            await Stack.DisposeAsync();
            _wheel.Dispose();
        }
    }
}
