// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Features.HuntGroups;

internal sealed class HuntGroupSchema : ISchemaPart
{
    public IEnumerable<SchemaStep> Steps => [new("0035-hunt-groups", First)];

    public void Configure(ModelBuilder model)
    {
        var group = model.Page<HuntGroup>("hunt_groups");
        group.Property(g => g.Number).IsNumber();
        group.Property(g => g.Name).HasMaxLength(120);
        group.Property(g => g.Strategy).HasConversion<string>().HasMaxLength(20);
        group.Property(g => g.MemberRing).HasConversion(t => (int)t.TotalSeconds, s => TimeSpan.FromSeconds(s)).HasColumnName("member_ring_s");
        group.Property(g => g.Timeout).HasConversion(t => (int)t.TotalSeconds, s => TimeSpan.FromSeconds(s)).HasColumnName("timeout_s");
        group.Property(g => g.Overflow).IsDestination();
        group.Property(g => g.Members).IsJson();
        group.HasIndex(g => new { g.OrganisationId, g.Number }).IsUnique();
    }

    private static void First(MigrationBuilder schema)
    {
        schema.CreateTable("hunt_groups", table => new
        {
            id = table.Column<Guid>(nullable: false),
            organisation_id = table.Column<Guid>(nullable: false),
            site_id = table.Column<Guid>(nullable: true),
            number = table.Column<string>(maxLength: 32, nullable: false),
            name = table.Column<string>(maxLength: 120, nullable: false),
            strategy = table.Column<string>(maxLength: 20, nullable: false),
            member_ring_s = table.Column<int>(nullable: false),
            timeout_s = table.Column<int>(nullable: false),
            overflow = table.Column<string>(maxLength: 80, nullable: false),
            members = table.Column<string>(nullable: false),
            version = table.Column<int>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_hunt_groups", g => g.id);
            table.ForeignKey("fk_hunt_groups_organisation", g => g.organisation_id, "organisations", "id");
            table.ForeignKey("fk_hunt_groups_site", g => g.site_id, "sites", "id");
        });
        schema.CreateIndex("ux_hunt_groups_number", "hunt_groups", ["organisation_id", "number"], unique: true);
    }
}
