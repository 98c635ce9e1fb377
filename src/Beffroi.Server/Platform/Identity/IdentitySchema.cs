// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Platform.Identity;

internal sealed class IdentitySchema : ISchemaPart
{
    public IEnumerable<SchemaStep> Steps => [new("0002-identity", First)];

    public void Configure(ModelBuilder model)
    {
        var account = model.Entity<Account>();
        account.ToTable("accounts").HasKey(a => a.Id);
        account.Property(a => a.Login).HasMaxLength(80);
        account.Property(a => a.Name).HasMaxLength(200);
        account.Property(a => a.Role).HasConversion<string>().HasMaxLength(20);
        account.Property(a => a.ScopeKind).HasConversion<string>().HasMaxLength(20);
        account.Property(a => a.PasswordHash).HasMaxLength(200);
        account.Property(a => a.Version).IsConcurrencyToken();
        account.HasIndex(a => a.Login).IsUnique();

        var token = model.Entity<AccessToken>();
        token.ToTable("access_tokens").HasKey(t => t.Id);
        token.Property(t => t.Label).HasMaxLength(200);
        token.Property(t => t.Prefix).HasMaxLength(20);
        token.Property(t => t.Hash).HasMaxLength(64);
        token.HasIndex(t => t.Hash).IsUnique();
        token.HasOne<Account>().WithMany().HasForeignKey(t => t.AccountId).OnDelete(DeleteBehavior.Cascade);
    }

    private static void First(MigrationBuilder schema)
    {
        schema.CreateTable("accounts", table => new
        {
            id = table.Column<Guid>(nullable: false),
            login = table.Column<string>(maxLength: 80, nullable: false),
            name = table.Column<string>(maxLength: 200, nullable: false),
            role = table.Column<string>(maxLength: 20, nullable: false),
            scope_kind = table.Column<string>(maxLength: 20, nullable: false),
            scope_id = table.Column<Guid>(nullable: false),
            person_id = table.Column<Guid>(nullable: true),
            password_hash = table.Column<string>(maxLength: 200, nullable: true),
            enabled = table.Column<bool>(nullable: false),
            created_at = table.Column<DateTime>(nullable: false),
            version = table.Column<int>(nullable: false),
        }, constraints: table => table.PrimaryKey("pk_accounts", a => a.id));
        schema.CreateIndex("ux_accounts_login", "accounts", "login", unique: true);

        schema.CreateTable("access_tokens", table => new
        {
            id = table.Column<Guid>(nullable: false),
            account_id = table.Column<Guid>(nullable: false),
            label = table.Column<string>(maxLength: 200, nullable: false),
            prefix = table.Column<string>(maxLength: 20, nullable: false),
            hash = table.Column<string>(maxLength: 64, nullable: false),
            is_session = table.Column<bool>(nullable: false),
            created_at = table.Column<DateTime>(nullable: false),
            expires_at = table.Column<DateTime>(nullable: false),
            revoked_at = table.Column<DateTime>(nullable: true),
        }, constraints: table =>
        {
            table.PrimaryKey("pk_access_tokens", t => t.id);
            table.ForeignKey("fk_access_tokens_account", t => t.account_id, "accounts", "id", onDelete: ReferentialAction.Cascade);
        });
        schema.CreateIndex("ux_access_tokens_hash", "access_tokens", "hash", unique: true);
    }
}
