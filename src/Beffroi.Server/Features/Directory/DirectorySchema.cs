// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Features.Directory;

internal sealed class DirectorySchema : ISchemaPart
{
    public IEnumerable<SchemaStep> Steps =>
    [
        new("0010-directory", First),
        new("0170-device-unsolicited-mwi", schema => schema.AddColumn<bool>("unsolicited_mwi", "devices", nullable: false, defaultValue: false)),
    ];

    public void Configure(ModelBuilder model)
    {
        Item<Organisation>(model, "organisations").Property(o => o.Name).HasMaxLength(120);

        var site = Item<Site>(model, "sites");
        site.Property(s => s.Name).HasMaxLength(120);
        site.Property(s => s.Address).HasMaxLength(400);
        site.HasOne<Organisation>().WithMany().HasForeignKey(s => s.OrganisationId).OnDelete(DeleteBehavior.Restrict);

        var unit = Item<OrganisationUnit>(model, "units");
        unit.Property(u => u.Name).HasMaxLength(120);
        unit.HasOne<Organisation>().WithMany().HasForeignKey(u => u.OrganisationId).OnDelete(DeleteBehavior.Restrict);
        unit.HasOne<OrganisationUnit>().WithMany().HasForeignKey(u => u.ParentId).OnDelete(DeleteBehavior.Restrict);

        var person = Item<Person>(model, "persons");
        person.Property(p => p.GivenName).HasMaxLength(80);
        person.Property(p => p.FamilyName).HasMaxLength(80);
        person.Property(p => p.Function).HasMaxLength(120);
        person.Property(p => p.Email).HasMaxLength(200);
        person.Property(p => p.Language).HasMaxLength(5);
        person.HasOne<Site>().WithMany().HasForeignKey(p => p.SiteId).OnDelete(DeleteBehavior.Restrict);
        person.HasOne<OrganisationUnit>().WithMany().HasForeignKey(p => p.UnitId).OnDelete(DeleteBehavior.Restrict);

        var extension = Item<Extension>(model, "extensions");
        extension.Property(e => e.Number).HasMaxLength(15);
        extension.Property(e => e.Name).HasMaxLength(120);
        extension.HasIndex(e => new { e.OrganisationId, e.Number }).IsUnique();
        extension.HasOne<Site>().WithMany().HasForeignKey(e => e.SiteId).OnDelete(DeleteBehavior.Restrict);
        extension.HasOne<Person>().WithMany().HasForeignKey(e => e.PersonId).OnDelete(DeleteBehavior.Restrict);

        var device = Item<Device>(model, "devices");
        device.Property(d => d.Name).HasMaxLength(120);
        device.Property(d => d.Kind).HasConversion<string>().HasMaxLength(20);
        device.Property(d => d.SipUsername).HasMaxLength(64);
        device.Property(d => d.Realm).HasMaxLength(120);
        device.Property(d => d.Ha1Sha512256).HasColumnName("ha1_sha512_256");
        device.HasIndex(d => d.SipUsername).IsUnique();
        device.HasOne<Extension>().WithMany().HasForeignKey(d => d.ExtensionId).OnDelete(DeleteBehavior.Restrict);
    }

    private static EntityTypeBuilder<T> Item<T>(ModelBuilder model, string table) where T : class, IDirectoryItem
    {
        var item = model.Entity<T>();
        item.ToTable(table).HasKey(i => i.Id);
        item.Property(i => i.Version).IsConcurrencyToken();
        item.Property(i => i.Id).ValueGeneratedNever();
        return item;
    }

