// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Features.Voicemail;

internal sealed class VoicemailSchema : ISchemaPart
{
    /// <summary>What the column of the caller's number holds: any telephone number, not any SIP user.</summary>
    internal const int MostNumber = 32;

    public IEnumerable<SchemaStep> Steps =>
    [
        new("0037-voicemail", First),
        // Whose a box is follows from who has the extension now: the column is empty and unused from here on (SQLite cannot drop one that has a foreign key).
        new("0181-voicemail-owner", schema => schema.Sql("UPDATE voicemail_boxes SET person = NULL")),
    ];

    public void Configure(ModelBuilder model)
    {
        var box = model.Page<VoicemailBox>("voicemail_boxes");
        box.Property(b => b.Number).IsNumber();
        box.Property(b => b.Name).HasMaxLength(120);
        box.Property(b => b.Longest).HasConversion(t => (int)t.TotalSeconds, s => TimeSpan.FromSeconds(s)).HasColumnName("longest_s");
        box.Property(b => b.Language).HasMaxLength(5);
        box.Property(b => b.Email).HasMaxLength(200);
        box.Property(b => b.PinHash).HasMaxLength(120);
        box.HasIndex(b => new { b.OrganisationId, b.Number }).IsUnique();

        var message = model.Entity<VoicemailMessage>();
        message.ToTable("voicemail_messages").HasKey(m => m.Id);
        message.Property(m => m.Id).ValueGeneratedNever();
        message.Property(m => m.CallerNumber).HasMaxLength(MostNumber);
        message.Property(m => m.CallerName).HasMaxLength(120);
        message.HasOne<VoicemailBox>().WithMany().HasForeignKey(m => m.BoxId).OnDelete(DeleteBehavior.Cascade);

        var mail = model.Entity<VoicemailMail>();
        mail.ToTable("voicemail_mails").HasKey(m => m.Id);
        mail.Property(m => m.Id).ValueGeneratedNever();
        mail.HasOne<VoicemailMessage>().WithOne().HasForeignKey<VoicemailMail>(m => m.Id).OnDelete(DeleteBehavior.Cascade);
    }

    private static void First(MigrationBuilder schema)
    {
        schema.CreateTable("voicemail_boxes", table => new
        {
            id = table.Column<Guid>(nullable: false),
            organisation_id = table.Column<Guid>(nullable: false),
            number = table.Column<string>(maxLength: 32, nullable: false),
            person = table.Column<Guid>(nullable: true),
            group = table.Column<Guid>(nullable: true),
            name = table.Column<string>(maxLength: 120, nullable: false),
            greeting = table.Column<bool>(nullable: false),
            longest_s = table.Column<int>(nullable: false),
            quota_seconds = table.Column<int>(nullable: false),
            quota_messages = table.Column<int>(nullable: false),
            keep_days = table.Column<int>(nullable: false),
            language = table.Column<string>(maxLength: 5, nullable: false),
            email = table.Column<string>(maxLength: 200, nullable: false),
            email_sound = table.Column<bool>(nullable: false),
            pin_hash = table.Column<string>(maxLength: 120, nullable: true),
            version = table.Column<int>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_voicemail_boxes", b => b.id);
            table.ForeignKey("fk_voicemail_boxes_organisation", b => b.organisation_id, "organisations", "id");
            table.ForeignKey("fk_voicemail_boxes_person", b => b.person, "persons", "id");
        });
        schema.CreateIndex("ux_voicemail_boxes_number", "voicemail_boxes", ["organisation_id", "number"], unique: true);
        Messages(schema);
    }

    private static void Messages(MigrationBuilder schema)
    {
        schema.CreateTable("voicemail_messages", table => new
        {
            id = table.Column<Guid>(nullable: false),
            box_id = table.Column<Guid>(nullable: false),
            at = table.Column<DateTime>(nullable: false),
            caller_number = table.Column<string>(maxLength: 32, nullable: false),
            caller_name = table.Column<string>(maxLength: 120, nullable: false),
            seconds = table.Column<int>(nullable: false),
            heard = table.Column<bool>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_voicemail_messages", m => m.id);
            table.ForeignKey("fk_voicemail_messages_box", m => m.box_id, "voicemail_boxes", "id", onDelete: ReferentialAction.Cascade);
        });
        schema.CreateIndex("ix_voicemail_messages_box", "voicemail_messages", ["box_id", "at"]);

        schema.CreateTable("voicemail_mails", table => new
        {
            id = table.Column<Guid>(nullable: false),
            box_id = table.Column<Guid>(nullable: false),
            attempts = table.Column<int>(nullable: false),
            next_try_at = table.Column<DateTime>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_voicemail_mails", m => m.id);
            table.ForeignKey("fk_voicemail_mails_message", m => m.id, "voicemail_messages", "id", onDelete: ReferentialAction.Cascade);
        });
    }
}
