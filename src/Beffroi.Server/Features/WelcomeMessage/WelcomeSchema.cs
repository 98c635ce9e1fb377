// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.WelcomeMessage.Contract;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Features.WelcomeMessage;

internal sealed class WelcomeSchema : ISchemaPart
{
    public IEnumerable<SchemaStep> Steps => [new("0032-welcome-messages", First)];

    public void Configure(ModelBuilder model)
    {
        var welcome = model.Page<Welcome>("welcome_messages");
        welcome.Property(w => w.Number).IsNumber();
        welcome.Property(w => w.Name).HasMaxLength(120);
        welcome.Property(w => w.Moment).HasConversion<string>().HasMaxLength(20);
        welcome.Property(w => w.OpenPrompt).HasMaxLength(60);
        welcome.Property(w => w.ClosedPrompt).HasMaxLength(60);
        welcome.Property(w => w.Closed).IsDestination();
        welcome.HasIndex(w => new { w.OrganisationId, w.Number }).IsUnique();
    }

    private static void First(MigrationBuilder schema)
    {
        schema.CreateTable("welcome_messages", table => new
        {
            id = table.Column<Guid>(nullable: false),
            organisation_id = table.Column<Guid>(nullable: false),
            number = table.Column<string>(maxLength: 32, nullable: false),
            name = table.Column<string>(maxLength: 120, nullable: false),
            moment = table.Column<string>(maxLength: 20, nullable: false),
            answer_first = table.Column<bool>(nullable: false),
            calendar = table.Column<Guid>(nullable: true),
            open_prompt = table.Column<string>(maxLength: 60, nullable: false),
            closed_prompt = table.Column<string>(maxLength: 60, nullable: false),
            closed = table.Column<string>(maxLength: 80, nullable: false),
            version = table.Column<int>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_welcome_messages", w => w.id);
            table.ForeignKey("fk_welcome_messages_organisation", w => w.organisation_id, "organisations", "id");
            table.ForeignKey("fk_welcome_messages_calendar", w => w.calendar, "calendars", "id");
        });
        schema.CreateIndex("ux_welcome_messages_number", "welcome_messages", ["organisation_id", "number"], unique: true);
    }
}
