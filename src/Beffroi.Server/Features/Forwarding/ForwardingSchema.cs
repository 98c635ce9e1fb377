// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Forwarding.Contract;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Server.Features.Forwarding;

internal sealed class ForwardingSchema : ISchemaPart
{
    public IEnumerable<SchemaStep> Steps => [new("0034-forwardings", First)];

    public void Configure(ModelBuilder model)
    {
        var rules = model.Page<ForwardingRules>("forwardings");
        rules.Property(r => r.Immediate).IsDestination();
        rules.Property(r => r.Busy).IsDestination();
        rules.Property(r => r.NoAnswer).IsDestination();
        rules.Property(r => r.Unreachable).IsDestination();
        rules.Property(r => r.NoAnswerAfter).HasConversion(t => (int)t.TotalSeconds, s => TimeSpan.FromSeconds(s)).HasColumnName("no_answer_after_s");
    }

    private static void First(MigrationBuilder schema) => schema.CreateTable("forwardings", table => new
    {
        id = table.Column<Guid>(nullable: false),
        organisation_id = table.Column<Guid>(nullable: false),
        do_not_disturb = table.Column<bool>(nullable: false),
        immediate = table.Column<string>(maxLength: 80, nullable: true),
        busy = table.Column<string>(maxLength: 80, nullable: true),
        no_answer = table.Column<string>(maxLength: 80, nullable: true),
        unreachable = table.Column<string>(maxLength: 80, nullable: true),
        no_answer_after_s = table.Column<int>(nullable: false),
        version = table.Column<int>(nullable: false),
    }, constraints: table =>
    {
        table.PrimaryKey("pk_forwardings", f => f.id);
        table.ForeignKey("fk_forwardings_extension", f => f.id, "extensions", "id", onDelete: ReferentialAction.Cascade);
    });
}
