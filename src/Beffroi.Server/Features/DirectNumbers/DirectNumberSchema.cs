// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DirectNumbers.Contract;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Features.DirectNumbers;

internal sealed class DirectNumberSchema : ISchemaPart
{
    public IEnumerable<SchemaStep> Steps => [new("0033-direct-numbers", First)];

    public void Configure(ModelBuilder model)
    {
        var number = model.Page<DirectNumber>("direct_numbers");
        number.Property(n => n.Number).IsNumber();
        number.Property(n => n.Destination).IsDestination();
        number.Property(n => n.Presentation).HasConversion<string>().HasMaxLength(20);
        number.Property(n => n.Label).HasMaxLength(120);
        number.HasIndex(n => n.Number).IsUnique();
    }

    private static void First(MigrationBuilder schema)
    {
        schema.CreateTable("direct_numbers", table => new
        {
            id = table.Column<Guid>(nullable: false),
            organisation_id = table.Column<Guid>(nullable: false),
            site_id = table.Column<Guid>(nullable: true),
            number = table.Column<string>(maxLength: 32, nullable: false),
            destination = table.Column<string>(maxLength: 80, nullable: false),
            presentation = table.Column<string>(maxLength: 20, nullable: false),
            label = table.Column<string>(maxLength: 120, nullable: false),
            version = table.Column<int>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_direct_numbers", n => n.id);
            table.ForeignKey("fk_direct_numbers_organisation", n => n.organisation_id, "organisations", "id");
            table.ForeignKey("fk_direct_numbers_site", n => n.site_id, "sites", "id");
        });
        schema.CreateIndex("ux_direct_numbers_number", "direct_numbers", "number", unique: true);
    }
}
