// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Beffroi.Media.Rtp;

namespace Beffroi.Bench.Relay;

/// <summary>Sends G.711 both ways over each call, phases spread, one socket per leg, and measures what comes back.</summary>
internal static class RelayLoad
{
    private const int PacketsPerSecond = 50;

    /// <param name="process">The process under load: see Program.cs.</param>
    internal static void Run(string process, int calls, TimeSpan duration)
    {
        using var engine = Start(process, calls);
        try
        {
            var ports = Enumerable.Range(0, calls).SelectMany(_ => engine.StandardOutput.ReadLine()!.Split(' ')).Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
            using var legs = new Generator(ports);
            legs.Send(TimeSpan.FromSeconds(2));                             // the just-in-time compiler and the latches
            legs.Forget();
            var before = Ask(engine);
            var (user, kernel) = Cpu(engine);
            var start = Stopwatch.GetTimestamp();
            legs.Send(duration);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var (userAfter, kernelAfter) = Cpu(engine);
            var after = Ask(engine);
            Report(calls, legs, seconds, after.Received - before.Received, userAfter - user, kernelAfter - kernel, after.Drops);
        }
        finally
        {
            engine.StandardInput.Close();
            if (!engine.WaitForExit(5000)) engine.Kill();
        }
    }

    private static void Report(int calls, Generator legs, double seconds, long packets, TimeSpan user, TimeSpan kernel, string drops)
    {
        var cpu = user + kernel;
        var delays = legs.Delays;
        delays.Sort();
        double At(double share) => delays.Count == 0 ? 0 : delays[(int)(share * (delays.Count - 1))] * 1000.0 / Stopwatch.Frequency;
        var lost = legs.Sent - delays.Count;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{calls} calls, {seconds:F1} s, {packets} packets relayed ({packets / seconds:F0}/s): {cpu.TotalMicroseconds / packets:F2} us of CPU per packet ({user.TotalMicroseconds / packets:F2} user, {kernel.TotalMicroseconds / packets:F2} kernel), {cpu.TotalSeconds / seconds * 100:F1} % of a core, {cpu.TotalSeconds / seconds * 10000 / calls:F1} % per 100 calls"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"delay p50 {At(0.5):F3} ms, p99 {At(0.99):F3} ms, p99.9 {At(0.999):F3} ms, longest {At(1):F3} ms (generator included); lost {lost} of {legs.Sent}; drops: {(drops.Length == 0 ? "none" : drops)}"));
    }

    private static Process Start(string process, int calls)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(RelayLoad).Assembly.Location);
        start.ArgumentList.Add(process);
        start.ArgumentList.Add(calls.ToString(CultureInfo.InvariantCulture));
        start.Environment["DOTNET_GCgen0size"] = "0x1000000";
        return Process.Start(start)!;
    }

    private static (long Received, string Drops) Ask(Process engine)
    {
        engine.StandardInput.WriteLine();
        engine.StandardInput.Flush();
        var parts = engine.StandardOutput.ReadLine()!.Split(' ');
        return (long.Parse(parts[0], CultureInfo.InvariantCulture), parts[2]);
    }

    private static (TimeSpan User, TimeSpan Kernel) Cpu(Process process)
    {
        process.Refresh();
        return (process.UserProcessorTime, process.PrivilegedProcessorTime);
    }

    /// <summary>One thread: each millisecond sends what is due, then reads what has come.</summary>
    private sealed class Generator : IDisposable
    {
        private readonly Socket[] _sockets;
        private readonly SocketAddress[] _targets;
        private readonly byte[] _packet = new byte[172];
        private readonly byte[] _received = new byte[2048];
        private readonly ReadySet _ready = new();
        private long _tick;

        internal Generator(int[] ports)
        {
            _sockets = new Socket[ports.Length];
            _targets = new SocketAddress[ports.Length];
            for (var i = 0; i < ports.Length; i++)
            {
                _sockets[i] = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
                _sockets[i].Bind(new IPEndPoint(IPAddress.Loopback, 0));
                _targets[i] = new IPEndPoint(IPAddress.Loopback, ports[i]).Serialize();
                _ready.Add((int)_sockets[i].Handle, i);
            }
        }

        internal long Sent { get; private set; }

        /// <summary>Stopwatch ticks from sending to reading.</summary>
        internal List<long> Delays { get; } = new(2_000_000);

        internal void Forget()
        {
            Delays.Clear();
            Sent = 0;
        }

        internal void Send(TimeSpan duration)
        {
            var step = Stopwatch.Frequency / 1000;
            var start = Stopwatch.GetTimestamp();
            var slots = (long)(duration.TotalMilliseconds);
            for (var slot = 0L; slot < slots; slot++, _tick++)
            {
                do Read(start + slot * step);                               // once also when late, or a loaded machine fills the sockets
                while (Stopwatch.GetTimestamp() < start + slot * step);
                const int Phases = 1000 / PacketsPerSecond;
                for (var leg = (int)(_tick % Phases); leg < _sockets.Length; leg += Phases) SendOne(leg);
            }
            var end = Stopwatch.GetTimestamp() + Stopwatch.Frequency / 5;
            while (Stopwatch.GetTimestamp() < end) Read(end);
        }

        public void Dispose()
        {
            foreach (var socket in _sockets) socket.Dispose();
            _ready.Dispose();
        }

        private void SendOne(int leg)
        {
            var number = _tick / (1000 / PacketsPerSecond);
            RtpHeader.Write(_packet, 8, false, (ushort)number, (uint)number * 160, (uint)leg + 1);
            BinaryPrimitives.WriteInt64LittleEndian(_packet.AsSpan(RtpView.FixedHeader), Stopwatch.GetTimestamp());
            _sockets[leg].SendTo(_packet, SocketFlags.None, _targets[leg]);
            Sent++;
        }

        private void Read(long until)
        {
            var count = _ready.Wait(Math.Max(0, (until - Stopwatch.GetTimestamp()) * 1_000_000_000 / Stopwatch.Frequency));
            for (var i = 0; i < count; i++)
            {
                var length = _sockets[_ready[i]].Receive(_received, SocketFlags.None, out var error);
                if (error != SocketError.Success || length < 20) continue;
                Delays.Add(Stopwatch.GetTimestamp() - BinaryPrimitives.ReadInt64LittleEndian(_received.AsSpan(RtpView.FixedHeader)));
            }
        }
    }
}
