// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.History.Contract;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Features.History;

internal sealed class HistorySchema : ISchemaPart
{
    /// <summary>Characters of a number, a name or a word.</summary>
    internal const int MostText = 120;

    public IEnumerable<SchemaStep> Steps =>
    [
        new("0040-history", First),
        new("0185-history-organisation", schema => schema.AddColumn<Guid>("called_organisation", "history_calls", nullable: true)),
        new("0186-history-leg-trunk", schema => schema.AddColumn<Guid>("trunk", "history_legs", nullable: true)),
    ];

    public void Configure(ModelBuilder model)
    {
        var call = model.Entity<HistoryCall>();
        call.ToTable("history_calls").HasKey(c => c.Id);
        call.Property(c => c.Direction).HasConversion<string>().HasMaxLength(10);
        call.Property(c => c.Outcome).HasConversion<string>().HasMaxLength(20);
        model.Entity<HistoryLeg>().ToTable("history_legs").HasKey(l => l.Id);
        foreach (var entity in new[] { model.Entity<HistoryCall>().Metadata, model.Entity<HistoryLeg>().Metadata })
            foreach (var text in entity.GetProperties().Where(p => p.ClrType == typeof(string))) text.SetMaxLength(MostText);
    }

    private static void First(MigrationBuilder schema)
    {
        schema.CreateTable("history_calls", table => new
        {
            id = table.Column<Guid>(nullable: false),
            started_at = table.Column<DateTime>(nullable: false),
            ended_at = table.Column<DateTime>(nullable: false),
            direction = table.Column<string>(maxLength: 10, nullable: false),
            caller_number = table.Column<string>(maxLength: MostText, nullable: false),
            caller_name = table.Column<string>(maxLength: MostText, nullable: false),
            caller_person = table.Column<Guid>(nullable: true),
            caller_site = table.Column<Guid>(nullable: true),
            dialled = table.Column<string>(maxLength: MostText, nullable: false),
            called_number = table.Column<string>(maxLength: MostText, nullable: false),
            called_name = table.Column<string>(maxLength: MostText, nullable: false),
            called_person = table.Column<Guid>(nullable: true),
            called_site = table.Column<Guid>(nullable: true),
            trunk = table.Column<Guid>(nullable: true),
            answered_by_number = table.Column<string>(maxLength: MostText, nullable: false),
            answered_by_name = table.Column<string>(maxLength: MostText, nullable: false),
            answered_by_person = table.Column<Guid>(nullable: true),
            answered_by_site = table.Column<Guid>(nullable: true),
            outcome = table.Column<string>(maxLength: 20, nullable: false),
            cause = table.Column<string>(maxLength: MostText, nullable: false),
            status = table.Column<int>(nullable: false),
            wait_seconds = table.Column<double>(nullable: false),
            talk_seconds = table.Column<double>(nullable: false),
            seconds = table.Column<double>(nullable: false),
            emergency = table.Column<bool>(nullable: false),
            diversions = table.Column<int>(nullable: false),
            transfers = table.Column<int>(nullable: false),
            mos = table.Column<double>(nullable: false),
        }, constraints: table => table.PrimaryKey("pk_history_calls", c => c.id));
        schema.CreateIndex("ix_history_calls_started", "history_calls", "started_at");
        Legs(schema);
    }

    private static void Legs(MigrationBuilder schema)
    {
        schema.CreateTable("history_legs", table => new
        {
            id = table.Column<Guid>(nullable: false),
            call_id = table.Column<Guid>(nullable: false),
            number = table.Column<string>(maxLength: MostText, nullable: false),
            name = table.Column<string>(maxLength: MostText, nullable: false),
            device = table.Column<string>(maxLength: MostText, nullable: true),
            rang_at = table.Column<DateTime>(nullable: true),
            answered_at = table.Column<DateTime>(nullable: true),
            ended_at = table.Column<DateTime>(nullable: true),
            status = table.Column<int>(nullable: false),
            cause = table.Column<string>(maxLength: MostText, nullable: false),
            codec = table.Column<string>(maxLength: MostText, nullable: false),
            packets_received = table.Column<long>(nullable: false),
            packets_sent = table.Column<long>(nullable: false),
            packets_lost = table.Column<long>(nullable: false),
            jitter = table.Column<double>(nullable: false),
            round_trip = table.Column<double>(nullable: false),
            mos = table.Column<double>(nullable: false),
        }, constraints: table => table.PrimaryKey("pk_history_legs", l => l.id));
        schema.CreateIndex("ix_history_legs_call", "history_legs", "call_id");
    }
}
