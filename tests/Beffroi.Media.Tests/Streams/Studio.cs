// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using Beffroi.Media.Streams;
using Beffroi.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Beffroi.Media.Tests.Streams;

/// <summary>One engine on the loopback network, with phones made of plain sockets.</summary>
internal sealed class Studio : IDisposable
{
    internal static readonly RtpFormat Pcma = new(8, "PCMA", 8000);
    internal static readonly RtpFormat Pcmu = new(0, "PCMU", 8000);
    internal static readonly RtpFormat G722 = new(9, "G722", 8000);
    internal static readonly RtpFormat Noise = new(13, "CN", 8000);
    private readonly List<IDisposable> _phones = [];
    private readonly List<MediaLeg> _legs = [];

    internal Studio(TimeProvider? time = null, int threads = 1, Action<MediaOptions>? adjust = null)
    {
        Time = time ?? TimeProvider.System;
        var first = FreePorts.NextRange(200);
        var options = new MediaOptions
        {
            Address = IPAddress.Loopback,
            Address6 = IPAddress.IPv6Loopback,
            FirstPort = first,
            LastPort = first + 199,
            Threads = threads,
            MediaTimeout = TimeSpan.FromSeconds(30),
        };
        adjust?.Invoke(options);
        Engine = new MediaEngine(options, Time, NullLoggerFactory.Instance);
    }

    internal TimeProvider Time { get; }

    internal MediaEngine Engine { get; }

    internal static RtpFormat Events(int type = 101) => new(type, "telephone-event", 8000, FormatParameters: "0-16");

    /// <summary>A phone in a call with the engine, its formats negotiated as given.</summary>
    internal Phone Phone(params RtpFormat[] formats) => Phone(line => line with { Formats = [.. formats] });

    internal Phone Phone(Func<StreamParameters, StreamParameters> adjust, AddressFamily family = AddressFamily.InterNetwork)
    {
        var phone = NewPhone(family);
        phone.Negotiate(adjust);
        return phone;
    }

    /// <summary>A phone whose leg has no parameters yet.</summary>
    internal Phone NewPhone(AddressFamily family = AddressFamily.InterNetwork)
    {
        var heard = new HeardEvents();
        Assert.True(Engine.TryCreateLeg(heard, family, out var leg));
        var phone = new Phone(leg, heard, family == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback);
        _phones.Add(phone);
        _legs.Add(leg);
        return phone;
    }

    internal (Phone Alice, Phone Bob) Call(params RtpFormat[] formats)
    {
        var (alice, bob) = (Phone(formats), Phone(formats));
        alice.Leg.Bridge(bob.Leg);
        Settle();
        return (alice, bob);
    }

    /// <summary>Until every thread has done all that was asked and read all that was sent. A leg that moves makes one thread ask another, so it is over when a whole round finds nothing new.</summary>
    internal void Settle()
    {
        long before;
        do
        {
            before = Done;
            foreach (var thread in Engine.Threads) Measure(thread);
        }
        while (Done != before);
    }

    private long Done => Engine.Threads.Sum(thread => thread.Counters.Commands + thread.Counters.PacketsReceived);

    internal static long Measure(MediaThread thread)
    {
        using var measure = new ThreadMeasure();
        thread.Post(new MediaCommand(MediaVerb.Measure, null, measure));
        Assert.True(measure.Wait(TestTimeouts.InProcess));
        return measure.AllocatedBytes;
    }

    /// <summary>Moves a manual clock on in steps of a packet, waiting for the threads at each.</summary>
    internal void Pass(TimeSpan time)
    {
        var clock = (ManualTime)Time;
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(20))
        {
            clock.Advance(TimeSpan.FromMilliseconds(20));
            Settle();
        }
    }

    internal void PassMs(int milliseconds) => Pass(TimeSpan.FromMilliseconds(milliseconds));

    internal long Dropped(DropReason reason) => Engine.Counters.Drops[reason];

    public void Dispose()
    {
        foreach (var leg in _legs) leg.Close();
        Settle();
        Assert.Equal(0, Engine.Counters.Faults);
        Engine.Dispose();
        foreach (var phone in _phones) phone.Dispose();
    }
}
