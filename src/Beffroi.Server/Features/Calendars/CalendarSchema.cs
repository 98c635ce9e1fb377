// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Calendars.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Features.Calendars;

internal sealed class CalendarSchema : ISchemaPart
{
    public IEnumerable<SchemaStep> Steps => [new("0031-calendars", First)];

    public void Configure(ModelBuilder model)
    {
        var calendar = model.Page<CalendarSheet>("calendars");
        calendar.Property(c => c.Name).HasMaxLength(120);
        calendar.Property(c => c.Zone).HasMaxLength(60);
        calendar.Property(c => c.Week).IsJson();
        calendar.Property(c => c.Holidays).HasConversion<string>().HasMaxLength(20);
        calendar.Property(c => c.Exceptions).IsJson();
        calendar.Property(c => c.Override!).IsJson();
    }

    private static void First(MigrationBuilder schema) => schema.CreateTable("calendars", table => new
    {
        id = table.Column<Guid>(nullable: false),
        organisation_id = table.Column<Guid>(nullable: false),
        name = table.Column<string>(maxLength: 120, nullable: false),
        zone = table.Column<string>(maxLength: 60, nullable: false),
        week = table.Column<string>(nullable: false),
        holidays = table.Column<string>(maxLength: 20, nullable: false),
        open_on_holidays = table.Column<bool>(nullable: false),
        exceptions = table.Column<string>(nullable: false),
        @override = table.Column<string>(nullable: true),
        version = table.Column<int>(nullable: false),
    }, constraints: table =>
    {
        table.PrimaryKey("pk_calendars", c => c.id);
        table.ForeignKey("fk_calendars_organisation", c => c.organisation_id, "organisations", "id");
    });
}
