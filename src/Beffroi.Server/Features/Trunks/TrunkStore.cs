// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Privacy;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Features.Trunks;

/// <summary>The trunks in memory, their states and their channels.</summary>
/// <remarks>Threading: any thread; changes one at a time (<see cref="Store"/>).</remarks>
public sealed class TrunkStore(Store store, MasterKey key, Lazy<IDialPlans> plans) : ITrunks, ILoadable
{
    private readonly ConcurrentDictionary<Guid, TrunkState> _states = [];
    private readonly ConcurrentDictionary<Guid, int> _channels = [];
    private volatile TrunksSnapshot _current = new([]);

    public event Action<TrunksSnapshot>? Changed;

    /// <summary>Told when a trunk fares otherwise than before, on the thread that saw it; must only enqueue.</summary>
    internal event Action<Trunk>? Fares;

    public TrunksSnapshot Current => _current;

    public IReadOnlyList<Type> Kept { get; } = [typeof(Trunk)];

    public async Task LoadAsync(BeffroiDbContext db, CancellationToken stop) => Swap(await db.Set<Trunk>().ToListAsync(stop));

    public string? SecretOf(Trunk trunk) => trunk.SealedSecret.Length == 0 ? null : key.Open(trunk.SealedSecret, Purpose(trunk.Id));

    public TrunkState StateOf(Guid trunk) => _states.GetValueOrDefault(trunk, TrunkState.Unknown);

    public void Report(Guid trunk, TrunkState state)
    {
        var before = StateOf(trunk);
        _states[trunk] = state;
        if ((before.IsUp != state.IsUp || before.Detail != state.Detail) && _current.TryGet(trunk, out var known)) Fares?.Invoke(known);
    }

    public int Channels(Guid trunk) => _channels.GetValueOrDefault(trunk);

    public bool TryTake(Trunk trunk, bool evenIfFull = false)
    {
        var now = _channels.AddOrUpdate(trunk.Id, 1, (_, n) => n + 1);
        if (evenIfFull || trunk.ChannelLimit == 0 || now <= trunk.ChannelLimit) return true;
        Release(trunk.Id);
        return false;
    }

    public void Release(Guid trunk) => _channels.AddOrUpdate(trunk, 0, (_, n) => Math.Max(0, n - 1));

    internal byte[] Seal(Guid trunk, string secret) => key.Seal(secret, Purpose(trunk));

    internal Task<Outcome<Trunk>> AddAsync(Caller caller, Func<Change, Trunk> make, CancellationToken stop) => store.ChangeAsync<Trunk>(caller, change =>
    {
        var trunk = make(change);
        if (NameTaken(trunk)) return Task.FromResult<Outcome<Trunk>>(Taken);
        change.Db.Add(trunk);
        change.Audit("trunks.added", trunk.Id, trunk.Name, null, trunk);
        change.OnSaved(() => Swap(_current.All.Append(trunk)));
        return Task.FromResult<Outcome<Trunk>>(trunk);
    }, stop);

    internal Task<Outcome<Trunk>> EditAsync(Caller caller, Guid id, int? version, Func<Trunk, Trunk> edit, CancellationToken stop) => store.ChangeAsync<Trunk>(caller, change =>
    {
        if (!_current.TryGet(id, out var before)) return Task.FromResult<Outcome<Trunk>>(NoSuchTrunk);
        if (version is not null && version != before.Version) return Task.FromResult<Outcome<Trunk>>(StoreFaults.Conflict);
        var after = edit(before) with { Version = before.Version + 1 };
        if (NameTaken(after)) return Task.FromResult<Outcome<Trunk>>(Taken);
        change.Replace(before, after);
        change.Audit("trunks.changed", id, after.Name, before, after);
        change.OnSaved(() => Swap(_current.All.Where(t => t.Id != id).Append(after)));
        return Task.FromResult<Outcome<Trunk>>(after);
    }, stop);

