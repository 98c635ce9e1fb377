// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Features.Emergency;

internal sealed class EmergencySchema : ISchemaPart
{
    public IEnumerable<SchemaStep> Steps => [new("0036-emergency", First)];

    public void Configure(ModelBuilder model)
    {
        var route = model.Page<EmergencyRoute>("emergency_routes");
        route.Property(r => r.Number).HasMaxLength(10);
        route.Property(r => r.RoutedTo).IsNumber();
        route.Property(r => r.Presented).IsNumber();
        route.HasIndex(r => new { r.SiteId, r.Number }).IsUnique();

        var alert = model.Entity<EmergencyAlert>();
        alert.ToTable("emergency_alerts").HasKey(a => a.Id);
        alert.Property(a => a.Id).ValueGeneratedNever();
        alert.Property(a => a.Number).HasMaxLength(10);
        alert.Property(a => a.Extension).HasMaxLength(15);
        alert.Property(a => a.Name).HasMaxLength(200);
        alert.Property(a => a.Presented).IsNumber();
        alert.Property(a => a.SeenBy).HasMaxLength(200);
    }

    private static void First(MigrationBuilder schema)
    {
        schema.CreateTable("emergency_routes", table => new
        {
            id = table.Column<Guid>(nullable: false),
            organisation_id = table.Column<Guid>(nullable: false),
            site_id = table.Column<Guid>(nullable: false),
            number = table.Column<string>(maxLength: 10, nullable: false),
            routed_to = table.Column<string>(maxLength: 32, nullable: false),
            presented = table.Column<string>(maxLength: 32, nullable: false),
            trunk = table.Column<Guid>(nullable: true),
            version = table.Column<int>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_emergency_routes", r => r.id);
            table.ForeignKey("fk_emergency_routes_site", r => r.site_id, "sites", "id");
        });
        schema.CreateIndex("ux_emergency_routes_number", "emergency_routes", ["site_id", "number"], unique: true);

        schema.CreateTable("emergency_alerts", table => new
        {
            id = table.Column<Guid>(nullable: false),
            at = table.Column<DateTime>(nullable: false),
            number = table.Column<string>(maxLength: 10, nullable: false),
            extension = table.Column<string>(maxLength: 15, nullable: false),
            name = table.Column<string>(maxLength: 200, nullable: false),
            organisation_id = table.Column<Guid>(nullable: true),
            site_id = table.Column<Guid>(nullable: true),
            presented = table.Column<string>(maxLength: 32, nullable: false),
            seen_at = table.Column<DateTime>(nullable: true),
            seen_by = table.Column<string>(maxLength: 200, nullable: false),
        }, constraints: table => table.PrimaryKey("pk_emergency_alerts", a => a.id));
        schema.CreateIndex("ix_emergency_alerts_at", "emergency_alerts", "at");
    }
}
