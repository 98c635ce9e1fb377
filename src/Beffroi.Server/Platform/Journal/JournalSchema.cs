// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Platform.Journal;

/// <summary>The journal's tables: <c>audit</c> by EF; <c>journal</c> and the writers' and projections' marks by plain SQL.</summary>
internal sealed class JournalSchema : ISchemaPart
{
    public IEnumerable<SchemaStep> Steps => [new("0001-journal", First)];

    public void Configure(ModelBuilder model)
    {
        var audit = model.Entity<AuditEntry>();
        audit.ToTable("audit").HasKey(a => a.Id);
        audit.Property(a => a.AccountName).HasMaxLength(200);
        audit.Property(a => a.Source).HasMaxLength(64);
        audit.Property(a => a.Action).HasMaxLength(80);
        audit.Property(a => a.SubjectName).HasMaxLength(200);
    }

    private static void First(MigrationBuilder schema)
    {
        schema.CreateTable("audit", table => new
        {
            id = table.Column<Guid>(nullable: false),
            at = table.Column<DateTime>(nullable: false),
            account_id = table.Column<Guid>(nullable: false),
            account_name = table.Column<string>(maxLength: 200, nullable: false),
            source = table.Column<string>(maxLength: 64, nullable: false),
            action = table.Column<string>(maxLength: 80, nullable: false),
            subject_id = table.Column<Guid>(nullable: false),
            subject_name = table.Column<string>(maxLength: 200, nullable: false),
            before = table.Column<string>(nullable: true),
            after = table.Column<string>(nullable: true),
        }, constraints: table => table.PrimaryKey("pk_audit", a => a.id));
        schema.CreateIndex("ix_audit_at", "audit", "at");
        schema.CreateIndex("ix_audit_subject", "audit", ["subject_id", "at"]);

        schema.CreateTable("journal", table => new
        {
            position = table.Column<long>(nullable: false).Numbered(),
            node = table.Column<int>(nullable: false),
            batch = table.Column<long>(nullable: false),
            kind = table.Column<string>(maxLength: 60, nullable: false),
            subject = table.Column<Guid>(nullable: false),
            sequence = table.Column<int>(nullable: false),
            at = table.Column<DateTime>(nullable: false),
            data = table.Column<string>(nullable: false),
        }, constraints: table => table.PrimaryKey("pk_journal", j => j.position));
        schema.CreateIndex("ix_journal_subject", "journal", "subject");
        schema.CreateIndex("ix_journal_batch", "journal", ["node", "batch"]);

        // The last batch of each node, moved on in the batch's own transaction: a batch whose commit was never confirmed is not written twice.
        schema.CreateTable("journal_writers", table => new
        {
            node = table.Column<int>(nullable: false),
            last_batch = table.Column<long>(nullable: false),
        }, constraints: table => table.PrimaryKey("pk_journal_writers", w => w.node));

        // How far each reader of the journal has come, moved on in the transaction of what it derived.
        schema.CreateTable("journal_marks", table => new
        {
            projection = table.Column<string>(maxLength: 60, nullable: false),
            position = table.Column<long>(nullable: false),
        }, constraints: table => table.PrimaryKey("pk_journal_marks", m => m.projection));
    }
}
