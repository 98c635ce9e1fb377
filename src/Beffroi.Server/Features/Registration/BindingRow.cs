// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json.Serialization;
using Beffroi.Calls;
using Beffroi.Server.Platform.Storage;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Features.Registration;

/// <summary>A binding as it is stored and journalled.</summary>
public sealed record BindingRow
{
    public required Guid DeviceId { get; init; }

    /// <summary>What makes it the same binding at the next REGISTER: instance and reg-id, else the contact.</summary>
    public required string Key { get; init; }

    public required string Contact { get; init; }

    public required string CallId { get; init; }

    public required long Cseq { get; init; }

    public required DateTimeOffset Expires { get; init; }

    public required int Q { get; init; }

    public string? Instance { get; init; }

    public required int RegId { get; init; }

    /// <summary>RFC 3327, comma separated.</summary>
    public required string Path { get; init; }

    public string? UserAgent { get; init; }

    /// <summary>Transport and address it registered from: the way back through a NAT, when the flow is gone with its process.</summary>
    public string? Source { get; init; }

    internal static string KeyOf(Binding binding) => binding.InstanceId is { } instance ? $"{PlainText.Of(instance, 280)}#{binding.RegId}" : PlainText.Of(binding.Contact.Reveal(), 300);

    internal static BindingRow Of(Guid device, Binding binding) => new()
    {
        DeviceId = device,
        Key = KeyOf(binding),
        Contact = binding.Contact.Reveal(),
        CallId = binding.CallId,
        Cseq = binding.CSeq,
        Expires = binding.Expires,
        Q = binding.Q,
        Instance = binding.InstanceId,
        RegId = binding.RegId,
        Path = string.Join(", ", binding.Path.Select(p => p.Reveal())),
        UserAgent = binding.UserAgent is { } agent ? PlainText.Of(agent, 300) : null,
        Source = binding.Source?.Write(),
    };

    /// <summary>The binding, without its flow; null when the contact cannot be read any more.</summary>
    internal Binding? ToBinding()
    {
        if (!SipUri.TryParse(Contact, out var contact)) return null;
        var path = new List<NameAddress>();
        foreach (var hop in Path.Split(", ", StringSplitOptions.RemoveEmptyEntries))
        {
            if (!NameAddress.TryParse(hop, out var address)) return null;
            path.Add(address);
        }

        return new()
        {
            Contact = contact,
            CallId = CallId,
            CSeq = (uint)Cseq,
            Expires = Expires,
            Q = (ushort)Q,
            InstanceId = Instance,
            RegId = RegId,
            Path = path,
            UserAgent = UserAgent,
            Source = SipSource.Read(Source),
        };
    }
}

internal sealed class RegistrationSchema : ISchemaPart
{
    public IEnumerable<SchemaStep> Steps => [
        new("0020-registration", First),
        new("0195-binding-source", schema => schema.AddColumn<string>("source", "bindings", nullable: true)),
    ];

    public void Configure(ModelBuilder model)
    {
        var binding = model.Entity<BindingRow>();
        binding.ToTable("bindings").HasKey(b => new { b.DeviceId, b.Key });
        binding.Property(b => b.Key).HasColumnName("binding_key").HasMaxLength(300);
    }

    private static void First(MigrationBuilder schema) => schema.CreateTable("bindings", table => new
    {
        device_id = table.Column<Guid>(nullable: false),
        binding_key = table.Column<string>(maxLength: 300, nullable: false),
        contact = table.Column<string>(nullable: false),
        call_id = table.Column<string>(nullable: false),
        cseq = table.Column<long>(nullable: false),
        expires = table.Column<DateTime>(nullable: false),
        q = table.Column<int>(nullable: false),
        instance = table.Column<string>(nullable: true),
        reg_id = table.Column<int>(nullable: false),
        path = table.Column<string>(nullable: false),
        user_agent = table.Column<string>(nullable: true),
    }, constraints: table => table.PrimaryKey("pk_bindings", b => new { b.device_id, b.binding_key }));
}

/// <summary>Writes bindings in the transaction of their event.</summary>
internal sealed class BindingWriter : Platform.Journal.IStateWriter
{
    internal const string Added = "registration.added";
    internal const string Refreshed = "registration.refreshed";
    internal const string Removed = "registration.removed";

    private const string Upsert = """
        INSERT INTO bindings (device_id, binding_key, contact, call_id, cseq, expires, q, instance, reg_id, path, user_agent, source)
        VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11)
        ON CONFLICT (device_id, binding_key) DO UPDATE SET contact = excluded.contact, call_id = excluded.call_id, cseq = excluded.cseq, expires = excluded.expires,
            q = excluded.q, instance = excluded.instance, reg_id = excluded.reg_id, path = excluded.path, user_agent = excluded.user_agent, source = excluded.source
        """;

    public IReadOnlyCollection<string> Kinds { get; } = [Added, Refreshed, Removed];

    public void Write(Platform.Journal.JournalRecord happened, Platform.Journal.StoreBatch batch)
    {
        var row = System.Text.Json.JsonSerializer.Deserialize(happened.Data, RegistrationJson.Default.BindingRow)!;
        if (happened.Kind == Removed)
            batch.Execute("DELETE FROM bindings WHERE device_id = @p0 AND binding_key = @p1", row.DeviceId, row.Key);
        else
            batch.Execute(Upsert, row.DeviceId, row.Key, row.Contact, row.CallId, row.Cseq, row.Expires.UtcDateTime, row.Q, row.Instance, row.RegId, row.Path, row.UserAgent, row.Source);
    }
}

[JsonSerializable(typeof(BindingRow))]
[JsonSerializable(typeof(IReadOnlyList<RegistrationView>))]
internal sealed partial class RegistrationJson : JsonSerializerContext;
