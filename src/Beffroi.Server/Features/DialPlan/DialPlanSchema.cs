// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Features.DialPlan;

internal sealed class DialPlanSchema : ISchemaPart
{
    public IEnumerable<SchemaStep> Steps =>
    [
        new("0030-dial-plan", First),
        new("0180-line-barring", Barring),
        new("0200-prefix-routes", Prefixes),
    ];

    public void Configure(ModelBuilder model)
    {
        var plan = model.Page<DialPlanSheet>("dial_plans");
        plan.Property(p => p.OutsidePrefix).HasMaxLength(4);
        plan.Property(p => p.Codes!).IsJson();

        var callingClass = model.Page<CallingClass>("calling_classes");
        callingClass.Property(c => c.Name).HasMaxLength(120);
        callingClass.Property(c => c.Rules).IsJson();

        var line = model.Page<LineSettings>("lines");
        line.Property(l => l.PickupGroup).HasMaxLength(20);
        line.Property(l => l.PinHash).HasMaxLength(120);

        var prefix = model.Page<PrefixRoute>("prefix_routes");
        prefix.Property(p => p.Prefix).HasMaxLength(PrefixRoute.LongestPrefix);
        prefix.Property(p => p.Prepend).HasMaxLength(PrefixRoute.LongestPrepend);
        prefix.Property(p => p.Label).HasMaxLength(120);
    }

    private static void Prefixes(MigrationBuilder schema) => schema.CreateTable("prefix_routes", table => new
    {
        id = table.Column<Guid>(nullable: false),
        organisation_id = table.Column<Guid>(nullable: false),
        prefix = table.Column<string>(maxLength: 6, nullable: false),
        min_digits = table.Column<int>(nullable: false),
        max_digits = table.Column<int>(nullable: false),
        strip = table.Column<int>(nullable: false),
        prepend = table.Column<string>(maxLength: 10, nullable: false),
        trunk = table.Column<Guid>(nullable: false),
        label = table.Column<string>(maxLength: 120, nullable: false),
        version = table.Column<int>(nullable: false),
    }, constraints: table =>
    {
        table.PrimaryKey("pk_prefix_routes", p => p.id);
        table.ForeignKey("fk_prefix_routes_organisation", p => p.organisation_id, "organisations", "id");
        table.ForeignKey("fk_prefix_routes_trunk", p => p.trunk, "trunks", "id");
    });

    /// <summary>Night lock and PIN. Without foreign keys: SQLite takes none on a table that is there already, and the books refuse to remove what a line names.</summary>
    private static void Barring(MigrationBuilder schema)
    {
        schema.AddColumn<Guid>("calendar", "lines", nullable: true);
        schema.AddColumn<Guid>("closed_class", "lines", nullable: true);
        schema.AddColumn<Guid>("pin_class", "lines", nullable: true);
        schema.AddColumn<string>("pin_hash", "lines", maxLength: 120, nullable: true);
    }

    private static void First(MigrationBuilder schema)
    {
        schema.CreateTable("dial_plans", table => new
        {
            id = table.Column<Guid>(nullable: false),
            organisation_id = table.Column<Guid>(nullable: false),
            outside_prefix = table.Column<string>(maxLength: 4, nullable: false),
            default_class = table.Column<Guid>(nullable: true),
            codes = table.Column<string>(nullable: true),
            version = table.Column<int>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_dial_plans", p => p.id);
            table.ForeignKey("fk_dial_plans_organisation", p => p.organisation_id, "organisations", "id");
        });

        schema.CreateTable("calling_classes", table => new
        {
            id = table.Column<Guid>(nullable: false),
            organisation_id = table.Column<Guid>(nullable: false),
            name = table.Column<string>(maxLength: 120, nullable: false),
            allowed_by_default = table.Column<bool>(nullable: false),
            rules = table.Column<string>(nullable: false),
            version = table.Column<int>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_calling_classes", c => c.id);
            table.ForeignKey("fk_calling_classes_organisation", c => c.organisation_id, "organisations", "id");
        });

        schema.CreateTable("lines", table => new
        {
            id = table.Column<Guid>(nullable: false),
            organisation_id = table.Column<Guid>(nullable: false),
            calling_class = table.Column<Guid>(nullable: true),
            withhold = table.Column<bool>(nullable: false),
            pickup_group = table.Column<string>(maxLength: 20, nullable: false),
            version = table.Column<int>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_lines", l => l.id);
            table.ForeignKey("fk_lines_extension", l => l.id, "extensions", "id", onDelete: ReferentialAction.Cascade);
            table.ForeignKey("fk_lines_class", l => l.calling_class, "calling_classes", "id");
        });
    }
}
