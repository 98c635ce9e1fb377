// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Registration.Contract;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Storage;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Features.Registration;

/// <summary>The bindings of all devices in memory, written down by the journal.</summary>
/// <remarks>Threading: any thread; one small lock per device. A timer takes away what ran out.
/// A refresh is written only when the stored expiry is less than two thirds of the new one: a storm of refreshes writes nothing.</remarks>
public sealed class BindingStore : IRegistrations, ILoadable, IDisposable
{
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(15);
    private readonly ConcurrentDictionary<Guid, Entry> _entries = [];
    private readonly RegistrarOptions _options;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly ITimer _sweeper;

    public BindingStore(RegistrarOptions options, IJournal journal, IDirectory directory, TimeProvider time)
    {
        (_options, _journal, _time) = (options, journal, time);
        directory.Changed += DropUnknown;
        _sweeper = time.CreateTimer(_ => DropExpired(), null, Sweep, Sweep);
    }

    public event Action<RegistrationChanged>? Changed;

    public int Count => _entries.Values.Sum(e => e.Live(_time.GetUtcNow()).Count);

    public int Devices => _entries.Values.Count(e => e.Live(_time.GetUtcNow()).Count > 0);

    /// <summary>Every device that has had a binding, with those that are live.</summary>
    internal IEnumerable<(Guid Device, IReadOnlyList<Binding> Bindings)> All => _entries.Select(e => (e.Key, e.Value.Live(_time.GetUtcNow())));

    public IReadOnlyList<Type> Kept { get; } = [typeof(BindingRow)];

    /// <summary>What a device did in this process is newer than any row, and was written down before this: its bindings stay, with their flows.</summary>
    public async Task LoadAsync(BeffroiDbContext db, CancellationToken stop)
    {
        var now = _time.GetUtcNow();
        var stored = (await db.Set<BindingRow>().Where(b => b.Expires > now).ToListAsync(stop)).GroupBy(b => b.DeviceId).ToDictionary(g => g.Key);
        foreach (var device in _entries.Keys.Union(stored.Keys).ToList())
        {
            var entry = _entries.GetOrAdd(device, _ => new Entry());
            lock (entry)
            {
                if (entry.IsTouched) continue;
                entry.Bindings = stored.TryGetValue(device, out var rows) ? [.. rows.Select(b => b.ToBinding()).OfType<Binding>()] : [];
                entry.Stored = rows?.Max(b => b.Expires) ?? default;
            }
        }

        await db.Set<BindingRow>().Where(b => b.Expires <= now).ExecuteDeleteAsync(stop);
    }

    public RegistrarOutcome Register(Device device, SipMessage request, SipFlow? flow)
    {
        var entry = _entries.GetOrAdd(device.Id, _ => new Entry());
        RegistrarOutcome outcome;
        bool registered;
        lock (entry)
        {
            var now = _time.GetUtcNow();
            var before = entry.Bindings;
            outcome = Registrar.Apply(entry.Bindings, request, flow, now, _options);
            if (!outcome.IsSuccess || outcome.Changes.Count == 0) return outcome;
            (entry.Bindings, entry.IsTouched) = (outcome.Bindings, true);
            registered = outcome.Bindings.Count > 0;
            foreach (var change in outcome.Changes) WriteDown(device.Id, entry, change, now, HasMoved(before, change.Binding));
        }

        foreach (var change in outcome.Changes)
            if (change.Kind != BindingChangeKind.Refreshed) Changed?.Invoke(new(device.Id, change.Kind, registered));
        return outcome;
    }

    public IReadOnlyList<Binding> BindingsOf(Guid device) =>
        _entries.TryGetValue(device, out var entry) ? entry.Live(_time.GetUtcNow()) : [];

    public int Remove(Guid device) => _entries.TryGetValue(device, out var entry) ? Drop(device, entry, _ => true) : 0;

    public void FlowClosed(Guid device, SipFlow flow)
    {
        if (_entries.TryGetValue(device, out var entry)) Drop(device, entry, b => b.Flow == flow && (b.RegId > 0 || flow.Kind is SipTransportKind.Ws or SipTransportKind.Wss));
    }