    internal Task<Outcome<Done>> RemoveAsync(Caller caller, Guid id, CancellationToken stop) => store.ChangeAsync<Done>(caller, change =>
    {
        if (!_current.TryGet(id, out var trunk)) return Task.FromResult<Outcome<Done>>(NoSuchTrunk);
        if (plans.Value.UsesTrunk(id)) return Task.FromResult<Outcome<Done>>(StillUsed);
        change.Db.Remove(trunk);
        change.Audit("trunks.removed", id, trunk.Name, trunk, null);
        change.OnSaved(() => Swap(_current.All.Where(t => t.Id != id)));
        return Task.FromResult<Outcome<Done>>(default(Done));
    }, stop);

    internal static Refusal NoSuchTrunk { get; } = Problems.NotFound("trunks.no-such-trunk", "trunk");

    private static Refusal Taken { get; } = new("trunks.name-taken", RefusalKind.Conflict, 500, "There is a trunk of that name already.");

    private static Refusal StillUsed { get; } = new("trunks.still-used", RefusalKind.Conflict, 500, "It is still used by a prefix of the dial plan: change that first.");

    private static string Purpose(Guid trunk) => $"trunk-secret:{trunk}";

    private bool NameTaken(Trunk trunk) => _current.TryGet(trunk.Name, out var other) && other.Id != trunk.Id;

    private void Swap(IEnumerable<Trunk> trunks)
    {
        _current = new(trunks);
        Changed?.Invoke(_current);
    }
}

internal sealed class TrunksSchema : ISchemaPart
{
    public IEnumerable<SchemaStep> Steps =>
    [
        new("0030-trunks", First),
        new("0160-trunk-answer-within", schema => schema.AddColumn<int>("answer_within_seconds", "trunks", nullable: false, defaultValue: 4)),
        new("0201-trunk-internal-for", schema => schema.AddColumn<Guid>("internal_for", "trunks", nullable: true)),
    ];

    public void Configure(ModelBuilder model)
    {
        var trunk = model.Entity<Trunk>();
        trunk.ToTable("trunks").HasKey(t => t.Id);
        trunk.Property(t => t.Name).HasMaxLength(80);
        trunk.Property(t => t.Kind).HasConversion<string>().HasMaxLength(20);
        trunk.Property(t => t.Transport).HasConversion<string>().HasMaxLength(10);
        trunk.Property(t => t.NumberFormat).HasConversion<string>().HasMaxLength(20);
        trunk.Property(t => t.Order).HasColumnName("try_order");
        trunk.Property(t => t.InboundAddresses).HasConversion(l => string.Join(' ', l), s => Words(s)).Metadata.SetValueComparer(SameWords);
        trunk.Property(t => t.Codecs).HasConversion(l => string.Join(' ', l), s => Words(s)).Metadata.SetValueComparer(SameWords);
        trunk.Property(t => t.Version).IsConcurrencyToken();
        trunk.HasIndex(t => t.Name).IsUnique();
    }

    private static ValueComparer<IReadOnlyList<string>> SameWords { get; } = new((a, b) => a!.SequenceEqual(b!), l => l.Count, l => l);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static void First(MigrationBuilder schema)
    {
        schema.CreateTable("trunks", table => new
        {
            id = table.Column<Guid>(nullable: false),
            name = table.Column<string>(maxLength: 80, nullable: false),
            kind = table.Column<string>(maxLength: 20, nullable: false),
            host = table.Column<string>(nullable: false),
            port = table.Column<int>(nullable: false),
            transport = table.Column<string>(maxLength: 10, nullable: false),
            domain = table.Column<string>(nullable: false),
            try_order = table.Column<int>(nullable: false),
            username = table.Column<string>(nullable: false),
            sealed_secret = table.Column<byte[]>(nullable: false),
            inbound_addresses = table.Column<string>(nullable: false),
            inbound_digest = table.Column<bool>(nullable: false),
            channel_limit = table.Column<int>(nullable: false),
            codecs = table.Column<string>(nullable: false),
            number_format = table.Column<string>(maxLength: 20, nullable: false),
            presented_number = table.Column<string>(nullable: false),
            options_ping_seconds = table.Column<int>(nullable: false),
            register_seconds = table.Column<int>(nullable: false),
            enabled = table.Column<bool>(nullable: false),
            version = table.Column<int>(nullable: false),
        }, constraints: table => table.PrimaryKey("pk_trunks", t => t.id));
        schema.CreateIndex("ux_trunks_name", "trunks", "name", unique: true);
    }
}