    private static void First(MigrationBuilder schema)
    {
        schema.CreateTable("organisations", table => new
        {
            id = table.Column<Guid>(nullable: false),
            name = table.Column<string>(maxLength: 120, nullable: false),
            version = table.Column<int>(nullable: false),
        }, constraints: table => table.PrimaryKey("pk_organisations", o => o.id));

        schema.CreateTable("sites", table => new
        {
            id = table.Column<Guid>(nullable: false),
            organisation_id = table.Column<Guid>(nullable: false),
            name = table.Column<string>(maxLength: 120, nullable: false),
            address = table.Column<string>(maxLength: 400, nullable: false),
            version = table.Column<int>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_sites", s => s.id);
            table.ForeignKey("fk_sites_organisation", s => s.organisation_id, "organisations", "id");
        });

        schema.CreateTable("units", table => new
        {
            id = table.Column<Guid>(nullable: false),
            organisation_id = table.Column<Guid>(nullable: false),
            parent_id = table.Column<Guid>(nullable: true),
            name = table.Column<string>(maxLength: 120, nullable: false),
            version = table.Column<int>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_units", u => u.id);
            table.ForeignKey("fk_units_organisation", u => u.organisation_id, "organisations", "id");
            table.ForeignKey("fk_units_parent", u => u.parent_id, "units", "id");
        });
        Persons(schema);
        Devices(schema);
    }

    private static void Persons(MigrationBuilder schema)
    {
        schema.CreateTable("persons", table => new
        {
            id = table.Column<Guid>(nullable: false),
            organisation_id = table.Column<Guid>(nullable: false),
            site_id = table.Column<Guid>(nullable: false),
            unit_id = table.Column<Guid>(nullable: true),
            given_name = table.Column<string>(maxLength: 80, nullable: false),
            family_name = table.Column<string>(maxLength: 80, nullable: false),
            function = table.Column<string>(maxLength: 120, nullable: false),
            email = table.Column<string>(maxLength: 200, nullable: false),
            language = table.Column<string>(maxLength: 5, nullable: false),
            version = table.Column<int>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_persons", p => p.id);
            table.ForeignKey("fk_persons_site", p => p.site_id, "sites", "id");
            table.ForeignKey("fk_persons_unit", p => p.unit_id, "units", "id");
        });

        schema.CreateTable("extensions", table => new
        {
            id = table.Column<Guid>(nullable: false),
            organisation_id = table.Column<Guid>(nullable: false),
            site_id = table.Column<Guid>(nullable: false),
            number = table.Column<string>(maxLength: 15, nullable: false),
            person_id = table.Column<Guid>(nullable: true),
            name = table.Column<string>(maxLength: 120, nullable: false),
            version = table.Column<int>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_extensions", e => e.id);
            table.ForeignKey("fk_extensions_site", e => e.site_id, "sites", "id");
            table.ForeignKey("fk_extensions_person", e => e.person_id, "persons", "id");
        });
        schema.CreateIndex("ux_extensions_number", "extensions", ["organisation_id", "number"], unique: true);
        schema.CreateIndex("ix_extensions_person", "extensions", "person_id");
    }

    private static void Devices(MigrationBuilder schema)
    {
        schema.CreateTable("devices", table => new
        {
            id = table.Column<Guid>(nullable: false),
            organisation_id = table.Column<Guid>(nullable: false),
            site_id = table.Column<Guid>(nullable: false),
            extension_id = table.Column<Guid>(nullable: false),
            name = table.Column<string>(maxLength: 120, nullable: false),
            kind = table.Column<string>(maxLength: 20, nullable: false),
            sip_username = table.Column<string>(maxLength: 64, nullable: false),
            realm = table.Column<string>(maxLength: 120, nullable: false),
            enabled = table.Column<bool>(nullable: false),
            secret_at = table.Column<DateTime>(nullable: false),
            ha1_md5 = table.Column<byte[]>(nullable: false),
            ha1_sha256 = table.Column<byte[]>(nullable: false),
            ha1_sha512_256 = table.Column<byte[]>(nullable: false),
            version = table.Column<int>(nullable: false),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_devices", d => d.id);
            table.ForeignKey("fk_devices_extension", d => d.extension_id, "extensions", "id");
        });
        schema.CreateIndex("ux_devices_sip_username", "devices", "sip_username", unique: true);
        schema.CreateIndex("ix_devices_extension", "devices", "extension_id");
    }
}