    public void Dispose() => _sweeper.Dispose();

    /// <summary>Under the entry's lock, so that the journal has the changes of one device in their order.</summary>
    private void WriteDown(Guid device, Entry entry, BindingChange change, DateTimeOffset now, bool moved = false)
    {
        switch (change.Kind)
        {
            case BindingChangeKind.Added:
                entry.Stored = change.Binding.Expires;
                _journal.Append(BindingWriter.Added, device, BindingRow.Of(device, change.Binding), RegistrationJson.Default.BindingRow);
                break;
            case BindingChangeKind.Refreshed when moved || entry.Bindings.Count > 1 || (entry.Stored - now) * 3 < (change.Binding.Expires - now) * 2:
                entry.Stored = change.Binding.Expires;
                _journal.Keep(BindingWriter.Refreshed, device, BindingRow.Of(device, change.Binding), RegistrationJson.Default.BindingRow);
                break;
            case BindingChangeKind.Removed:
                _journal.Append(BindingWriter.Removed, device, BindingRow.Of(device, change.Binding), RegistrationJson.Default.BindingRow);
                break;
        }
    }

    /// <summary>It comes by another transport, or from another place behind its NAT: the way back is another one. A new connection is not: it ends with the process.</summary>
    private static bool HasMoved(IReadOnlyList<Binding> before, Binding now)
    {
        if (now.Source is not { } source) return false;
        foreach (var binding in before)
            if (now.InstanceId is null ? ReferenceEquals(binding.Contact, now.Contact) : binding.InstanceId == now.InstanceId && binding.RegId == now.RegId) return binding.Source is not { } was || was.Kind != source.Kind || (source.Kind == SipTransportKind.Udp && !was.Remote.Equals(source.Remote));
        return false;
    }

    private void DropExpired()
    {
        var now = _time.GetUtcNow();
        foreach (var (device, entry) in _entries)
            if (entry.Bindings.Any(b => b.Expires <= now)) Drop(device, entry, b => b.Expires <= _time.GetUtcNow());
    }

    /// <summary>A device that is gone from the directory, or may not register any more, is not reached any more.</summary>
    private void DropUnknown(DirectorySnapshot directory)
    {
        foreach (var (device, entry) in _entries)
        {
            if (directory.Devices.TryGetValue(device, out var known) && known.Enabled) continue;
            Drop(device, entry, _ => true);
            if (known is null) _entries.TryRemove(device, out _);
        }
    }

    private int Drop(Guid device, Entry entry, Func<Binding, bool> which)
    {
        List<Binding> gone;
        bool registered;
        lock (entry)
        {
            gone = [.. entry.Bindings.Where(which)];
            if (gone.Count == 0) return 0;
            (entry.Bindings, entry.IsTouched) = ([.. entry.Bindings.Except(gone)], true);
            registered = entry.Bindings.Count > 0;
            foreach (var binding in gone) WriteDown(device, entry, new(BindingChangeKind.Removed, binding), _time.GetUtcNow());
        }

        Changed?.Invoke(new(device, BindingChangeKind.Removed, registered));
        return gone.Count;
    }

    /// <summary>A device's bindings: the list is replaced, never changed. Lock the entry to replace it.</summary>
    private sealed class Entry
    {
        private volatile IReadOnlyList<Binding> _bindings = [];

        internal IReadOnlyList<Binding> Bindings
        {
            get => _bindings;
            set => _bindings = value;
        }

        /// <summary>Changed since the start of this process.</summary>
        internal bool IsTouched { get; set; }

        /// <summary>Until when the store thinks that it is registered.</summary>
        internal DateTimeOffset Stored { get; set; }

        internal IReadOnlyList<Binding> Live(DateTimeOffset now)
        {
            var all = _bindings;
            foreach (var binding in all)
                if (binding.Expires <= now) return [.. all.Where(b => b.Expires > now).OrderByDescending(b => b.Q)];
            return all.Count < 2 ? all : [.. all.OrderByDescending(b => b.Q)];
        }
    }
}
